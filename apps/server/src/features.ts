import type { FastifyInstance } from 'fastify';
import { createAccounts } from './accounts/index.ts';
import { createGate } from './gate/index.ts';
import type { Purge } from './platform/housekeeping.ts';
import { type Guard, serve } from './platform/http.ts';
import type { Platform } from './platform/platform.ts';

/** What the features leave to the process: what to purge, and how to end them in order. */
export interface Features {
  readonly purges: readonly Purge[];
  /** Ends what they have under way: sends are answered, sockets closed. */
  stop(): Promise<void>;
}

/** Builds every feature on the platform and adds its routes, in reading order. */
export function addFeatures(app: FastifyInstance, platform: Platform): Features {
  const gate = createGate(platform);
  const accounts = createAccounts(platform, gate);
  const guard: Guard = { caller: accounts.caller, assertMayTalk: gate.assertMayTalk };

  serve(app, guard, accounts.handlers);
  serve(app, guard, gate.handlers);
  gate.registerPages(app);
  return {
    purges: [...accounts.purges, ...gate.purges],
    stop: async () => {},
  };
}
