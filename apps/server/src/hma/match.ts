import type { Hma } from '@accord/protocol/partners';
import type { ApiKey, PartnerHandlers } from '../partners/index.ts';
import { hashAddress, hashUpload } from './hash.ts';
import { matchesAt, notedOf, nothingNoted } from './notes.ts';
import type { Parts } from './parts.ts';
import { contentIdOf, readSignal, readSignalType, refuse, type SignalType, signalTypes } from './signals.ts';

/** One content near a question. */
interface Found {
  readonly id: number;
  readonly bank: string;
  readonly distance: string;
}

interface Question {
  readonly key: ApiKey;
  readonly type: SignalType;
  readonly hash: Buffer;
  /** Names with commas between; all that the key sees by default. */
  readonly banks: string | undefined;
  /** Of contents and banks that are switched off, and of those that people here say are none, too. */
  readonly raw: boolean;
}

async function find(parts: Parts, { key, type, hash, banks: names, raw }: Question): Promise<Found[]> {
  const { matching, platform } = parts;
  const wanted = names === undefined || names === '' ? undefined : new Set(names.split(','));
  const banks = parts.seen(key).filter(({ name }) => wanted?.has(name) ?? true);
  const on = raw ? banks : banks.filter(({ enabled }) => enabled);
  if (on.length === 0) return [];
  const asked = { banks: on.map(({ name }) => name), disabledToo: raw };
  const near = await (type === 'pdq'
    ? matching.banks.lookup(hash, asked)
    : matching.banks.lookupFiles([hash], asked).then(([same = []]) => same));
  const ids = new Map(on.map(({ name, id }) => [name, id]));
  const found = near.flatMap(({ signalId, distance, standing, banks: holding }) =>
    // People here looked at it and say that it is none: their word outweighs a partner's.
    !raw && standing === 'negative'
      ? []
      : holding.flatMap((bank): Found[] => {
          const bankId = ids.get(bank);
          if (bankId === undefined) return [];
          const id = contentIdOf({ type, of: signalId, bankId });
          return [{ id, bank, distance: type === 'pdq' ? String(distance) : '-' }];
        }),
  );
  if (raw || found.length === 0) return found;
  const noted = await notedOf(
    platform.db,
    found.map(({ id }) => id),
  );
  const now = platform.clock();
  return found.filter(({ id }) => matchesAt(noted.get(id) ?? nothingNoted, now));
}

const matchOf = ({ id, distance }: Found) => ({ bank_content_id: id, distance });

function byBank(found: readonly Found[]): Record<string, ReturnType<typeof matchOf>[]> {
  const banks: Record<string, ReturnType<typeof matchOf>[]> = {};
  for (const one of found) banks[one.bank] = [...(banks[one.bank] ?? []), matchOf(one)];
  return banks;
}

const differingBits = (one: Buffer, other: Buffer): number =>
  one.reduce((bits, byte, at) => bits + popcount(byte ^ (other[at] ?? 0)), 0);
const popcount = (byte: number): number => byte.toString(2).replaceAll('0', '').length;

function compareSignals(
  type: SignalType,
  pair: readonly string[],
  radius: number,
): [boolean, { distance?: number }] {
  const [one, other] = pair.map((text) => readSignal(type, text));
  if (one === undefined || other === undefined)
    throw refuse(400, 'Comparison hash list length must be exactly 2');
  if (type === 'video_md5') return [one.equals(other), {}];
  const distance = differingBits(one, other);
  return [distance <= radius, { distance }];
}

type MatchRoute = 'raw.lookup' | 'lookup' | 'lookup.file' | 'index.status' | 'compare' | 'signalTypes.index';

export function matchHandlers(parts: Parts): Pick<PartnerHandlers<Hma>, MatchRoute> {
  const sizes = indexSizes(parts);
  const only = (name: string | undefined) => (name === undefined ? signalTypes : [readSignalType(name)]);
  return {
    async 'raw.lookup'({ query, partner }) {
      const type = readSignalType(query.signal_type);
      const hash = readSignal(type, query.signal);
      const found = await find(parts, { key: partner.key, type, hash, banks: query.banks, raw: true });
      return { matches: found.map((one) => (query.include_distance === true ? matchOf(one) : one.id)) };
    },
    async lookup({ query, partner }) {
      const { key } = partner;
      const ask = async (type: SignalType, digits: string) =>
        byBank(
          await find(parts, { key, type, hash: readSignal(type, digits), banks: query.banks, raw: false }),
        );
      if (query.url) {
        const { type, digits } = await hashAddress(parts, query.url, query);
        const found = digits === '' ? {} : await ask(type, digits);
        if (query.signal_type === undefined) return { [type]: found };
        return query.signal_type === type ? found : {};
      }
      if (!query.signal || !query.signal_type) {
        throw refuse(400, 'Either url or both signal and signal_type are required');
      }
      return ask(readSignalType(query.signal_type), query.signal);
    },
    async 'lookup.file'({ query, partner, request }) {
      const { type, digits } = await hashUpload(parts, request, query.types);
      if (digits === '') return { [type]: {} };
      const hash = readSignal(type, digits);
      return {
        [type]: byBank(await find(parts, { key: partner.key, type, hash, banks: query.banks, raw: false })),
      };
    },
    async 'index.status'({ query }) {
      const built_to = Math.floor(parts.platform.clock() / 1000);
      const size = await sizes();
      return Object.fromEntries(
        only(query.signal_type).map((type) => [type, { present: true, built_to, size: size[type] }]),
      );
    },
    async compare({ body }) {
      return Object.fromEntries(
        Object.entries(body).map(([name, pair]) => [
          name,
          compareSignals(readSignalType(name), pair, parts.matching.threshold.radius()),
        ]),
      ) as Record<string, [boolean, { distance: number }]>;
    },
    async 'signalTypes.index'({ query }) {
      const now = Math.floor(parts.platform.clock() / 1000);
      const size = await sizes();
      return Object.fromEntries(
        only(query.signal_type).map((type) => [
          type,
          {
            db_size: size[type],
            index_size: size[type],
            index_out_of_date: false,
            newest_db_item: now,
            index_built_to: now,
          },
        ]),
      );
    },
  };
}

/** Counting millions takes a second: then a count holds for a minute. A quick one is made anew after each change. */
const slowMs = 50;
const holdMs = 60_000;

function indexSizes({ matching, platform }: Parts): () => Promise<Record<SignalType, number>> {
  let known:
    | {
        readonly epoch: number;
        readonly at: number;
        readonly took: number;
        readonly size: Record<SignalType, number>;
      }
    | undefined;
  return async () => {
    const [epoch, at] = [await matching.banks.epoch(), platform.clock()];
    const holds =
      known !== undefined && (known.epoch === epoch || (known.took > slowMs && at - known.at < holdMs));
    if (!holds) {
      const began = performance.now();
      const { pictures, files } = await matching.banks.count();
      const size = { pdq: pictures, video_md5: files };
      known = { epoch, at, took: performance.now() - began, size };
    }
    return known?.size ?? { pdq: 0, video_md5: 0 };
  };
}
