import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import { addFeatures } from './features.ts';
import { type Bus, localBus } from './platform/bus.ts';
import type { Config } from './platform/config.ts';
import { openDatabase, withClient } from './platform/database.ts';
import { startHousekeeping } from './platform/housekeeping.ts';
import { createHttp } from './platform/http.ts';
import type { Log } from './platform/log.ts';
import { createMetrics } from './platform/metrics.ts';
import { migrate, readMigrations } from './platform/migrate.ts';
import type { Platform } from './platform/platform.ts';

/** What differs between the process that serves and a test of it. */
export interface Surroundings {
  /** Where the database is. */
  readonly database: pg.PoolConfig;
  readonly log: Log;
  /** Now, in milliseconds since 1970 UTC. */
  readonly clock: () => number;
}

/** A server that listens. */
export interface Running {
  readonly platform: Platform;
  readonly app: FastifyInstance;
  /** Where it listens, which is not the public address behind a proxy. */
  readonly address: URL;
  /** Stops accepting, lets what is under way end, closes sockets and the database's connections. */
  stop(): Promise<void>;
}

/** Config → database → migrations → bus → features → routes → listen. */
export async function compose(config: Config, surroundings: Surroundings): Promise<Running> {
  const { log, clock, database } = surroundings;
  const applied = await withClient(database, async (client) => migrate(client, await readMigrations()));
  for (const migration of applied) log.info({ migration }, 'migrated');

  const { db } = openDatabase(database);
  const bus: Bus = localBus((error) => log.error({ err: error }, 'a bus listener failed'));
  const platform: Platform = { config, db, bus, log, metrics: createMetrics(), clock };

  const app = createHttp(platform);
  const features = addFeatures(app, platform);
  const housekeeping = startHousekeeping(platform, features.purges);

  await app.listen({ host: config.host, port: config.port });
  const { port } = app.server.address() as AddressInfo;
  return {
    platform,
    app,
    address: new URL(`http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`),
    async stop() {
      await housekeeping.stop();
      await features.stop();
      await app.close();
      await bus.close();
      await db.destroy();
    },
  };
}
