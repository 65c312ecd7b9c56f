import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CheckItem,
  type CheckResult,
  checkItem,
  partnerLimits,
  type V1,
} from '@accord/protocol/partners';
import { aggregate, blocks, leastQuality, type Matching } from '../matching/index.ts';
import type { Bank, BankMatch, KindHash } from '../matching/types.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Partner, PartnerHandlers } from './door.ts';
import type { Hasher } from './hasher.ts';
import type { ApiKey } from './keys.ts';

interface Parts {
  readonly matching: Matching;
  readonly hasher: Hasher;
  readonly seen: (key: ApiKey) => readonly Bank[];
}

/** What a picture costs beside a hash: its decoding is most of a call's work. */
const pictureCost = 10;
/** Lines of a stream that are asked at once. */
const linesAtOnce = 500;
/** Bytes of one line: a picture in base64, and what is around it. */
const lineBytes = Math.ceil(partnerLimits.pictureBytes / 3) * 4 + 1024;
const dropBytes = 64 * 1024 * 1024;

interface How {
  readonly banks: readonly Bank[];
  readonly radius: number | undefined;
}

/** A match as a key may know it: what is said in banks that it does not see is not there. */
function shown(match: BankMatch, banks: readonly Bank[]): CheckResult['matches'][number] {
  const names = new Set(banks.map(({ name }) => name));
  const weighed = new Set(
    banks.flatMap(({ name, enabled, purpose }) => (enabled && purpose !== 'trusted' ? [name] : [])),
  );
  const opinions = match.opinions.filter(({ bank }) => names.has(bank));
  const standing = aggregate(
    opinions.filter(({ bank }) => weighed.has(bank)).map((said) => ({ ...said, at: said.at.getTime() })),
  );
  return {
    picture: String(match.signalId),
    distance: match.distance,
    kind: match.kind,
    standing,
    blocks: blocks(standing),
    banks: [...match.banks],
    opinions: opinions.map((said) => ({ ...said, tags: [...said.tags], at: said.at.getTime() })),
  };
}

const answered = (matches: readonly BankMatch[], banks: readonly Bank[]) => ({
  status: matches.length > 0 ? ('match' as const) : ('none' as const),
  matches: matches.map((match) => shown(match, banks)),
});

/** Checks one picture: the very file, and by all the hashes that find edited copies of it. */
async function checkPicture(parts: Parts, file: Uint8Array, how: How): Promise<CheckResult> {
  const digests = ['md5', 'sha256'].map((name) => createHash(name).update(file).digest());
  const banks = how.banks.map(({ name }) => name);
  const [same, { matches: near, ...result }] = await Promise.all([
    parts.matching.banks.lookupFiles(digests, { banks }),
    checkLook(parts, file, how),
  ]);
  // A file that is known is known, also one that shows nothing to us.
  const known = answered(same.flat(), how.banks);
  return known.status === 'none'
    ? { ...result, matches: near }
    : { ...result, status: 'match', matches: [...known.matches, ...near] };
}

/** What a picture looks like. */
async function checkLook({ matching, hasher }: Parts, file: Uint8Array, how: How): Promise<CheckResult> {
  const outcome = await hasher.hash(file, 'query');
  if ('refused' in outcome) return { status: 'refused', code: outcome.refused, matches: [] };
  const hash = { pdq: outcome.pdq, quality: outcome.quality };
  if (outcome.quality < leastQuality) return { status: 'unverifiable', hash, matches: [] };
  const asked: KindHash[] = [
    { kind: 'whole', hash: Buffer.from(outcome.pdq, 'hex') },
    ...outcome.variants.map(
      (one) => ({ kind: one.kind === 'region' ? 'region' : 'whole', hash: one.hash }) as const,
    ),
  ];
  const names = how.banks.map(({ name }) => name);
  const found = await matching.banks.lookupPicture(asked, { banks: names, ...radiusOf(how) });
  return { hash, ...answered(found, how.banks) };
}

const radiusOf = ({ radius }: How) => (radius === undefined ? {} : { radius });

/** Checks many; the answers in the order of the items. */
async function checkAll(parts: Parts, items: readonly CheckItem[], how: How): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const [hashes, digests] = [new Map<number, Buffer>(), new Map<number, Buffer>()];
  for (const [at, item] of items.entries()) {
    const ref = item.ref === undefined ? {} : { ref: item.ref };
    results[at] = { ...ref, status: 'none', matches: [] };
    if ('picture' in item) {
      const file = Buffer.from(item.picture, 'base64');
      results[at] = { ...ref, ...(await checkPicture(parts, file, how)) };
    } else if ('md5' in item) digests.set(at, Buffer.from(item.md5, 'hex'));
    else if ('sha256' in item) digests.set(at, Buffer.from(item.sha256, 'hex'));
    else if (item.quality !== undefined && item.quality < leastQuality) {
      results[at] = { ...ref, status: 'unverifiable', matches: [] };
    } else hashes.set(at, Buffer.from(item.pdq, 'hex'));
  }
  const names = how.banks.map(({ name }) => name);
  if (names.length === 0) return results;
  const { banks } = parts.matching;
  const lookups = await Promise.all([
    hashes.size === 0 ? [] : banks.lookupMany([...hashes.values()], { banks: names, ...radiusOf(how) }),
    digests.size === 0 ? [] : banks.lookupFiles([...digests.values()], { banks: names }),
  ]);
  for (const [which, asked] of [hashes, digests].entries()) {
    for (const [n, at] of [...asked.keys()].entries()) {
      const matches = lookups[which]?.[n] ?? [];
      if (matches.length > 0)
        results[at] = { ...(results[at] as CheckResult), ...answered(matches, how.banks) };
    }
  }
  return results;
}

