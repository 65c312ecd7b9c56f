import type { Log } from '../platform/log.ts';
import type { Platform } from '../platform/platform.ts';
import type { Keys } from './keys.ts';
import type { Library } from './library.ts';

/** What the parts of this feature share. */
export interface Parts {
  readonly platform: Platform;
  /** A stream of its own: no line of it can be laid beside one of a feature that knows accounts. */
  readonly log: Log;
  readonly library: Library;
  readonly keys: Keys;
}
