import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compose, type Running } from './compose.ts';
import { openTrustedList, readAgeSetup } from './gate/index.ts';
import { greeting } from './greeting.ts';
import { type ChosenDatabase, chooseDatabase } from './platform/choose-database.ts';
import { type Config, ConfigError, readConfig } from './platform/config.ts';
import { createLog } from './platform/log.ts';
import { DatabaseError } from './platform/managed-postgres.ts';
import { MigrationError } from './platform/migrate.ts';
import { builtPage } from './platform/pages.ts';

/** How long a stop may take before it is cut short, in milliseconds. */
const patienceMs = 20_000;

/** One sentence for what the operator can mend; for anything else its class and code, never a stack. */
function sentence(error: unknown, config: Config | undefined): string {
  if (error instanceof ConfigError || error instanceof DatabaseError || error instanceof MigrationError) {
    return error.message;
  }
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    const why = code === 'EADDRINUSE' ? 'is taken' : "can't be had";
    return `ACCORD_PORT: ${config?.host}:${config?.port} ${why} (${code}): stop what uses it or choose another port.`;
  }
  return `Accord can't start: ${name ?? 'Error'}${code === undefined ? '' : ` ${code}`}: ${message ?? ''}`;
}

function fail(error: unknown, config?: Config): never {
  process.stderr.write(`${sentence(error, config)}\n`);
  process.exit(1);
}

/** Lets go of everything in order; a second signal, or too long a wait, cuts it short. */
function stopper(running: Running, database: ChosenDatabase): (exitCode: number) => void {
  let stopping = false;
  return (exitCode) => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), patienceMs).unref();
    running
      .stop()
      .then(() => database.stop())
      .then(
        () => process.exit(exitCode),
        (error: unknown) => {
          running.platform.log.error({ err: error }, 'the stop failed');
          process.exit(1);
        },
      );
  };
}

async function isWalletBelieved({ config, folder }: Running['platform']): Promise<boolean | undefined> {
  if (!config.ageMethods.includes('wallet')) return undefined;
  const anchors = await openTrustedList(folder, config.age.listGraceDays).anchors(Date.now());
  return anchors.length > 0;
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  // What the law does not allow is refused before anything is touched.
  readAgeSetup(config);
  // Asked to stop while starting: the start is completed and then undone, so that nothing is left behind.
  let asked = false;
  let stop = (_exitCode: number): void => {
    asked = true;
  };
  process.on('SIGTERM', () => stop(0));
  process.on('SIGINT', () => stop(0));
  const log = createLog(config.logLevel);
  // Node prints these as text; a log is lines of JSON alone.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    log[warning.name === 'ExperimentalWarning' ? 'debug' : 'warn']({ err: warning }, 'warning');
  });
  let lost = (error: DatabaseError): void => fail(error);
  const database = await chooseDatabase(config, log, (error) => lost(error)).catch((error: unknown) =>
    fail(error, config),
  );
  const running = await compose(config, { database: database.settings, log, clock: Date.now }).catch(
    async (error: unknown) => {
      await database.stop();
      return fail(error, config);
    },
  );
  stop = stopper(running, database);
  lost = (error) => {
    process.stderr.write(`${error.message}\n`);
    stop(1);
  };
  if (asked) return stop(0);
  const { rows } = await running.platform.pool.query<{ any: boolean }>(
    'select exists (select from account) as any',
  );
  process.stdout.write(
    greeting({
      config,
      folder: database.folder,
      metricsPort: running.metricsPort,
      firstRun: rows[0]?.any !== true,
      pageBuilt: existsSync(join(builtPage, 'index.html')),
      walletBelieved: await isWalletBelieved(running.platform),
    }),
  );
}

main().catch((error: unknown) => fail(error));
