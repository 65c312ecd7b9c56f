/**
 * The desk and the console at a hundred thousand cases, on a PostgreSQL of its own and over HTTP: each route of the queue and of
 * a case, a request from its sending to its number, a removal with its sweep among a million registered pictures, and the
 * weight of the page that anybody comes to.
 *
 *   node bench/src/main.ts desk [--cases=1e5] [--registered=1e6] [--calls=200] [--copies=10] [--only=console]
 *
 * `--only=console` leaves out what the registered pictures are laid for.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Reply } from '@accord/protocol';
import { compose } from '@accord/server';
import { readConfig, withClient, withDatabaseAlone } from '@accord/server/operations';
import type pg from 'pg';
import type { Running } from '../../../apps/server/src/compose.ts';
import { createLog } from '../../../apps/server/src/platform/log.ts';
import { publicFigures } from '../../../apps/server/src/transparency/index.ts';
import { Client } from '../../../apps/server/test/client.ts';
import { accept, friends, policy, sealed, upload } from '../../../apps/server/test/media/studio.ts';
import { freshName, type Member, newAccount } from '../../../apps/server/test/people.ts';
import { bodies } from '../../../apps/server/test/samples.ts';
import { freePort } from '../chat/child.ts';

const option = (name: string, otherwise: number): number => {
  const given = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return given === undefined ? otherwise : Number(given.slice(name.length + 3));
};
const cases = option('cases', 1e5);
const registered = option('registered', 1e6);
const calls = option('calls', 200);
const copies = option('copies', 10);
const consoleAlone = process.argv.includes('--only=console');

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

async function measure(what: string, count: number, work: (turn: number) => Promise<unknown>): Promise<void> {
  for (let warm = 0; warm < 5; warm += 1) await work(-1 - warm);
  const times: number[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const began = performance.now();
    await work(turn);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const told = [0.5, 0.95, 0.99].map((share) => at(times, share).toFixed(1));
  console.log(`  ${what}: median ${told[0]} ms, p95 ${told[1]} ms, p99 ${told[2]} ms`);
}

/** Copies of a few real cases, as their own rows: half of them open, their times spread over a year. */
async function fillCases(client: pg.Client): Promise<void> {
  await client.query('set session_replication_role = replica');
  await client.query(
    'create temporary table model as select row_number() over (order by ref) - 1 as n, id from desk_case',
  );
  await client.query(
    `create temporary table copy as
     select gen_random_uuid() as id, model.id as model_id, turn, now() - random() * interval '300 days' as began
     from generate_series(1, $1::int) turn join model on model.n = turn % (select count(*) from model)`,
    [cases],
  );
  await client.query(
    `insert into desk_case (id, state, phase, due_at, child_safety, appealed, unanswered, opened_at, closed_at, proposals)
     select copy.id, state, phase, case when copy.turn % 2 = 0 then copy.began + random() * interval '600 days' end,
       child_safety, appealed, unanswered, copy.began, case when copy.turn % 2 = 1 then copy.began + interval '1 day' end, proposals
     from copy join desk_case on desk_case.id = copy.model_id`,
  );
  await client.query(
    `insert into case_event (case_id, seq, type, at, entry, hash, signature, kid)
     select copy.id, seq, type, at, entry, hash, signature, kid from copy join case_event on case_event.case_id = copy.model_id`,
  );
  await client.query(
    `insert into case_clock (case_id, clock, started_at, due_at, met_at, breached)
     select copy.id, clock, copy.began, null, copy.began + interval '5 hours', copy.turn % 50 = 0
     from copy join case_clock on case_clock.case_id = copy.model_id`,
  );
  await client.query(
    `insert into case_item (case_id, id, kind, digest, hash, quality, place)
     select copy.id, case_item.id, kind, digest, case when hash is not null then sha256(int8send(copy.turn)) end, quality, place
     from copy join case_item on case_item.case_id = copy.model_id`,
  );
  await client.query(
    `insert into case_reporter (id, case_id, idem, number, pin_hash, recovery_hash, language, signature, contact, facts, salt, filed_at)
     select gen_random_uuid(), copy.id, gen_random_uuid(), copy.turn::text, pin_hash, recovery_hash, language, signature, contact, facts, salt, copy.began
     from copy join case_reporter on case_reporter.case_id = copy.model_id`,
  );
  await client.query(
    `insert into desk_figure (case_id, received_at, picture, child_safety, requests, items, decided_at, decision, ground, gone_at, orders, late)
     select copy.id, copy.began, picture, child_safety, requests, items, copy.began + interval '5 hours', decision, ground,
       copy.began + interval '6 hours', orders, late
     from copy join desk_figure on desk_figure.case_id = copy.model_id`,
  );
  await client.query('vacuum analyze');
}