const costOf = (items: readonly CheckItem[]): number =>
  items.reduce((cost, item) => cost + ('picture' in item ? pictureCost : 1), 0);

type CheckRoute = 'status.read' | 'checks.create' | 'checks.picture' | 'checks.stream';

export function checkHandlers(parts: Parts): Pick<PartnerHandlers<V1>, CheckRoute> {
  const { matching, seen } = parts;
  const howOf = (key: ApiKey, named?: readonly string[], radius?: number): How => {
    const all = seen(key);
    if (named?.some((name) => !all.some((bank) => bank.name === name)) === true) {
      throw new Refusal('invalid_input', { field: 'banks' });
    }
    return { banks: all.filter(({ name }) => named?.includes(name) ?? true), radius };
  };
  return {
    async 'status.read'({ partner: { key } }) {
      return {
        key: key.id,
        scopes: [...key.scopes],
        banks: seen(key).map(({ name }) => name),
        perMinute: key.perMinute,
        bankEpoch: await matching.banks.epoch(),
      };
    },
    async 'checks.create'({ body: { items, banks, radius }, partner }) {
      const how = howOf(partner.key, banks, radius);
      if (items.filter((item) => 'picture' in item).length > partnerLimits.pictures) {
        throw new Refusal('too_large', { field: 'items' });
      }
      partner.spend(costOf(items) - 1);
      const bankEpoch = await matching.banks.epoch();
      return { bankEpoch, results: await checkAll(parts, items, how) };
    },
    async 'checks.picture'({ request, partner }) {
      if (!Buffer.isBuffer(request.body) || request.body.length === 0)
        throw new Refusal('invalid_input', { field: 'body' });
      partner.spend(pictureCost - 1);
      return checkPicture(parts, request.body, howOf(partner.key));
    },
    async 'checks.stream'({ request, reply, partner }) {
      if (!(request.body instanceof Readable)) throw new Refusal('invalid_input', { field: 'body' });
      const how = howOf(partner.key);
      const answers = Readable.from(streamed(parts, request.body, how, partner));
      // Where the answer ends first, what is still on its way must not stand before another request.
      return reply.header('connection', 'close').type('application/x-ndjson').send(answers);
    },
  };
}

/** Lines in, lines out: what has come is asked at once, and the next is read when its answers are taken. */
async function* streamed(parts: Parts, body: Readable, how: How, partner: Partner): AsyncGenerator<string> {
  try {
    for await (const lines of linesOf(piecesOf(body))) yield await answersTo(parts, lines, how, partner);
  } catch (error) {
    // The answer has begun: what ends it is its last line.
    if (!(error instanceof Refusal)) throw error;
    yield `${JSON.stringify(refusedLine(error.code))}\n`;
    await drop(piecesOf(body));
  }
}

/** A body that can be read on after a reader has stopped. */
const piecesOf = (body: Readable): AsyncIterable<Buffer> => body.iterator({ destroyOnReturn: false });

/** Reads on for a while what nobody wants: a connection that is closed on a sender takes the answer with it. */
async function drop(pieces: AsyncIterable<Buffer>): Promise<void> {
  let left = dropBytes;
  for await (const piece of pieces) {
    left -= piece.length;
    if (left < 0) return;
  }
}

async function answersTo(
  parts: Parts,
  lines: readonly string[],
  how: How,
  partner: Partner,
): Promise<string> {
  const items = lines.map(itemOf);
  const known = items.filter((item) => item !== undefined);
  await spendInTime(partner, costOf(known));
  const results = await checkAll(parts, known, how).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    return known.map(({ ref }) => ({ ...(ref !== undefined && { ref }), ...refusedLine(error.code) }));
  });
  const told = items.map((item) => (item === undefined ? refusedLine('invalid_input') : results.shift()));
  return `${told.map((result) => JSON.stringify(result)).join('\n')}\n`;
}

const refusedLine = (code: string): CheckResult => ({ status: 'refused', code, matches: [] });

function itemOf(line: string): CheckItem | undefined {
  try {
    const parsed = checkItem.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Who streams faster than their key may is read more slowly. */
async function spendInTime(partner: Partner, cost: number): Promise<void> {
  for (;;) {
    try {
      return partner.spend(cost);
    } catch (error) {
      if (!(error instanceof Refusal) || error.retryAfter === undefined) throw error;
      await sleep(Math.min(5, error.retryAfter) * 1000);
    }
  }
}

/** The complete lines of each piece that came, so many at once. @throws {Refusal} `too_large` for an endless line */
async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const piece of pieces) {
    const end = piece.lastIndexOf(10);
    if (end === -1) {
      rest.push(piece);
      restBytes += piece.length;
      if (restBytes > lineBytes) throw new Refusal('too_large');
      continue;
    }
    const text = Buffer.concat([...rest, piece.subarray(0, end)]).toString();
    rest = [piece.subarray(end + 1)];
    restBytes = piece.length - end - 1;
    yield* inParts(text);
  }
  yield* inParts(Buffer.concat(rest).toString());
}

function* inParts(text: string): Generator<string[]> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  for (let from = 0; from < lines.length; from += linesAtOnce) yield lines.slice(from, from + linesAtOnce);
}
