import { randomBytes, randomUUID } from 'node:crypto';
import type { Queries } from '../platform/database.ts';
import type { Handlers } from '../platform/http.ts';
import { createLimiter } from '../platform/limiter.ts';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import { dayOf, endOfDay, mayTalk, type TakenMethods } from './may-talk.ts';
import { createTestMethod } from './test-wallet.ts';
import { type AdultState, type AgeMethod, type Gate, type GateRoute, ProofRefused } from './types.ts';

export type { Gate } from './types.ts';

const dayMs = 86_400_000;
/** Milliseconds in which a proof that was begun must come back. */
const proofRequestMs = 15 * 60_000;

/** The gate with the methods that the configuration names. */
export function createGate(platform: Platform): Gate {
  const methods = createMethods(platform);
  const taken: TakenMethods = new Map([...methods.values()].map((method) => [method.id, method.policy]));
  const adultState = readAdultState(platform, taken);
  return {
    adultState,
    async assertMayTalk(accountId) {
      if ((await adultState(accountId)) === null) throw new Refusal('proof_required');
    },
    handlers: createHandlers(platform, methods, adultState),
    purges: createPurges(platform),
    registerPages(app) {
      for (const method of methods.values()) method.pages?.(app);
    },
    adults: (queries) =>
      queries
        .selectFrom('adult')
        .select('account_id')
        .where('until', '>=', dayOf(platform.clock()))
        .where((where) => where.or([...taken].map(([method, policy]) => where.and({ method, policy })))),
  };
}

function createMethods({ config, clock }: Platform): ReadonlyMap<string, AgeMethod> {
  const known = { test: () => createTestMethod({ publicUrl: config.publicUrl, clock }) };
  return new Map(config.ageMethods.map((name) => [name, known[name]()]));
}

function readAdultState(platform: Platform, taken: TakenMethods): Gate['adultState'] {
  return async (accountId, queries: Queries = platform.db): Promise<AdultState | null> => {
    const proof = await queries
      .selectFrom('adult')
      .select(['until', 'method', 'policy'])
      .where('account_id', '=', accountId)
      .executeTakeFirst();
    if (proof === undefined || !mayTalk(proof, platform.clock(), taken)) return null;
    return { until: endOfDay(proof.until), method: proof.method };
  };
}

function createHandlers(
  platform: Platform,
  methods: ReadonlyMap<string, AgeMethod>,
  adultState: Gate['adultState'],
): Handlers<GateRoute> {
  const { db, clock, config } = platform;
  const attempts = createLimiter({ burst: 20, perMinute: 4 }, { enabled: config.rateLimits, clock });
  return {
    async 'gate.read'({ caller }) {
      return {
        methods: [...methods.values()].map(({ id, kind }) => ({ id, kind })),
        adult: await adultState(caller.accountId),
      };
    },

    async 'gate.begin'({ caller, body }) {
      attempts.take(caller.accountId);
      const method = methods.get(body.method);
      if (method === undefined) throw new Refusal('invalid_input', { field: 'method' });
      const proofId = randomUUID();
      const nonce = randomBytes(32);
      const returnUrl = new URL(`/gate?proof=${proofId}`, config.publicUrl);
      const present = await method.present({ proofId, nonce, returnUrl });
      await db
        .insertInto('proof_request')
        .values({
          id: proofId,
          account_id: caller.accountId,
          method: method.id,
          nonce,
          expires_at: new Date(clock() + proofRequestMs),
        })
        .execute();
      return { proofId, present };
    },

    async 'gate.finish'({ caller, params, body }) {
      // Taken first and for good: a response that was refused can't be tried again, altered, on the same nonce.
      const request = await db
        .deleteFrom('proof_request')
        .where('id', '=', params.proofId)
        .where('account_id', '=', caller.accountId)
        .returningAll()
        .executeTakeFirst();
      const now = clock();
      const method = methods.get(request?.method ?? '');
      if (request === undefined || method === undefined || request.expires_at.getTime() <= now) {
        throw new Refusal('proof_refused');
      }
      await judge(method, body.response, { nonce: request.nonce, now });
      await keepProof(platform, caller.accountId, method);
      const adult = await adultState(caller.accountId);
      if (adult === null) throw new Refusal('proof_refused');
      return { adult };
    },
  };
}

async function judge(
  method: AgeMethod,
  response: string,
  request: { readonly nonce: Buffer; readonly now: number },
): Promise<void> {
  try {
    await method.verify(response, request);
  } catch (error) {
    if (error instanceof ProofRefused) throw new Refusal('proof_refused');
    throw error;
  }
}

/** All that is kept: until when, by which method and rules, and on which day. */
async function keepProof(platform: Platform, accountId: string, method: AgeMethod): Promise<void> {
  const now = platform.clock();
  const proof = {
    until: dayOf(now + method.days * dayMs),
    method: method.id,
    policy: method.policy,
    verified_on: dayOf(now),
  };
  await platform.db
    .insertInto('adult')
    .values({ account_id: accountId, ...proof })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(proof))
    .execute();
}

function createPurges({ db, bus }: Platform): Gate['purges'] {
  return [
    {
      name: 'proof requests',
      async run(now) {
        const gone = await db
          .deleteFrom('proof_request')
          .where('expires_at', '<=', new Date(now))
          .executeTakeFirst();
        return Number(gone.numDeletedRows);
      },
    },
    {
      name: 'proofs that ran out',
      async run(now) {
        const ended = await db
          .deleteFrom('adult')
          .where('until', '<', dayOf(now))
          .returning('account_id')
          .execute();
        if (ended.length > 0) {
          const accountIds = ended.map((row) => row.account_id);
          bus.publish('notice', { accountIds, notice: { kind: 'proof_required' } });
        }
        return ended.length;
      },
    },
  ];
}
