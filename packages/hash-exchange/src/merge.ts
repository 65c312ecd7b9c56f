import type { Opinion, Signal, Update } from './types.ts';

/*
 * Pages come out of order, twice, and again after a kill. What a record is must not depend on how often or in which order we
 * heard of it: each update has a place in the order in which the peer told them, and the merge is a maximum over places.
 */

/** Where an update stands in the peer's telling: counted up over pages and windows, as far as they were kept. */
export type Place = number;

/** What was said of a record so far. */
export interface Known {
  /** The update that speaks, if the record was ever stated. */
  readonly stated: { readonly update: Update; readonly place: Place } | null;
  /** The last word that took it back, by place and by the peer's clock; null when none did. */
  readonly gone: { readonly place: Place; readonly at: number } | null;
}

export const unheard: Known = { stated: null, gone: null };

/** `clock`: the peer's newest snapshot speaks, whichever page it is on. `told`: the one it told last, even with an older time. */
export type Order = 'clock' | 'told';

type Stated = NonNullable<Known['stated']>;

function newer(one: Stated, other: Stated, order: Order): Stated {
  if (order === 'clock' && one.update.at !== other.update.at) {
    return one.update.at > other.update.at ? one : other;
  }
  if (one.place !== other.place) return one.place > other.place ? one : other;
  // The same place twice is the same update, unless a peer lies: any fixed choice will do.
  return JSON.stringify(one.update) >= JSON.stringify(other.update) ? one : other;
}

/** Both together. Commutative, associative and idempotent, so that no order and no repetition changes the outcome. */
export function merge(one: Known, other: Known, order: Order): Known {
  const stated =
    one.stated === null || other.stated === null
      ? (one.stated ?? other.stated)
      : newer(one.stated, other.stated, order);
  const gone =
    one.gone === null || other.gone === null
      ? (one.gone ?? other.gone)
      : { place: Math.max(one.gone.place, other.gone.place), at: Math.max(one.gone.at, other.gone.at) };
  return { stated, gone };
}

export const heard = (update: Update, place: Place): Known =>
  update.withdrawn
    ? { stated: null, gone: { place, at: update.at } }
    : { stated: { update, place }, gone: null };

/**
 * Whether the record stands. Taking back wins: only what was said after it, both in the peer's telling and by its clock, brings a
 * record back.
 */
export const stands = ({ stated, gone }: Known): boolean =>
  stated !== null && (gone === null || (stated.place > gone.place && stated.update.at > gone.at));

/** One voice about one value: what becomes an opinion of a bank. */
export interface Voice {
  readonly signal: Signal;
  readonly opinion: Opinion;
}

/** What a record comes to: every voice that stands, about every value that it is about; none of ours that came back. */
export function voicesOf(known: Known): Voice[] {
  const { stated } = known;
  if (stated === null || !stands(known)) return [];
  const { signals, opinions } = stated.update;
  return signals.flatMap((signal) =>
    opinions
      .filter(({ of, ours }) => ours !== true && (of === undefined || of === signal.type))
      .map((opinion) => ({ signal, opinion })),
  );
}
