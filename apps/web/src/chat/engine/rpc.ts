import { EngineError, type EngineErrorCode, type EngineEvent } from './api.ts';

/*
 * Calls between pages, their workers and the leading worker. A call has an id of its own: it is answered once,
 * and asked again of the next leader where that can do no harm.
 */

export interface Call {
  readonly type: 'call';
  readonly id: string;
  readonly method: string;
  readonly input: unknown;
}

export type Answer =
  | { readonly type: 'result'; readonly id: string; readonly value: unknown }
  | {
      readonly type: 'refusal';
      readonly id: string;
      readonly code: EngineErrorCode;
      readonly field?: string | undefined;
      readonly retryAfter?: number | undefined;
    };

export interface Told {
  readonly type: 'event';
  readonly event: EngineEvent;
}

/** What pages tell their worker about the browser. */
export type Hint =
  | { readonly type: 'network'; readonly there: boolean }
  /** The page went out of sight, perhaps for good, or came back. */
  | { readonly type: 'hidden'; readonly hidden: boolean }
  | { readonly type: 'persistent'; readonly persistent: boolean };

/** Between workers: a follower greets, a new leader says that it is there. */
export type Between = Call | Answer | Told | Hint | { readonly type: 'hello' } | { readonly type: 'leader' };

/** Longer than any request of the engine to the server, other than those that fetch a picture. */
export const answerWithin = 45_000;
const pictureWithin = 6 * 60_000;
const fetching = new Set(['pictures.open', 'pictures.openQuestion']);

/** Asked twice, these would do something twice. */
const onceOnly = new Set([
  'account.finishRegistration',
  'account.finishSignIn',
  'account.finishReturn',
  'account.createLinkCode',
  'account.replaceRecoveryCode',
  'requests.send',
  'conversations.edit',
  'pictures.report',
  'pictures.open',
  'pictures.openQuestion',
  'pictures.grant',
]);

interface Waiting {
  readonly call: Call;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: EngineError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The asking side. */
export class Caller {
  readonly #post: (call: Call) => void;
  readonly #waiting = new Map<string, Waiting>();

  constructor(post: (call: Call) => void) {
    this.#post = post;
  }

  /** @throws {EngineError} */
  call(method: string, input: unknown): Promise<unknown> {
    const call: Call = { type: 'call', id: crypto.randomUUID(), method, input };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#end(call.id)?.reject(new EngineError('engine_timeout')),
        fetching.has(method) ? pictureWithin : answerWithin,
      );
      this.#waiting.set(call.id, { call, resolve, reject, timer });
      this.#post(call);
    });
  }

  /** Takes an answer; those to others are ignored. */
  answered(answer: Answer): void {
    const waiting = this.#end(answer.id);
    if (waiting === undefined) return;
    if (answer.type === 'result') waiting.resolve(answer.value);
    else waiting.reject(refusalOf(answer));
  }

  /** Another leader took over: asks it what the former one did not answer. */
  again(): void {
    for (const { call, reject } of [...this.#waiting.values()]) {
      if (!onceOnly.has(call.method)) this.#post(call);
      else {
        this.#end(call.id);
        reject(new EngineError('engine_timeout'));
      }
    }
  }

  #end(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return undefined;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    return waiting;
  }
}

function refusalOf({ code, field, retryAfter }: Extract<Answer, { type: 'refusal' }>): EngineError {
  return new EngineError(code, {
    ...(field === undefined ? {} : { field }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}

/** Answers a call by `methods`; an unknown method is refused like everything else. */
export async function answer(
  call: Call,
  methods: Readonly<Record<string, (input: never) => Promise<unknown>>>,
  asRefusal: (error: unknown) => EngineError,
): Promise<Answer> {
  try {
    const method = Object.hasOwn(methods, call.method) ? methods[call.method] : undefined;
    if (method === undefined) throw new EngineError('no_route');
    return { type: 'result', id: call.id, value: await method(call.input as never) };
  } catch (error) {
    const { code, field, retryAfter } = asRefusal(error);
    return { type: 'refusal', id: call.id, code, field, retryAfter };
  }
}
