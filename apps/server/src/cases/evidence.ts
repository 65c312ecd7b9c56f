import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { CaseEvent } from '@accord/case-model';
import { canonical } from './canonical.ts';
import type { Parts } from './parts.ts';
import { signManifest } from './seal.ts';
import { stampFiles } from './stamps.ts';

interface File {
  readonly name: string;
  readonly text: string;
}

const codeOf = async (name: string): Promise<File> => ({
  name,
  text: await readFile(fileURLToPath(new URL(name, import.meta.url)), 'utf8'),
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const readme = `Evidence of one case, as Accord recorded it.

log.jsonl      every event in order: the canonical JSON (RFC 8785) that was signed, its SHA-256, the Ed25519 signature.
               Each entry names the hash of the one before it.
items.json     what the case is about, by the digests that the events name. Hashes of pictures are in it only where two
               people agreed that they be given out.
manifest.json  how many entries there are, the last hash, the public keys, the hashes of the other files; signed.
verify.mjs     checks all of it, offline, with timestamp.mjs: node verify.mjs
stamps.json    where a time-stamping authority was asked: its tokens (RFC 3161, base64 of DER) over the hashes of entries. An
               entry's hash names all before it. tsa.pem has the certificates that the operator trusts for that; compare
               them with those of the authority.

Names and contacts are not here. Each "identityDigest" is the SHA-256 of the canonical JSON of contact, salt and
signature: whoever holds those can show that they are the ones that were given.
`;

/** Items by their digests; a hash only where giving it out was agreed by two. */
async function itemsFile({ platform }: Parts, caseId: string, events: readonly CaseEvent[]): Promise<string> {
  const released = new Set(events.flatMap((event) => (event.type === 'hash_released' ? [event.itemId] : [])));
  const rows = await platform.db
    .selectFrom('case_item')
    .select(['id', 'kind', 'digest', 'place', 'hash', 'quality'])
    .where('case_id', '=', caseId)
    .orderBy('id')
    .execute();
  const items = rows.map(({ id, kind, digest, place, hash, quality }) => ({
    id,
    kind,
    digest,
    ...(place !== null && { place }),
    ...(hash !== null && released.has(id) && { pdq: hash.toString('hex'), quality }),
  }));
  return `${JSON.stringify(items, null, 2)}\n`;
}

/** The evidence of a case as the files of a folder, with the program that verifies it. */
export async function exportEvidence(parts: Parts, caseId: string): Promise<File[]> {
  const { db, clock } = parts.platform;
  const rows = await db
    .selectFrom('case_event')
    .select(['entry', 'hash', 'signature', 'kid'])
    .where('case_id', '=', caseId)
    .orderBy('seq')
    .execute();
  const keys = await db.selectFrom('evidence_key').select(['kid', 'public_key']).execute();
  const used = new Set(rows.map(({ kid }) => kid));
  const { key } = parts;
  const files: File[] = [
    {
      name: 'items.json',
      text: await itemsFile(
        parts,
        caseId,
        rows.map(({ entry }) => JSON.parse(entry) as CaseEvent),
      ),
    },
    { name: 'README.txt', text: readme },
    await codeOf('verify.mjs'),
    await codeOf('timestamp.mjs'),
    ...(await stampFiles(parts, caseId)),
  ];
  const manifest = canonical({
    format: 'accord/evidence/1',
    case: caseId,
    entries: rows.length,
    head: rows.at(-1)?.hash.toString('hex') ?? '',
    keys: Object.fromEntries(
      keys
        .filter(({ kid }) => used.has(kid) || kid === key.kid)
        .map(({ kid, public_key }) => [kid, public_key.toString('hex')]),
    ),
    files: Object.fromEntries(files.map(({ name, text }) => [name, sha256(text)])),
    exportedAt: new Date(clock()).toISOString(),
  });
  const signature = signManifest(key, manifest).toString('base64');
  const log = rows.map(({ entry, hash, signature: own, kid }) =>
    JSON.stringify({ entry, hash: hash.toString('hex'), signature: own.toString('base64'), kid }),
  );
  return [
    { name: 'log.jsonl', text: `${log.join('\n')}\n` },
    { name: 'manifest.json', text: `${JSON.stringify({ manifest, kid: key.kid, signature }, null, 2)}\n` },
    ...files,
  ];
}
