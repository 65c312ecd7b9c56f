import type { FastifyInstance } from 'fastify';
import type { Purge } from './platform/housekeeping.ts';
import type { Platform } from './platform/platform.ts';

/** What the features leave to the process: what to purge, and how to end them in order. */
export interface Features {
  readonly purges: readonly Purge[];
  /** Ends what they have under way: sends are answered, sockets closed. */
  stop(): Promise<void>;
}

/** Builds every feature on the platform and adds its routes, in reading order. */
export function addFeatures(_app: FastifyInstance, _platform: Platform): Features {
  return { purges: [], stop: async () => {} };
}