async function fillRegistry(client: pg.Client): Promise<void> {
  await client.query('set session_replication_role = replica');
  await client.query(
    `insert into registered_picture (blob_tag, owner_key, cm, quality, state, afterwards)
     select substr(sha256(int8send(n)), 1, 16), sha256(int8send(-n)), sha256(int8send(-n)), 90, 'open', 'refuse'
     from generate_series(1, $1::bigint) n`,
    [registered],
  );
  await client.query(
    `insert into matching_hash (kind, hash, registered_id)
     select 0, sha256(int8send(-1 - id * 64::bigint)), id from registered_picture`,
  );
  await client.query('analyze');
}

const data = await mkdtemp(join(tmpdir(), 'accord-bench-desk-'));
await chmod(data, 0o711);
const port = await freePort();
const config = readConfig({
  ACCORD_DATA: data,
  ACCORD_PUBLIC_URL: `http://localhost:${port}`,
  ACCORD_RATE_LIMITS: 'false',
  ACCORD_LOG_LEVEL: 'silent',
});
const url = config.publicUrl.origin;

type Filing = ReturnType<(typeof bodies)['cases.file']>['request'];
async function fileOne(change: Partial<Filing> = {}): Promise<string> {
  const body = bodies['cases.file']();
  const filed = await new Client(url).call('cases.file', {
    body: { ...body, request: { ...body.request, ...change } },
  });
  return filed.number;
}

async function weigh(): Promise<void> {
  const fetched = async (path: string) => {
    const response = await fetch(new URL(path, url));
    const text = await response.text();
    return { text, bytes: gzipSync(text, { level: 9 }).length };
  };
  const page = await fetched('/desk');
  const linked = [...page.text.matchAll(/(?:href|src)="(\/[\w.-]+\.(?:css|js|svg))"/g)].map(
    ([, path]) => path ?? '',
  );
  const parts = await Promise.all(linked.map(async (path) => [path, (await fetched(path)).bytes] as const));
  const all = parts.reduce((sum, [, bytes]) => sum + bytes, page.bytes);
  console.log(
    `  the page anybody comes to: ${(all / 1000).toFixed(1)} kB gz (page ${page.bytes}, ${parts.map(([path, bytes]) => `${path} ${bytes}`).join(', ')})`,
  );
}

type Line = Reply<'cases.list'>['cases'][number];

/** Pictures that somebody accepted, each a recompressed copy of another's: 20 bits of its hash differ, more between two of them. */
async function plant(running: Running, caseId: string, [sender, receiver]: readonly Member[]): Promise<void> {
  const { hash } = await running.platform.db
    .selectFrom('case_item')
    .select('hash')
    .where('case_id', '=', caseId)
    .where('hash', 'is not', null)
    .executeTakeFirstOrThrow();
  if (sender === undefined || receiver === undefined) throw new Error('nobody to send it');
  for (let copy = 0; copy < copies; copy += 1) {
    const like = Uint8Array.from(hash ?? []);
    for (let bit = 0; bit < 20; bit += 1) {
      const at = (copy * 20 + bit) % 256;
      like[at >> 3] = (like[at >> 3] ?? 0) ^ (1 << (at & 7));
    }
    const one = await sealed();
    await upload(sender.client, one, undefined, like);
    await sender.client.call('media.pictures.create', { body: policy(one, [receiver]) });
    await accept(receiver, one);
  }
}

