import { routes } from '@accord/protocol';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Media } from './types.ts';

export { openFranking } from './franking.ts';
export type { Media } from './types.ts';

/** Sealed pictures. */
export function createMedia(_platform: Platform): Pick<Media, 'handlers'> {
  const away = async (): Promise<never> => {
    throw new Refusal('unavailable', { retryAfter: 60 });
  };
  const names = Object.keys(routes).filter((name) => name.startsWith('media.'));
  return { handlers: Object.fromEntries(names.map((name) => [name, away])) as unknown as Media['handlers'] };
}
