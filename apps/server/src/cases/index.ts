import { type RouteName, routes } from '@accord/protocol';
import type { Guard, Handlers } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';

type CaseRoute = Extract<RouteName, `cases.${string}`>;

/** The desk and the console. */
export interface Cases {
  readonly handlers: Handlers<CaseRoute>;
  readonly assertStaff: Guard['assertStaff'];
}

export function createCases(_platform: Platform): Cases {
  const away = async (): Promise<never> => {
    throw new Refusal('unavailable', { retryAfter: 60 });
  };
  const names = Object.keys(routes).filter((name) => name.startsWith('cases.'));
  return {
    handlers: Object.fromEntries(names.map((name) => [name, away])) as unknown as Handlers<CaseRoute>,
    async assertStaff() {
      throw new Refusal('not_found');
    },
  };
}
