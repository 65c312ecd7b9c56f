import {
  type Access,
  contract,
  type Parsed,
  type Reply,
  type Route,
  type RouteName,
  routes,
  type Shapes,
  sessionCookie,
} from '@accord/protocol';
import cookie from '@fastify/cookie';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Platform } from './platform.ts';
import { Refusal } from './refusal.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Not for browsers: no cookie opens it, so that no page of another origin could misuse one. */
    fromAnywhere?: boolean;
  }
}

/** Who calls: a live session, bound to a device once that device has enrolled. */
export interface Caller {
  readonly accountId: string;
  readonly deviceId: string | null;
  /** SHA-256 of the session's token: names the session, opens nothing. */
  readonly tokenHash: Buffer;
  /** When the session's passkey was last shown, in ms. */
  readonly checkedAt: number;
}

/** A caller on an enrolled device. */
export interface DeviceCaller extends Caller {
  readonly deviceId: string;
}

/** Decides who may pass. `accounts` answers the first question, `gate` the second. */
export interface Guard {
  caller(token: string | undefined): Promise<Caller | null>;
  /** The same for many at once, by place. */
  callers(tokens: readonly string[]): Promise<readonly (Caller | null)[]>;
  /** The one function that decides who may talk. @throws {Refusal} `proof_required` */
  assertMayTalk(caller: Omit<Caller, 'deviceId'>): Promise<void>;
  /** The same for many at once, by place. */
  whoMayTalk(callers: readonly Caller[]): Promise<readonly boolean[]>;
  /** Whether an account has this capability of the staff. @throws {Refusal} `not_found` where it has not */
  assertStaff(accountId: string, may: NonNullable<Route['may']>): Promise<void>;
}

type CallerOf<N extends RouteName> = (typeof routes)[N]['access'] extends 'anyone' | 'anonymous'
  ? null
  : (typeof routes)[N]['access'] extends 'session' | 'staff'
    ? Caller
    : DeviceCaller;

/** One call of route `N`: parsed, and its caller let through. */
interface Call<N extends RouteName> extends Parsed<N> {
  readonly caller: CallerOf<N>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Handlers by route name; a feature gives its own, the composition checks that none is missing. */
export type Handlers<N extends RouteName> = { readonly [K in N]: (call: Call<K>) => Promise<Reply<K>> };

const partsOfACall = ['params', 'query', 'body'] as const;
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** From a request's last byte to its answer's first. */
const patienceMs = 45_000;
/** Bytes of a body where a route says nothing else. */
const ordinaryBodyLimit = 32 * 1024;
/** Commits with their welcome and group info, or a stock of key packages. */
const largeBodyLimit = 4 * 1024 * 1024;
/** What a wallet answers: at most 64 kB, twice in base64 where it comes sealed. */
const proofBodyLimit = 160 * 1024;
/** The hashes of a picture and of its parts, with a grant for many. */
const questionBodyLimit = 64 * 1024;
const largeBodies: ReadonlySet<RouteName> = new Set([
  'delivery.keyPackages.publish',
  'delivery.groups.found',
  'delivery.groups.commit',
  'delivery.messages.send',
  'media.blobs.append',
  'media.reports.create',
]);

function bodyLimitOf(name: RouteName): number {
  if (name === 'gate.finish') return proofBodyLimit;
  if (name === 'matching.attest' || name === 'matching.recheck') return questionBodyLimit;
  return largeBodies.has(name) ? largeBodyLimit : ordinaryBodyLimit;
}

/** The HTTP edge: origin check, access, shapes and refusals in one place. Routes are added by `serve`. */
export function createHttp(platform: Platform): FastifyInstance {
  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = asRefusal(error);
    if (refusal.status >= 500) platform.log.error({ err: error, request: request.id }, refusal.code);
    if (refusal.retryAfter !== undefined) reply.header('retry-after', String(refusal.retryAfter));
    return reply.code(refusal.status).send(refusal.body());
  };
  const app = fastify({
    logger: false,
    trustProxy: platform.config.trustProxy,
    bodyLimit: ordinaryBodyLimit,
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    // For one request to come whole; the largest is a part of a picture, by a slow network.
    requestTimeout: 300_000,
    // What the router refuses by itself (unreadable or endless addresses) never reaches the error handler.
    frameworkErrors: refuse,
  });
  app.addHook('onRequest', async (request, reply) => {
    // Before anything reads them: what is asked anonymously has no cookie, whatever a browser sent.
    if (isAnonymous(request)) delete request.raw.headers.cookie;
    // Nothing that is told of a person is anything's to keep on the way.
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
  });
  app.register(cookie);
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  app.addHook('onRequest', async (request) => {
    if (safeMethods.has(request.method) || request.routeOptions.config.fromAnywhere === true) return;
    assertSameOrigin(request, platform.config.publicUrl.origin);
  });
  app.setErrorHandler(refuse);
  return app;
}

/** Whether a request is to a route that must not learn who calls. */
export const isAnonymous = (request: FastifyRequest): boolean =>
  (request.routeOptions.config as { readonly access?: Access } | undefined)?.access === 'anonymous';

