import { DIHEDRALS, type Dihedral, REVIEW_DISTANCE, turned } from '@accord/perceptual';
import { sql } from 'kysely';
import type { Queries } from '../platform/database.ts';
import type { Library } from './library.ts';
import { type Hit, registeredBit, shelvesOf } from './live-index.ts';
import { bankMask, type Near, picturesNear, saidOf } from './lookup.ts';
import type { Neighbours } from './types.ts';

/** Of each kind, nearest first: what a person looks at. */
const mostShown = 10;
const on = shelvesOf(['whole', 'part']);

interface Turned extends Near {
  readonly turn: Dihedral;
}

/**
 * Everything near one picture, by its plain hash: as it is within the distance of a match; turned and mirrored, where the
 * hash is a guess, within the distance at which a person should look.
 */
export async function neighboursOf(
  { queries, library }: { readonly queries: Queries; readonly library: Library },
  hash: Uint8Array,
): Promise<Neighbours> {
  const { index, banks, radius } = library.loaded;
  const mask = (bankMask(banks.values(), () => true) | registeredBit) >>> 0;
  const hashes = turned(hash);
  const turns = DIHEDRALS.filter((turn) => turn !== 'original');
  const [straight, others] = await Promise.all([
    index.search([hashes.original], { on, radius, banks: mask }),
    index.search(
      turns.map((turn) => hashes[turn]),
      { on, radius: REVIEW_DISTANCE, banks: mask },
    ),
  ]);
  const found = new Map<string, Turned>();
  const gather = async (turn: Dihedral, hits: readonly Hit[]) => {
    for (const near of hits.length === 0 ? [] : await picturesNear(queries, hits)) {
      const key = `${near.signalId}/${near.registeredId}`;
      const known = found.get(key);
      if (known === undefined || near.distance < known.distance) found.set(key, { ...near, turn });
    }
  };
  await gather('original', straight[0] ?? []);
  for (const [at, turn] of turns.entries()) await gather(turn, others[at] ?? []);
  const nearest = [...found.values()].sort((one, other) => one.distance - other.distance);
  return {
    banked: await bankedOf(queries, library, nearest),
    registered: await registeredOf(queries, nearest),
  };
}

const shapeOf = ({ distance, kind, turn }: Turned) => ({
  distance,
  kind: kind === 'part' ? ('part' as const) : ('whole' as const),
  turn,
});

async function bankedOf(
  queries: Queries,
  library: Library,
  nearest: readonly Turned[],
): Promise<Neighbours['banked']> {
  const own = nearest
    .flatMap((near) => (near.signalId === null ? [] : [{ ...near, id: near.signalId }]))
    .slice(0, mostShown);
  if (own.length === 0) return [];
  const ids = own.map(({ id }) => id);
  const said = await saidOf(queries, library.loaded.banks, ids);
  const rows = await queries
    .selectFrom('bank_signal')
    .select(['id', 'quality'])
    .where(sql<boolean>`id = any(${ids}::integer[])`)
    .execute();
  const qualities = new Map(rows.map(({ id, quality }) => [id, quality]));
  return own.flatMap((near) =>
    (said.get(near.id) ?? [])
      .filter(({ withdrawn, bank }) => !withdrawn && bank.enabled)
      .map(({ bank, source, category, ours, at }) => ({
        ...shapeOf(near),
        quality: qualities.get(near.id) ?? 0,
        bank: bank.name,
        source,
        category,
        ours,
        at: new Date(at),
      })),
  );
}

async function registeredOf(queries: Queries, nearest: readonly Turned[]): Promise<Neighbours['registered']> {
  const own = nearest
    .flatMap((near) => (near.registeredId === null ? [] : [{ ...near, id: near.registeredId }]))
    .slice(0, mostShown);
  if (own.length === 0) return [];
  const rows = await queries
    .selectFrom('registered_picture')
    .select(['id', 'quality', 'state'])
    .where(sql<boolean>`id = any(${own.map(({ id }) => id)}::integer[])`)
    .execute();
  const known = new Map(rows.map((row) => [row.id, row]));
  return own.flatMap((near) => {
    const row = known.get(near.id);
    return row === undefined ? [] : [{ ...shapeOf(near), quality: row.quality, open: row.state === 'open' }];
  });
}
