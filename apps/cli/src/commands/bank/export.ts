import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { BankedHash, BankTools } from '@accord/server/operations';
import { type Surroundings, UsageError } from '../../command.ts';

const columns = 'hash,picture,kind,anchor,quality,category,confidence,tags,source,at';

const quoted = (text: string): string => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const lineOf = (one: BankedHash): string =>
  [
    one.hash.toString('hex'),
    one.picture,
    one.kind,
    one.anchor ?? '',
    one.quality,
    one.category,
    one.confidence,
    quoted(one.tags.join(';').replaceAll(/[\r\n]/g, ' ')),
    quoted(one.source.replaceAll(/[\r\n]/g, ' ')),
    one.at.toISOString(),
  ].join(',');

/** Writes a bank to a new file, with a manifest beside it. */
export async function exportFrom(
  tools: BankTools,
  args: readonly string[],
  around: Surroundings,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { 'all-hashes': { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [name, path, ...rest] = positionals;
  if (name === undefined || path === undefined || rest.length > 0) {
    throw new UsageError('bank export wants the name of a bank and that of a new file.');
  }
  const bank = await tools.find(name);
  if (bank.owner !== 'own') {
    throw new UsageError(
      `${bank.name} belongs to ${bank.owner}: what a partner gave you is theirs to give on, and is not exported.`,
    );
  }
  const file = await open(path, 'wx', 0o600).catch((error: { code?: string }) => {
    throw new UsageError(
      error.code === 'EEXIST' ? `${path} exists already.` : `${path} can’t be written (${error.code}).`,
    );
  });
  const { 'all-hashes': all } = values;
  const held = (await tools.stats()).find((one) => one.id === bank.id);
  const total = (all ? held?.hashes : held?.pictures) ?? 0;
  const sum = createHash('sha256');
  let hashes = 0;
  const pictures = new Set<number>();
  try {
    const write = async (text: string) => {
      sum.update(text);
      await file.write(text);
    };
    await write(`${columns}\n`);
    for await (const page of tools.read(bank.name, { variants: all })) {
      await write(page.map((one) => `${lineOf(one)}\n`).join(''));
      hashes += page.length;
      around.progress?.(hashes, Math.max(total, hashes + 1));
      for (const { picture } of page) pictures.add(picture);
    }
    await file.sync();
    around.progress?.(1, 1);
  } finally {
    await file.close();
  }
  const { purpose, source, owner } = bank;
  const manifest = {
    format: 'accord-bank/1',
    bank: bank.name,
    purpose,
    source,
    owner,
    exportedAt: new Date(around.now()).toISOString(),
    pictures: pictures.size,
    hashes,
    allHashes: all,
    sha256: sum.digest('hex'),
  };
  const beside = await open(`${path}.manifest.json`, 'wx', 0o600);
  await beside.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
  await beside.close();
  around.out(`${path}: ${pictures.size} pictures, ${hashes} hashes.`);
  const left = (held?.hashes ?? 0) - hashes;
  if (!all && left > 0) {
    around.err(
      `${left} ${left === 1 ? 'hash of a crop or a region was' : 'hashes of crops and regions were'} left out: whoever imports this file finds no strongly cropped copies by it. To move a bank to a server of your own, add --all-hashes.`,
    );
  }
  around.err(
    'These hashes are of people’s pictures, and a rough likeness can sometimes be made from one. Give them to nobody unless two of you have agreed and the people asked for it.',
  );
  return 0;
}
