import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { Client } from '../client.ts';
import { mortalServer } from '../process.ts';
import { bodies } from '../samples.ts';
import { freshDatabase } from '../support.ts';
import { give, staffAt } from './staff.ts';

const rounds = 4;

it(`keeps every acknowledged report and decision while the server is killed ${rounds} times`, async () => {
  await using database = await freshDatabase();
  const server = await mortalServer({ ACCORD_DATABASE_URL: database.url });
  const mod = await staffAt(server, database.db, 'moderator');
  const told: { idem: string; number: string; removed: boolean }[] = [];
  const caseOf = (number: string) =>
    database.db
      .selectFrom('case_reporter')
      .innerJoin('desk_case', 'desk_case.id', 'case_reporter.case_id')
      .select(['desk_case.id', 'desk_case.state'])
      .where('number', '=', number)
      .executeTakeFirstOrThrow();
  try {
    for (let round = 0; round < rounds; round += 1) {
      const anybody = new Client(server.url);
      const body = { ...bodies['cases.file'](), idem: randomUUID() };
      const { number } = await anybody.call('cases.file', { body });
      const entry = { idem: body.idem, number, removed: false };
      told.push(entry);
      if (round % 2 === 1) {
        const { id: caseId } = await caseOf(number);
        await give(mod, caseId, { kind: 'remove', ground: 'ncii_real', words: 'w' });
        entry.removed = true;
      }
      await server.kill();
      await server.start();
    }
    for (const { idem, number, removed } of told) {
      const body = { ...bodies['cases.file'](), idem };
      const answer = await new Client(server.url).call('cases.file', { body });
      expect(answer).toMatchObject({ number, pin: null });
      const { state } = await caseOf(number);
      expect(state.phase).toBe(removed ? 'removed' : 'valid');
      expect(state.protected).toBe(true);
    }
    const { rows } = await database.pool.query<{ n: number }>('select count(*)::int as n from desk_case');
    expect(rows[0]?.n).toBe(told.length);
  } finally {
    await server.remove();
  }
});
