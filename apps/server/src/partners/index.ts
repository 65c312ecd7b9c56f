import type { AddressInfo } from 'node:net';
import type { PartnerRoute } from '@accord/protocol/partners';
import type { Matching } from '../matching/index.ts';
import type { Bank } from '../matching/types.ts';
import { ConfigError } from '../platform/config.ts';
import { createFetcher, type Fetcher } from '../platform/fetch-policy.ts';
import type { Platform } from '../platform/platform.ts';
import { createDoor } from './door.ts';
import { Hasher } from './hasher.ts';
import type { ApiKey } from './keys.ts';

export type { PartnerHandlers, Told } from './door.ts';
export type { Hasher, HashOutcome } from './hasher.ts';
export { type ApiKey, createKey, listApiKeys, type NewKey, revokeApiKey } from './keys.ts';

/** Other platforms: their keys, the listener, and what its interfaces share. */
export interface Partners {
  readonly hasher: Hasher;
  readonly fetcher: Fetcher;
  /** The banks that a key sees; those of what is only claimed where they are named alone. */
  readonly seen: (key: ApiKey) => readonly Bank[];
  readonly serve: ReturnType<typeof createDoor>['serve'];
  readonly hasRoute: (route: Pick<PartnerRoute, 'method' | 'path'>) => boolean;
  /** Listens where the configuration says; undefined when it says nowhere. */
  listen(): Promise<number | undefined>;
  close(): Promise<void>;
}

export function createPartners(platform: Platform, { matching }: { readonly matching: Matching }): Partners {
  const { api } = platform.config;
  const { app, serve } = createDoor(platform);
  const hasher = new Hasher();
  return {
    hasher,
    fetcher: createFetcher({ hosts: api.fetchHosts, privateNetworks: api.fetchPrivate }),
    seen: ({ banks }) =>
      matching.banks.known().filter(({ name, purpose }) => banks?.includes(name) ?? purpose !== 'claimed'),
    serve,
    hasRoute: ({ method, path }) => app.hasRoute({ method, url: path }),
    async listen() {
      if (api.port === 0) return undefined;
      await app.listen({ host: api.host, port: api.port }).catch((error: { code?: string }) => {
        throw new ConfigError(`ACCORD_API_PORT: ${api.host}:${api.port} can't be had (${error.code}).`);
      });
      return (app.server.address() as AddressInfo).port;
    },
    async close() {
      await app.close();
      hasher.close();
    },
  };
}
