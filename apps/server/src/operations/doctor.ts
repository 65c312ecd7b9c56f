import { readFile, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import type pg from 'pg';
import { natsOptions } from '../platform/bus-nats.ts';
import type { Config } from '../platform/config.ts';
import type { DatabaseUser } from '../platform/database-user.ts';
import { checkServerVersion, pendingMigrations, readMigrations } from '../platform/migrate.ts';
import { asFetch, wayOut } from '../platform/outside.ts';
import { operatorsOrigins } from '../platform/outside-policy.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const gigabyte = 1024 ** 3;
const dayMs = 86_400_000;
const lastBackupFile = 'last-backup.json';

/** Settings that work and are still a mistake for a service that others use. */
export function examineConfig(config: Config): Finding[] {
  const findings = [ok(`configuration: ${config.publicUrl.origin}, bus ${config.bus}`)];
  if (!config.rateLimits) findings.push(warn('rate limits are off', 'Remove ACCORD_RATE_LIMITS=false.'));
  return findings;
}

/** Whether the processes can hear each other, where NATS carries it. */
export async function examineBus({ natsUrl }: Config): Promise<Finding[]> {
  if (natsUrl === undefined) return [];
  const { host } = new URL(natsUrl);
  try {
    const connection = await connect({ ...natsOptions(natsUrl), reconnect: false });
    const ms = await connection.rtt();
    await connection.close();
    return [ok(`bus: NATS at ${host} answers in ${Math.round(ms)} ms`)];
  } catch (error) {
    return [
      fail(
        `bus: NATS at ${host} can't be used (${(error as Error).message})`,
        'Is it running, and are the name and the password in ACCORD_NATS_URL right? Meanwhile messages wait for the next look into the table.',
      ),
    ];
  }
}

/** Whose the data folder is and how much room is left there. `user`: whom a managed database runs as. */
export async function examineFolder(folder: string, user: DatabaseUser | undefined): Promise<Finding[]> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined)
    return [warn(`data folder: ${folder} does not exist yet`, 'The first npm start creates it.')];
  const findings: Finding[] = [];
  const own = process.getuid?.();
  if (own !== undefined && found.uid !== own) {
    findings.push(
      fail(
        `data folder: ${folder} belongs to uid ${found.uid}, we are ${own}`,
        `Run Accord as its owner, or chown ${own} ${folder}.`,
      ),
    );
  } else {
    findings.push(ok(`data folder: ${folder}${user === undefined ? '' : `, database as ${user.name}`}`));
  }
  const disk = await statfs(folder);
  const free = (disk.bavail * disk.bsize) / gigabyte;
  const room = `disk: ${free.toFixed(1)} GB free`;
  if (free < 0.5) findings.push(fail(room, 'Make room at once: a full disk stops every message.'));
  else if (free < 5) findings.push(warn(room, 'Make room soon.'));
  else findings.push(ok(room));
  return findings;
}

/** The database's version, its migrations and its clock. */
export async function examineDatabase(client: pg.ClientBase, now: () => number): Promise<Finding[]> {
  const major = await checkServerVersion(client);
  const findings = [ok(`database: PostgreSQL ${major}`)];
  const pending = await pendingMigrations(client, await readMigrations());
  if (pending.length > 0)
    findings.push(
      warn(`migrations: ${pending.length} to come`, 'The next npm start applies them; make a backup first.'),
    );
  else findings.push(ok('migrations: current'));
  const { rows } = await client.query<{ ms: string; latest: string | null }>(
    `select (extract(epoch from clock_timestamp()) * 1000)::bigint::text as ms,
       (select (extract(epoch from max(applied_at)) * 1000)::bigint::text from migration) as latest`,
  );
  const apart = Math.abs(Number(rows[0]?.ms) - now());
  if (apart > 5000)
    findings.push(
      fail(
        `clock: ${Math.round(apart / 1000)} s between this machine and the database`,
        'Set both clocks by NTP: proofs of age and codes end by the clock.',
      ),
    );
  else if (Number(rows[0]?.latest ?? 0) > now())
    findings.push(fail('clock: it is behind what the database has already seen', 'Set the clock by NTP.'));
  else findings.push(ok('clock: agrees with the database'));
  return findings;
}

/** Whether we listen, or could. */
export async function examinePort({ host, port }: Config): Promise<Finding> {
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  const health = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}/health`;
  const ask = asFetch(wayOut(operatorsOrigins([health])), { mostBytes: 64 * 1024, wholeMs: 3000 });
  const answer = await ask(health).catch(() => undefined);
  if (answer !== undefined) {
    const body = (await answer.json().catch(() => undefined)) as { database?: string } | undefined;
    if (body?.database === undefined)
      return fail(
        `port: another program answers on ${host}:${port}`,
        'Stop it, or choose another ACCORD_PORT.',
      );
    if (answer.ok) return ok(`server: running on ${host}:${port}`);
    return fail(
      `server: running on ${host}:${port}, but unwell (database ${body.database})`,
      'See its log; it recovers by itself when the database is back.',
    );
  }
  const code = await new Promise<string | undefined>((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
  if (code !== undefined)
    return fail(
      `port: ${host}:${port} can't be had (${code})`,
      'Stop what uses it, or choose another ACCORD_PORT.',
    );
  return ok(`server: not running; ${host}:${port} is free`);
}

/** How long ago the last backup was made from this data folder. `at` in ms; undefined: none is known. */
export function examineBackups(at: number | undefined, now: number): Finding {
  const how = 'npm run accord -- backup FILE, daily, and keep the file on another machine.';
  if (at === undefined) return warn('backups: none was made yet', how);
  const days = Math.floor((now - at) / dayMs);
  const age =
    days === 0 ? 'the last is less than a day old' : `the last is ${days} day${days === 1 ? '' : 's'} old`;
  return days >= 2 ? warn(`backups: ${age}`, how) : ok(`backups: ${age}`);
}

/** Where it is noted that a backup was made: beside the data, for either kind of database. */
export const lastBackupPath = (folder: string): string => join(folder, lastBackupFile);

/** When the last backup was made, in ms. */
export async function readLastBackup(folder: string): Promise<number | undefined> {
  try {
    const { at } = JSON.parse(await readFile(lastBackupPath(folder), 'utf8')) as { at?: unknown };
    return typeof at === 'string' ? Date.parse(at) : undefined;
  } catch {
    return undefined;
  }
}
