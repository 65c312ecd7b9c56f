import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { refusals } from '@accord/age-proof';
import { formatPin, importTrustedList, type Pin, pinName, readPin } from '@accord/age-proof/trust';
import { dataFolder } from '@accord/server/operations';
import { type Surroundings, UsageError } from '../command.ts';

/** Something that the list or the pin says no to; the message is for the operator. */
class AgeTrustError extends Error {
  override readonly name = 'AgeTrustError';
}

async function pinnedAt(path: string): Promise<Pin | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const read = await readPin(text);
  if (!read.ok) throw new AgeTrustError(`${path} is ${refusals[read.code]} (${read.code}).`);
  return read.pin;
}

/** Written beside and moved over: a server that reads meanwhile sees the old list or the new one. */
async function keep(path: string, pin: Pin): Promise<void> {
  // Passable, because a managed database's own user lives further down.
  await mkdir(dirname(path), { recursive: true, mode: 0o711 });
  const beside = join(dirname(path), `.${pinName}.${process.pid}`);
  const file = await open(beside, 'w', 0o644);
  try {
    await file.writeFile(formatPin(pin));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

const told = (pin: Pin): string =>
  `${pin.anchors.length} ${pin.anchors.length === 1 ? 'authority' : 'authorities'}, list ${pin.sequence} of ${day(pin.issuedAt)}, to be renewed by ${day(pin.nextUpdate)}, signed by ${pin.signer}`;

/** Fingerprints as people write them: any case, with or without colons. */
function fingerprints(given: readonly string[]): readonly string[] {
  const bare = given.map((one) => one.replaceAll(':', '').toLowerCase());
  const wrong = bare.findIndex((one) => !/^[\da-f]{64}$/.test(one));
  if (wrong >= 0) throw new UsageError(`${given[wrong]} is not a SHA-256 in hexadecimal.`);
  return bare;
}

async function importList(file: string, given: readonly string[], path: string, around: Surroundings) {
  const pinned = await pinnedAt(path);
  // Once somebody was named, the next list by the same signer needs no word.
  const signers = given.length > 0 ? given : pinned === undefined ? [] : [pinned.signer];
  if (signers.length === 0) {
    throw new UsageError(
      'The first import names who signs the list: --signer with the SHA-256 of the certificate that its operator published.',
    );
  }
  const xml = await readFile(file, 'utf8');
  const imported = await importTrustedList(xml, {
    signers,
    now: around.now(),
    ...(pinned === undefined ? {} : { pinned }),
  });
  if (!imported.ok) {
    throw new AgeTrustError(`Nothing was changed. ${file}: ${refusals[imported.code]} (${imported.code}).`);
  }
  await keep(path, imported.pin);
  around.out(`Pinned in ${path}: ${told(imported.pin)}.`);
  if (imported.unusable > 0) {
    const [count, are, were] =
      imported.unusable === 1 ? ['certificate', 'is', 'was'] : ['certificates', 'are', 'were'];
    around.out(
      `${imported.unusable} listed ${count} ${are} of no authority that may sign proofs and ${were} left out.`,
    );
  }
}

/** `age trust import FILE` verifies a trusted list offline and pins its anchors; `age trust show` says what is pinned. */
export async function trust(args: readonly string[], around: Surroundings): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { signer: { type: 'string', multiple: true, default: [] }, out: { type: 'string' } },
    allowPositionals: true,
  });
  const [action, file, ...more] = positionals;
  if (more.length > 0) throw new UsageError('age trust takes one file.');
  const path = values.out ?? join(await dataFolder(await around.config()), pinName);
  if (action === 'import' && file !== undefined) {
    await importList(file, fingerprints(values.signer), path, around);
    return 0;
  }
  if (action !== 'show' || file !== undefined) throw new UsageError('age trust imports a FILE, or shows.');
  const pin = await pinnedAt(path);
  around.out(pin === undefined ? `Nothing is pinned in ${path}.` : `${told(pin)}.`);
  return 0;
}
