/**
 * PDQ: speed beside the C++ reference, the same module in Chromium, and recall by edit.
 * Options: `--only=speed|browser|recall`, `--banked=220`, `--edited=12`, `--edits=0-99`.
 */
import { PdqEngine } from '@accord/perceptual';
import { builtKernel } from '@accord/perceptual/testing';
import { benchBrowser } from './browser.ts';
import { benchRecall } from './recall.ts';
import { benchSpeed } from './speed.ts';

function option(name: string, fallback: string): string {
  const found = process.argv.find((word) => word.startsWith(`--${name}=`));
  return found?.slice(name.length + 3) ?? fallback;
}

const bytes = await builtKernel();
const engine = await PdqEngine.load(bytes);
const only = option('only', 'all');
const wanted = (part: string) => only === 'all' || only === part;

if (wanted('speed')) benchSpeed(engine, await PdqEngine.load(bytes, 'scalar'));
if (wanted('browser')) await benchBrowser(engine);
if (wanted('recall')) {
  const [first = 0, last = first + 1] = option('edits', '0-99').split('-').map(Number);
  await benchRecall(engine, Number(option('banked', '330')), Number(option('edited', '6')), [first, last]);
}