/** What goes through the registered pictures: a request, a sweep, and removals, each with copies to destroy. */
async function removals(running: Running, mod: Client, open: readonly Line[]): Promise<void> {
  const rounds = Math.max(10, Math.round(calls / 10));
  await measure('a request, from its sending to its number', rounds, () =>
    fileOne({
      pictures: [{ h: randomBytes(32).toString('base64url'), q: 90, parts: '', regions: '', source: false }],
    }),
  );
  const sweeping = Array.from({ length: 64 }, () => ({ kind: 'whole', hash: randomBytes(32) }) as const);
  await measure('a sweep for one picture (64 hashes)', rounds, () =>
    running.features.matching.registry.sweep(sweeping),
  );
  const waiting = open.filter(({ phase, pictures }) => phase === 'valid' && pictures > 0).map(({ id }) => id);
  const removing = waiting.slice(0, rounds + 5);
  const people = await friends({ url });
  for (const caseId of removing) await plant(running, caseId, people);
  const destroyed: number[] = [];
  await measure(
    `a removal with its sweep and ${copies} copies, until it is answered`,
    removing.length - 5,
    async (turn) => {
      const { sweeps } = await mod.call('cases.command', {
        params: { caseId: removing.at(turn) ?? randomUUID() },
        body: { command: { kind: 'remove', ground: 'ncii_real', words: 'w' } },
      });
      destroyed.push(sweeps[0]?.coverage?.destroyed ?? 0);
    },
  );
  const [least, all] = [Math.min(...destroyed), destroyed.reduce((sum, n) => sum + n, 0)];
  console.log(`    ${all} copies destroyed by ${destroyed.length} removals, at least ${least} by each`);
  await measure('the public page of figures, counted anew', rounds, () =>
    publicFigures(running.platform, Date.now()),
  );
}

try {
  await withDatabaseAlone(config, async (database) => {
    const start = () => compose(config, { database, log: createLog('silent'), clock: Date.now });
    let running = await start();
    const account = await newAccount({ url }, freshName());
    const roles = ['moderator', 'second_reviewer', 'legal', 'child_safety', 'admin'] as const;
    await running.platform.db
      .insertInto('staff_role')
      .values(
        roles.map((role) => ({ account_id: account.id, role, granted_at: new Date(), granted_by: 'bench' })),
      )
      .execute();
    const mod = account.client;
    // The models: whole, incomplete, with a message, removed and closed.
    for (const change of [{}, { signature: '', contact: '' }, {}, {}]) await fileOne(change);
    const { cases: models } = await mod.call('cases.list', { query: {} });
    const [closing] = models;
    if (closing !== undefined) {
      const params = { caseId: closing.id };
      await mod.call('cases.command', {
        params,
        body: { command: { kind: 'remove', ground: 'ncii_real', words: 'w' } },
      });
      await mod.call('cases.command', { params, body: { command: { kind: 'close' } } });
    }
    await running.stop();
    await withClient(database, async (client) => {
      await fillCases(client);
      if (!consoleAlone) await fillRegistry(client);
    });
    await rm(join(data, 'matching', 'index.json'), { force: true });
    running = await start();
    console.log(
      `The desk: ${cases} cases, half of them open; ${consoleAlone ? 0 : registered} registered pictures`,
    );
    const open = (await mod.call('cases.list', { query: {} })).cases;
    const some = (turn: number) => ({ caseId: open[Math.abs(turn) % open.length]?.id ?? '' });
    let after: string | undefined;
    await measure('the queue, first page', calls, () => mod.call('cases.list', { query: {} }));
    await measure('the queue, page after page', calls, async () => {
      const page = await mod.call('cases.list', { query: after === undefined ? {} : { after } });
      after = page.next ?? undefined;
    });
    for (const view of ['closed', 'appeals', 'child_safety'] as const)
      await measure(`the queue, ${view}`, calls, () => mod.call('cases.list', { query: { view } }));
    await measure('a case, opened (an event of it)', calls, (turn) =>
      mod.call('cases.read', { params: some(turn) }),
    );
    await measure('a case, a note', calls, (turn) =>
      mod.call('cases.command', {
        params: some(turn),
        body: { command: { kind: 'message', to: 'note', words: 'A note.' } },
      }),
    );
    await measure('what waits for a second person', calls, () => mod.call('cases.approvals.list', {}));
    await measure('the figures', calls, () => mod.call('cases.figures', {}));
    if (!consoleAlone) await removals(running, mod, open);
    await weigh();
    await running.stop();
  });
} finally {
  await rm(data, { recursive: true, force: true });
}
