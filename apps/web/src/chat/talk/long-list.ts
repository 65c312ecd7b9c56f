/** So many in a part: to copy one is nothing, and 20,000 items are 157 parts. */
const partSize = 128;

/** Some neighbours of a list, and where each of them stands once somebody asks. */
class Part<T> {
  readonly items: readonly T[];
  #places: ReadonlyMap<string, number> | undefined;

  constructor(items: readonly T[]) {
    this.items = items;
  }

  placeOf(key: string, keyOf: (item: T) => string): number {
    this.#places ??= new Map(this.items.map((item, place) => [keyOf(item), place]));
    return this.#places.get(key) ?? -1;
  }
}

/**
 * A list of items with a key each, which is never changed in place. A change copies the parts that it touches and
 * shares the others, so that one more of 20,000 costs what one more of 200 does.
 */
export class LongList<T> implements Iterable<T> {
  readonly length: number;
  readonly #keyOf: (item: T) => string;
  readonly #parts: readonly Part<T>[];
  /** Where each part begins. */
  readonly #starts: readonly number[];

  private constructor(keyOf: (item: T) => string, parts: readonly Part<T>[]) {
    let length = 0;
    this.#keyOf = keyOf;
    this.#parts = parts;
    this.#starts = parts.map(({ items }) => {
      length += items.length;
      return length - items.length;
    });
    this.length = length;
  }

  static of<T>(keyOf: (item: T) => string, items: readonly T[] = []): LongList<T> {
    return new LongList(keyOf, partsOf(items));
  }

  /** As an array's: from the end where `index` is negative. */
  at(index: number): T | undefined {
    const from = index < 0 ? index + this.length : index;
    const place = this.#partAt(from);
    return this.#parts[place]?.items[from - (this.#starts[place] ?? 0)];
  }

  /** The part in which `index` lies, the last one where it lies behind all; -1 in an empty list. */
  #partAt(index: number): number {
    let low = 0;
    let high = this.#parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return high < 0 ? -1 : low;
  }

  /** Where the item with a key stands; -1 where there is none. Mostly it is near the end. */
  indexOf(key: string): number {
    for (let place = this.#parts.length - 1; place >= 0; place -= 1) {
      const within = this.#parts[place]?.placeOf(key, this.#keyOf) ?? -1;
      if (within >= 0) return (this.#starts[place] ?? 0) + within;
    }
    return -1;
  }

  find(key: string): T | undefined {
    const index = this.indexOf(key);
    return index < 0 ? undefined : this.at(index);
  }

  findLast<S extends T>(wanted: (item: T) => item is S): S | undefined;
  findLast(wanted: (item: T) => boolean): T | undefined;
  findLast(wanted: (item: T) => boolean): T | undefined {
    for (let place = this.#parts.length - 1; place >= 0; place -= 1) {
      const found = this.#parts[place]?.items.findLast(wanted);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The list with `items` in the place of the `count` that stand from `index` on. */
  splice(index: number, count: number, items: readonly T[]): LongList<T> {
    const first = this.#partAt(index);
    const last = this.#partAt(index + count);
    const before = this.#parts[first]?.items.slice(0, index - (this.#starts[first] ?? 0)) ?? [];
    const after = this.#parts[last]?.items.slice(index + count - (this.#starts[last] ?? 0)) ?? [];
    return new LongList(this.#keyOf, [
      ...this.#parts.slice(0, Math.max(0, first)),
      ...partsOf([...before, ...items, ...after]),
      ...this.#parts.slice(last + 1),
    ]);
  }

  /** The items from `index` on, as an array. */
  slice(index = 0): T[] {
    const first = Math.max(0, this.#partAt(index));
    return this.#parts
      .slice(first)
      .flatMap(({ items }) => items)
      .slice(index - (this.#starts[first] ?? 0));
  }

  /** How many items this list and another begin with alike. */
  sharedWith(other: LongList<T>): number {
    const place = this.#parts.findIndex((part, index) => part !== other.#parts[index]);
    if (place < 0) return this.length;
    const shorter = Math.min(this.length, other.length);
    let index = this.#starts[place] ?? 0;
    while (index < shorter && this.at(index) === other.at(index)) index += 1;
    return index;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const { items } of this.#parts) yield* items;
  }
}

function partsOf<T>(items: readonly T[]): Part<T>[] {
  const parts: Part<T>[] = [];
  for (let from = 0; from < items.length; from += partSize)
    parts.push(new Part(items.slice(from, from + partSize)));
  return parts;
}
