import type { Matching } from '../matching/index.ts';
import type { Bank } from '../matching/types.ts';
import type { ApiKey, Hasher } from '../partners/index.ts';
import type { Outside } from '../platform/outside.ts';
import type { Platform } from '../platform/platform.ts';
import { refuse } from './signals.ts';

/** What the files of this interface share. */
export interface Parts {
  readonly platform: Platform;
  readonly matching: Matching;
  readonly hasher: Hasher;
  readonly outside: Outside;
  /** The banks that a key sees. */
  readonly seen: (key: ApiKey) => readonly Bank[];
}

/** A bank that the key sees. @throws {HmaRefusal} 404 */
export function bankOf({ seen }: Parts, key: ApiKey, name: string): Bank {
  const bank = seen(key).find((one) => one.name === name);
  if (bank === undefined) throw refuse(404, `bank '${name}' not found`);
  return bank;
}

/** The desk decides what is in its banks, and a partner what is in theirs. */
const isOurs = ({ owner, source }: Bank): boolean => owner === 'own' && source !== 'desk';

/** A bank that may be changed from outside. @throws {HmaRefusal} 404, 403 */
export function ownBankOf(parts: Parts, key: ApiKey, name: string): Bank {
  const bank = bankOf(parts, key, name);
  if (!isOurs(bank)) throw refuse(403, `bank '${name}' belongs to the desk or to a partner`);
  return bank;
}
