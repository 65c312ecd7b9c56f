import type { ErrorBody } from '@accord/protocol';
import { keyRequired, type PartnerRoute } from '@accord/protocol/partners';
import multipart from '@fastify/multipart';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { asRefusal } from '../platform/http.ts';
import { createLimiter, type Limiter } from '../platform/limiter.ts';
import { observeRequests } from '../platform/observe.ts';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import { type ApiKey, KeyDoor, keyOf } from './keys.ts';

/** How an interface says no: its status and the body in its own words. */
export type Told = (refusal: {
  readonly status: number;
  readonly body: ErrorBody | typeof keyRequiredBody;
}) => unknown;
const keyRequiredBody = { code: keyRequired.code };

/** Who calls, and what is counted to them. */
export interface Partner {
  readonly key: ApiKey;
  /** Counts hashes, pictures or whatever a call costs beyond itself. @throws {Refusal} `slow_down` */
  spend(count: number): void;
}

type Out<S> = S extends z.ZodType ? z.output<S> : undefined;

/** One call of a route, parsed, and its key let through. */
export interface PartnerCall<R extends PartnerRoute> {
  readonly params: R extends { params: infer S } ? Out<S> : undefined;
  readonly query: R extends { query: infer S } ? Out<S> : undefined;
  /** Parsed where it is JSON; else the handler reads the request. */
  readonly body: R extends { takes: string } ? undefined : R extends { body: infer S } ? Out<S> : undefined;
  readonly partner: R['scope'] extends 'anyone' ? null : Partner;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Handlers of a table of routes. One that answers by itself returns the reply. */
export type PartnerHandlers<T extends Readonly<Record<string, PartnerRoute>>> = {
  readonly [N in keyof T]: (call: PartnerCall<T[N]>) => Promise<z.input<T[N]['reply']> | FastifyReply>;
};

class NoKey extends Error {
  override readonly name = 'NoKey';
}

/** The largest JSON: a call's pictures in base64. */
const jsonBytes = 32 * 1024 * 1024;
/** The largest file, as HMA has it. */
const fileBytes = 100 * 1024 * 1024;

/** A listener of its own for other platforms: no cookie, no session, no page; a key or nothing. */
export function createDoor(platform: Platform) {
  const { config, clock, db, log } = platform;
  const app = fastify({
    logger: false,
    trustProxy: config.trustProxy,
    bodyLimit: jsonBytes,
    requestIdHeader: false,
    forceCloseConnections: true,
    frameworkErrors: (error, request, reply) => void refuseAs(plainly)(error, request, reply),
  });
  app.decorateRequest('partner', null);
  const keys = new KeyDoor(db);
  const limiters = new Map<string, Limiter>();
  const limiterOf = ({ id, perMinute }: ApiKey): Limiter => {
    const known = limiters.get(`${id} ${perMinute}`);
    if (known !== undefined) return known;
    const limiter = createLimiter({ burst: perMinute, perMinute }, { enabled: config.rateLimits, clock });
    limiters.set(`${id} ${perMinute}`, limiter);
    return limiter;
  };
  const refuseAs =
    (told: Told) =>
    (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
      if (error instanceof NoKey) {
        reply.header('www-authenticate', 'Bearer, Basic realm="accord"');
        return reply
          .code(keyRequired.status)
          .send(told({ status: keyRequired.status, body: keyRequiredBody }));
      }
      const refusal = asRefusal(error);
      if (refusal.status >= 500) log.error({ err: error, request: request.id }, refusal.code);
      if (refusal.retryAfter !== undefined) reply.header('retry-after', String(refusal.retryAfter));
      return reply.code(refusal.status).send(told({ status: refusal.status, body: refusal.body() }));
    };
  const letThrough = async (route: PartnerRoute, request: FastifyRequest): Promise<Partner | null> => {
    if (route.scope === 'anyone') return null;
    const partner = await partnerOf(request);
    // Forbidden and absent answer alike.
    if (route.scope !== 'key' && !partner.key.scopes.includes(route.scope)) throw new Refusal('no_route');
    return partner;
  };
  const partnerOf = async (request: FastifyRequest): Promise<Partner> => {
    const key = await keys.find(keyOf(request.headers.authorization));
    if (key === null) throw new NoKey();
    const limiter = limiterOf(key);
    limiter.take(key.id);
    return { key, spend: (count) => limiter.take(key.id, count) };
  };

  app.register(multipart, {
    limits: { files: 2, fileSize: fileBytes, fields: 8, fieldSize: 64 * 1024, parts: 10 },
  });
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });
  observeRequests(app, platform, 'accord_api_request_seconds');
  app.setErrorHandler(refuseAs(plainly));
  app.setNotFoundHandler(async (request, reply) => {
    // Without a key nobody learns what there is.
    const error = await partnerOf(request).then(
      () => new Refusal('no_route'),
      (no: unknown) => no,
    );
    return refuseAs(plainly)(error, request, reply);
  });
  return {
    app,
    /** Adds an interface: each handler behind the scope that its table gives it, its refusals in its own words. */
    serve<T extends Readonly<Record<string, PartnerRoute>>>(
      routes: T,
      handlers: PartnerHandlers<T>,
      { told = plainly, add }: { readonly told?: Told; readonly add?: (scope: FastifyInstance) => void } = {},
    ): void {
      app.register(async (scope) => {
        scope.setErrorHandler(refuseAs(told));
        add?.(scope);
        for (const name of Object.keys(routes) as (keyof T & string)[]) {
          addRoute(scope, routes[name] as PartnerRoute, letThrough, async (call) =>
            handlers[name](call as unknown as PartnerCall<T[typeof name]>),
          );
        }
      });
    },
  };
}

const plainly: Told = ({ body }) => body;

function addRoute(
  app: FastifyInstance,
  route: PartnerRoute,
  letThrough: (route: PartnerRoute, request: FastifyRequest) => Promise<Partner | null>,
  handle: (call: PartnerCall<PartnerRoute>) => Promise<unknown>,
): void {
  app.route({
    method: route.method,
    url: route.path,
    ...(route.takes !== undefined && { bodyLimit: fileBytes }),
    // Before the body is read: who has no key sends none.
    onRequest: async (request) => {
      request.partner = await letThrough(route, request);
    },
    handler: async (request, reply) => {
      const call = {
        params: parsed(route.params, request.params, 'params'),
        query: parsed(route.query, request.query, 'query'),
        body: route.takes === undefined ? parsed(route.body, request.body, 'body') : undefined,
        partner: request.partner,
        request,
        reply,
      };
      const answer = await handle(call as unknown as PartnerCall<PartnerRoute>);
      if (answer === reply) return reply;
      if (route.status !== undefined) reply.code(route.status);
      if (route.gives === 'text') reply.type('text/plain; charset=utf-8');
      return reply.send(answer);
    },
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    partner?: Partner | null;
  }
}

function parsed(shape: z.ZodType | undefined, value: unknown, part: string): unknown {
  if (shape === undefined) return undefined;
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  throw new Refusal('invalid_input', { field: result.error.issues[0]?.path.join('.') || part });
}
