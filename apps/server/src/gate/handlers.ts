import { randomBytes, randomUUID } from 'node:crypto';
import type { Caller, Handlers } from '../platform/http.ts';
import { createLimiter } from '../platform/limiter.ts';
import { Refusal } from '../platform/refusal.ts';
import { dayOf, endOf, isGood, mayTalk } from './may-talk.ts';
import { conclude, type Parts } from './parts.ts';
import { proofRequest } from './pepper.ts';
import { rulesOf } from './setup.ts';
import { statement, termsOf, toldMethods } from './statement.ts';
import type { AgeMethod, GateRoute, Way } from './types.ts';
import { readVisit } from './visits.ts';
import { isSecret } from './wallet.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

export function gateHandlers(parts: Parts): Handlers<GateRoute> {
  const { platform, methods, setup, rules } = parts;
  const { db, clock, config } = platform;
  const attempts = createLimiter({ burst: 20, perMinute: 4 }, { enabled: config.rateLimits, clock });
  return {
    async 'gate.read'({ caller }) {
      const now = clock();
      const { proof, visit } = await readVisit(db, caller);
      const adult =
        proof !== null && isGood(proof, now, rules)
          ? { until: endOf(proof, rules.policy.days), method: proof.method }
          : null;
      const open = mayTalk(proof, visit, now, rules);
      return { methods: await toldMethods(parts), adult, open, terms: termsOf(setup.policy) };
    },

    async 'gate.begin'({ caller, body }) {
      attempts.take(caller.accountId);
      const method = methods.get(body.method);
      if (method === undefined) throw new Refusal('invalid_input', { field: 'method' });
      const way = body.way ?? method.ways[0] ?? 'page';
      if (!method.ways.includes(way)) throw new Refusal('invalid_input', { field: 'way' });
      // Whoever shows an attestation that can't be judged has spent it.
      if (!(await method.available(clock()))) throw new Refusal('unavailable');
      if (method.kind !== 'test') await parts.tries.assertLeft(caller.accountId);
      const row = { id: randomUUID(), way, salt: randomBytes(32) };
      const present = await method.present(proofRequest(parts.pepper, row));
      const lastsMs = method.patienceMs(way);
      const expiresAt = clock() + lastsMs;
      const expires_at = new Date(expiresAt);
      const { accountId: account_id, tokenHash: token_hash } = caller;
      await db
        .insertInto('proof_request')
        .values({ ...row, account_id, token_hash, method: method.id, expires_at })
        .execute();
      return { proofId: row.id, expiresAt, lastsMs, present };
    },

    async 'gate.await'({ caller, params }) {
      const row = await db
        .selectFrom('proof_request')
        .select('outcome')
        .where('id', '=', params.proofId)
        .where('token_hash', '=', caller.tokenHash)
        .where('expires_at', '>', new Date(clock()))
        .executeTakeFirst();
      if (row === undefined) return { state: 'over' };
      return { state: row.outcome === 'passed' || row.outcome === 'refused' ? 'answered' : 'waiting' };
    },

    async 'gate.finish'({ caller, params, body }) {
      await finish(parts, caller, params.proofId, body.response);
      const adult = await parts.adultState(caller);
      if (adult === null) throw new Refusal('proof_refused');
      return { adult };
    },

    async 'gate.touch'({ caller }) {
      if ((await parts.adultState(caller)) === null) throw new Refusal('proof_required');
      const { idleMinutes } = setup.policy;
      if (idleMinutes === null) return { again: null };
      const seen_at = new Date(clock());
      await db
        .insertInto('proof_visit')
        .values({ token_hash: caller.tokenHash, proved_at: null, seen_at })
        .onConflict((conflict) => conflict.column('token_hash').doUpdateSet({ seen_at }))
        .execute();
      return { again: Math.max(15, Math.floor((idleMinutes * minuteMs) / 12 / 1000)) };
    },

    'gate.statement': () => statement(parts),
  };
}

/** Takes a request to its end, in the browser that began it. @throws {Refusal} `proof_refused`, whatever was wrong */
async function finish(parts: Parts, caller: Caller, proofId: string, response: string): Promise<void> {
  const { platform, methods, pepper } = parts;
  // Taken first and for good: a response that was refused can't be tried again, altered, on the same request.
  const row = await platform.db
    .deleteFrom('proof_request')
    .where('id', '=', proofId)
    .where('account_id', '=', caller.accountId)
    .where('token_hash', '=', caller.tokenHash)
    .returningAll()
    .executeTakeFirst();
  const method = methods.get(row?.method ?? '');
  if (row === undefined || method === undefined || row.expires_at.getTime() <= platform.clock()) {
    if (method !== undefined) parts.count(method.kind, 'unknown_request');
    throw new Refusal('proof_refused');
  }
  const way = row.way as Way;
  const request = proofRequest(pepper, { ...row, way });
  const passed =
    way === 'page' || way === 'browser'
      ? await conclude(parts, { method, response, request, accountId: caller.accountId })
      : // Judged when the wallet posted it. By a link, only the browser that it led back to has the code.
        row.outcome === 'passed' && (way === 'code' || isSecret(response, request.secret('code')));
  if (!passed) throw new Refusal('proof_refused');
  await keepProof(parts, caller, method);
}

/** All that is kept: until when, by which kind of method and rules, and on which day; which passkeys were there; and that this session is open. */
async function keepProof(parts: Parts, caller: Caller, method: AgeMethod): Promise<void> {
  const { platform, setup } = parts;
  const now = platform.clock();
  const proof = {
    until: dayOf(now + setup.policy.days * dayMs),
    method: method.kind,
    policy: rulesOf(method.kind, setup.policy),
    verified_on: dayOf(now),
  };
  const opened = { proved_at: new Date(now), seen_at: new Date(now) };
  await platform.db.transaction().execute(async (tx) => {
    await tx
      .insertInto('adult')
      .values({ account_id: caller.accountId, ...proof })
      .onConflict((conflict) => conflict.column('account_id').doUpdateSet(proof))
      .execute();
    await tx
      .insertInto('proof_passkey')
      .columns(['credential_id'])
      .expression((select) =>
        select
          .selectFrom('passkey')
          .select('credential_id')
          .where('account_id', '=', caller.accountId)
          .forKeyShare(),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await tx
      .insertInto('proof_visit')
      .values({ token_hash: caller.tokenHash, ...opened })
      .onConflict((conflict) => conflict.column('token_hash').doUpdateSet(opened))
      .execute();
  });
}