/**
 * A browser names the origin of every request that changes something; one from elsewhere is refused. With
 * `SameSite=Strict` on the cookie this is the second wall against cross-site requests.
 */
export function assertSameOrigin(request: Pick<FastifyRequest, 'headers'>, origin: string): void {
  const site = request.headers['sec-fetch-site'];
  const foreign = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (foreign || request.headers.origin !== origin) throw new Refusal('foreign_origin');
}

/** Adds the handlers of a feature, each behind the access that the protocol's table gives it. */
export function serve<N extends RouteName>(app: FastifyInstance, guard: Guard, handlers: Handlers<N>): void {
  for (const name of Object.keys(handlers) as N[]) {
    const route: Route = routes[name];
    const shapes: Shapes = contract[name];
    app.route({
      method: route.method,
      url: route.path,
      config: { access: route.access },
      bodyLimit: bodyLimitOf(name),
      handler: async (request, reply) => {
        const answer = async () => {
          const caller = await letThrough(guard, route, request.cookies[sessionCookie]);
          const call = { caller, request, reply, ...parse(shapes, request) };
          return handlers[name](call as unknown as Call<N>);
        };
        return inTime(answer());
      },
    });
  }
}

/** However slow the database is: whoever asks is told, and may ask again, whatever became of it. @throws {Refusal} `unavailable` */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_answered, fail) => {
    timer = setTimeout(() => fail(new Refusal('unavailable', { retryAfter: 10 })), patienceMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Who calls, if they may: the single door of every route and of the socket. @throws {Refusal} */
export async function letThrough(
  guard: Guard,
  { access, may }: Pick<Route, 'access' | 'may'>,
  token: string | undefined,
): Promise<Caller | null> {
  if (access === 'anyone' || access === 'anonymous') return null;
  const caller = await guard.caller(token);
  if (caller === null) throw new Refusal('session_required');
  if (access === 'session') return caller;
  if (access === 'staff') {
    if (may === undefined) throw new Refusal('not_found');
    await guard.assertStaff(caller.accountId, may);
    return caller;
  }
  if (caller.deviceId === null) throw new Refusal('device_required');
  if (access === 'talking') await guard.assertMayTalk(caller);
  return caller;
}

/** The door of what talks, once more for many who came through it before: by place, who calls or why they no longer may. */
export async function letThroughAgain(
  guard: Guard,
  tokens: readonly string[],
): Promise<(DeviceCaller | 'session_required' | 'device_required' | 'proof_required')[]> {
  const callers = await guard.callers(tokens);
  const known = callers.filter((caller) => caller !== null);
  const may = await guard.whoMayTalk(known);
  const open = new Set(known.filter((_caller, place) => may[place] === true));
  return callers.map((caller) => {
    if (caller === null) return 'session_required';
    const { deviceId } = caller;
    if (deviceId === null) return 'device_required';
    return open.has(caller) ? { ...caller, deviceId } : 'proof_required';
  });
}

function parse(shapes: Shapes, request: FastifyRequest): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const part of partsOfACall) {
    const shape: z.ZodType | undefined = shapes[part];
    if (shape === undefined) continue;
    const result = shape.safeParse(request[part]);
    if (!result.success) {
      throw new Refusal('invalid_input', { field: result.error.issues[0]?.path.join('.') || part });
    }
    out[part] = result.data;
  }
  return out;
}

/** Codes of Fastify, Node and PostgreSQL that have a meaning to a caller. */
const known: ReadonlyMap<string, ConstructorParameters<typeof Refusal>[0]> = new Map([
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'too_large'],
  ['FST_ERR_NOT_FOUND', 'no_route'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'invalid_input'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'invalid_input'],
  ['FST_ERR_CTP_INVALID_JSON_BODY', 'invalid_input'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'invalid_input'],
  ['FST_ERR_BAD_URL', 'invalid_input'],
  ['FST_REQ_FILE_TOO_LARGE', 'too_large'],
]);

/** SQLSTATE classes and system errors of a database that is away, restarting, full, or too busy for this one just now. */
const away =
  /^(08...|53...|57...|58...|25006|25P0[34]|40001|40P01|55P03|E(CONNREFUSED|CONNRESET|NOENT|PIPE|NOSPC|TIMEDOUT|HOSTUNREACH|NETUNREACH|AI_AGAIN|NOTFOUND))$/;

/** Whether an error says that the database or the disk is away rather than that we are wrong. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && away.test(code)) return true;
  return /Connection terminated|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error|after calling end on the pool/.test(
    error.message,
  );
}

/** Any error as what a caller may know of it. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (isUnavailable(error)) return new Refusal('unavailable', { retryAfter: 2 });
  const code = (error as { code?: unknown } | null)?.code;
  const mapped = typeof code === 'string' ? known.get(code) : undefined;
  if (mapped !== undefined) return new Refusal(mapped);
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  if (status === 429) return new Refusal('slow_down', { retryAfter: 10 });
  if (typeof status === 'number' && status >= 400 && status < 500) return new Refusal('invalid_input');
  return new Refusal('internal');
}
