import { HashIndexError } from './errors.ts';

const MAX_BANKS = 32;
const MAX_NAME_BYTES = 64;

/** The banks of an index: names in order, the n-th of which is bit n of a mask. */
export class Banks {
  readonly names: readonly string[];
  /** All bits that are banks. */
  readonly all: number;

  /** Throws `bank.names` unless there are 1 to 32 distinct names of 1 to 64 UTF-8 bytes. */
  constructor(names: readonly string[]) {
    const encoder = new TextEncoder();
    const fits = names.every((name) => {
      const { length } = encoder.encode(name);
      return name.isWellFormed() && length >= 1 && length <= MAX_NAME_BYTES;
    });
    if (!fits || names.length < 1 || names.length > MAX_BANKS || new Set(names).size !== names.length) {
      throw new HashIndexError('bank.names');
    }
    this.names = [...names];
    this.all = 2 ** names.length - 1;
  }

  /** The mask of these banks. Throws `bank.unknown`. */
  mask(...names: readonly string[]): number {
    let mask = 0;
    for (const name of names) {
      const bit = this.names.indexOf(name);
      if (bit < 0) throw new HashIndexError('bank.unknown');
      mask |= 1 << bit;
    }
    return mask >>> 0;
  }
}
