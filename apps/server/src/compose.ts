import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import { addFeatures, type Features } from './features.ts';
import { type Blobs, folderBlobs } from './platform/blobs.ts';
import { assertBucket, openBucket, s3Blobs } from './platform/blobs-s3.ts';
import { type Bus, localBus } from './platform/bus.ts';
import { natsBus } from './platform/bus-nats.ts';
import { postgresBus } from './platform/bus-postgres.ts';
import { type Config, ConfigError } from './platform/config.ts';
import { dataFolder, makeDataFolder } from './platform/data-folder.ts';
import { openDatabase, serverLimits, withClient } from './platform/database.ts';
import { databaseUser } from './platform/database-user.ts';
import { addHealth } from './platform/health.ts';
import { startHousekeeping } from './platform/housekeeping.ts';
import { createHttp } from './platform/http.ts';
import { openKeyRing } from './platform/key-ring.ts';
import type { Log } from './platform/log.ts';
import { createMetrics } from './platform/metrics.ts';
import { migrate, readMigrations } from './platform/migrate.ts';
import { observeRequests, serveMetrics } from './platform/observe.ts';
import { addPages } from './platform/pages.ts';
import type { Platform } from './platform/platform.ts';
import { atMost } from './platform/rounds.ts';
import { addSecurityHeaders } from './platform/security-headers.ts';
import { allowancePurge } from './platform/shared-limiter.ts';

/** A stop waits so long for answers under way, and for the database's connections, in ms. */
const answersMs = 3000;
const databaseMs = 3000;

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
  readonly features: Features;
  /** Where it listens, which is not the public address behind a proxy. */
  readonly address: URL;
  /** Where `/metrics` listens, if it does. */
  readonly metricsPort: number | undefined;
  /** One round of the housekeeping now; false when another process is at it. */
  housekeep(): Promise<boolean>;
  /** Stops accepting, lets what is under way end, closes sockets and the database's connections. */
  stop(): Promise<void>;
}

function chooseBus({ bus, natsUrl, publicUrl }: Config, { database, log }: Surroundings): Bus {
  if (natsUrl !== undefined) return natsBus(natsUrl, publicUrl, log);
  if (bus === 'postgres') return postgresBus(database, log);
  return localBus((error) => log.error({ err: error }, 'a bus listener failed'));
}

async function openBlobs({ s3 }: Config, folder: string, log: Log): Promise<Blobs> {
  if (s3 === undefined) return folderBlobs(join(folder, 'blobs'));
  const bucket = await openBucket(s3);
  await assertBucket(bucket, s3).catch((error: unknown) => {
    if (error instanceof ConfigError) throw error;
    log.warn({ err: error }, 'the object store does not answer yet');
  });
  return s3Blobs(bucket);
}

/** Config → database → migrations → bus → features → routes → listen. */
export async function compose(config: Config, surroundings: Surroundings): Promise<Running> {
  const { log, clock, database } = surroundings;
  const folder = await dataFolder(config);
  await makeDataFolder(folder, config.databaseUrl === undefined ? databaseUser() : undefined);
  const migrations = await readMigrations();
  const blobs = await openBlobs(config, folder, log);
  const applied = await withClient(database, (client) => migrate(client, migrations));
  for (const migration of applied) log.info({ migration }, 'migrated');

  const { db, pool } = openDatabase({ ...database, ...serverLimits });
  const bus = chooseBus(config, surroundings);
  const limitKey = (await openKeyRing(folder, 'limits', clock())).current().secret;
  const metrics = createMetrics();
  const platform: Platform = { config, folder, blobs, db, pool, bus, log, metrics, limitKey, clock };

  const app = createHttp(platform);
  addSecurityHeaders(app, config.publicUrl);
  observeRequests(app, platform);
  addHealth(app, pool, migrations);
  const features = await addFeatures(app, platform);
  addPages(app);
  const housekeeping = startHousekeeping(platform, [...features.purges, allowancePurge(db)]);

  const closeDatabase = async () => {
    await housekeeping.stop();
    await features.close();
    await bus.close();
    // A round that was left holds a connection until it has its answer.
    await atMost(databaseMs, db.destroy());
  };
  try {
    await features.start();
    await app.listen({ host: config.host, port: config.port });
    const metrics =
      config.metricsPort === 0 ? undefined : await serveMetrics(platform.metrics, config.metricsPort, log);
    const { port } = app.server.address() as AddressInfo;
    const host = config.host.includes(':') ? `[${config.host}]` : config.host;
    return {
      platform,
      app,
      features,
      address: new URL(`http://${host}:${port}`),
      metricsPort: (metrics?.address() as AddressInfo | undefined)?.port,
      housekeep: () => housekeeping.round(),
      async stop() {
        metrics?.close();
        await features.stop();
        // Answers that are on their way may arrive; those who send or read for longer do so again elsewhere.
        const cut = setTimeout(() => app.server.closeAllConnections(), answersMs);
        await app.close();
        clearTimeout(cut);
        await closeDatabase();
      },
    };
  } catch (error) {
    await app.close();
    await closeDatabase();
    throw error;
  }
}
