import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { z } from 'zod';
import { createLimiter } from '../platform/limiter.ts';
import { Refusal } from '../platform/refusal.ts';
import { conclude, type Parts, type Shown } from './parts.ts';
import { proofRequest } from './pepper.ts';
import type { Way } from './types.ts';
import { answerPath, isSecret } from './wallet.ts';

/** A response of 64 kB in base64, percent-encoded where it must be, and room for the rest of the form. */
const mostBytes = 160 * 1024;

const form = 'application/x-www-form-urlencoded';
const params = z.strictObject({ proofId: z.uuid().lowercase() });

/**
 * Where wallets post (OpenID4VP 1.0 §8.2, `direct_post`): no session, no cookie, no origin; an unguessable address
 * and the request's `state` in its stead. The first answer with that state counts and ends the request, whatever it
 * is; any other changes nothing. On the same device the wallet is told where to go back to, with a code without
 * which the browser that began can't finish; who lured somebody else into answering has no such code.
 */
export function addAnswers(app: FastifyInstance, parts: Parts): void {
  const { platform } = parts;
  const { config, clock } = platform;
  const posts = createLimiter({ burst: 40, perMinute: 20 }, { enabled: config.rateLimits, clock });
  app.register(async (scope) => {
    scope.addContentTypeParser(form, { parseAs: 'string', bodyLimit: mostBytes }, (_request, body, done) => {
      done(null, new URLSearchParams(body as string));
    });
    scope.post(
      answerPath(':proofId'),
      { config: { fromAnywhere: true }, bodyLimit: mostBytes },
      async (call, reply) => {
        posts.takeAddress(call.ip);
        const parsed = params.safeParse(call.params);
        if (!parsed.success || !(call.body instanceof URLSearchParams)) throw new Refusal('not_found');
        const answer = await take(parts, parsed.data.proofId, call.body);
        return reply.send(answer);
      },
    );
  });
}

async function take(parts: Parts, proofId: string, fields: URLSearchParams): Promise<object> {
  const { platform, methods, pepper } = parts;
  const row = await platform.db
    .selectFrom('proof_request')
    .select(['id', 'way', 'salt', 'method', 'account_id'])
    .where('id', '=', proofId)
    .where('way', 'in', ['link', 'code'])
    .executeTakeFirst();
  const method = methods.get(row?.method ?? '');
  if (row === undefined || method === undefined) throw new Refusal('not_found');
  const request = proofRequest(pepper, { ...row, way: row.way as Way });
  if (!isSecret(fields.get('state') ?? '', request.secret('state'))) throw new Refusal('not_found');
  // Taken before it is judged: of two answers at once, one is.
  if (!(await move(parts, proofId, 'waiting', 'judging'))) throw new Refusal('not_found');
  const passed = await passes(parts, fields, { method, request, accountId: row.account_id });
  await move(parts, proofId, 'judging', passed ? 'passed' : 'refused');
  if (request.way !== 'link') return {};
  const back = new URL(`/gate?proof=${proofId}`, platform.config.publicUrl);
  back.hash = `response=${request.secret('code').toString('base64url')}`;
  return { redirect_uri: back.href };
}

async function passes(
  parts: Parts,
  fields: URLSearchParams,
  asked: Omit<Shown, 'response'>,
): Promise<boolean> {
  if (!fields.has('error')) return conclude(parts, { ...asked, response: fields.get('vp_token') ?? '' });
  parts.count(asked.method.kind, 'declined');
  return false;
}

type State = 'waiting' | 'judging' | 'passed' | 'refused';

/** Moves a request that is under way from one state to the next; false when it was not there. */
async function move({ platform }: Parts, proofId: string, from: State, to: State): Promise<boolean> {
  const { numUpdatedRows } = await platform.db
    .updateTable('proof_request')
    .set({ outcome: to })
    .where('id', '=', proofId)
    .where('outcome', '=', from)
    .where(sql<boolean>`expires_at > ${new Date(platform.clock())}`)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
