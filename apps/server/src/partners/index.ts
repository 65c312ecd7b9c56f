import type { AddressInfo } from 'node:net';
import { type PartnerRoute, partnerLimits, v1, v1Description } from '@accord/protocol/partners';
import type { FastifyInstance } from 'fastify';
import type { Cases } from '../cases/index.ts';
import type { Matching } from '../matching/index.ts';
import type { Bank } from '../matching/types.ts';
import { ConfigError } from '../platform/config.ts';
import type { Purge } from '../platform/housekeeping.ts';
import { type Outside, wayOut } from '../platform/outside.ts';
import { listedHosts } from '../platform/outside-policy.ts';
import type { Platform } from '../platform/platform.ts';
import type { Rounds } from '../platform/rounds.ts';
import { checkHandlers } from './checks.ts';
import { deliveryPurges, startDeliveries } from './deliveries.ts';
import { createDoor } from './door.ts';
import { Hasher } from './hasher.ts';
import type { ApiKey } from './keys.ts';
import { noticeHandlers } from './notices.ts';
import { webhookHandlers } from './webhooks.ts';

export type { PartnerHandlers, Told } from './door.ts';
export type { Hasher, HashOutcome } from './hasher.ts';
export { type ApiKey, createKey, listApiKeys, type NewKey, revokeApiKey } from './keys.ts';
export { tellPartners } from './notices.ts';

/** Other platforms: their keys, the listener, and what its interfaces share. */
export interface Partners {
  readonly hasher: Hasher;
  /** To addresses that platforms name. */
  readonly outside: Outside;
  /** The banks that a key sees; those of what is only claimed where they are named alone. */
  readonly seen: (key: ApiKey) => readonly Bank[];
  readonly serve: ReturnType<typeof createDoor>['serve'];
  readonly hasRoute: (route: Pick<PartnerRoute, 'method' | 'path'>) => boolean;
  /** Tells platforms of decisions, again and again. */
  readonly deliveries: Rounds<void>;
  readonly purges: readonly Purge[];
  /** Listens where the configuration says; undefined when it says nowhere. */
  listen(): Promise<number | undefined>;
  close(): Promise<void>;
}

export function createPartners(
  platform: Platform,
  { matching, cases }: { readonly matching: Matching; readonly cases: Pick<Cases, 'partnerDesk'> },
): Partners {
  const { api } = platform.config;
  const { app, serve } = createDoor(platform);
  const hasher = new Hasher();
  const outside = wayOut(listedHosts(api.fetchHosts, api.fetchPrivate));
  const seen: Partners['seen'] = ({ banks }) =>
    matching.banks.known().filter(({ name, purpose }) => banks?.includes(name) ?? purpose !== 'claimed');
  const deliveries = startDeliveries(platform, outside);
  const description = v1Description();
  serve(
    v1,
    {
      'openapi.read': async () => description,
      ...checkHandlers({ matching, hasher, seen }),
      ...noticeHandlers(platform, cases),
      ...webhookHandlers(platform),
    },
    { add: readFiles },
  );
  return {
    hasher,
    outside,
    seen,
    serve,
    deliveries,
    purges: deliveryPurges(platform),
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
      await deliveries.stop();
      hasher.close();
    },
  };
}

/** The bodies of our interface that are no JSON: a picture's bytes, and lines that are read as they come. */
function readFiles(app: FastifyInstance): void {
  const whole = { parseAs: 'buffer', bodyLimit: partnerLimits.pictureBytes } as const;
  for (const type of ['application/octet-stream', /^image\//]) {
    app.addContentTypeParser(type as string, whole, (_request, body, done) => done(null, body));
  }
  app.addContentTypeParser('application/x-ndjson', (_request, body, done) => done(null, body));
}
