import type { Wipe } from './types.ts';

/**
 * Overwrites used-up secrets. Best effort: the engine may hold copies. ts-mls's own helper first fills with random
 * bytes, which gains nothing here and draws randomness that was not passed in.
 */
export function wipeLater(secrets: readonly Uint8Array[]): Wipe {
  return () => {
    for (const secret of secrets) secret.fill(0);
  };
}
