import { EngineError, type EngineEvent } from './api.ts';
import type { Core } from './core/core.ts';
import { glance } from './core/glance.ts';
import { ownPorts } from './own-ports.ts';
import { type Answer, answer, type Between, type Call, Caller, type Hint } from './rpc.ts';

/*
 * One worker for each tab; the one that holds the lock runs the engine, the others pass calls on to it. When its
 * tab closes, the lock goes to the next, which reads everything from the store.
 */

interface Scope {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<Call | Hint>) => void): void;
  addEventListener(type: 'online' | 'offline', listener: () => void): void;
}

type Leading = { readonly core: Core; readonly asRefusal: (error: unknown) => EngineError };

const page = self as unknown as Scope;
const channel = new BroadcastChannel('accord-engine');
let leading: Promise<Leading> | null = null;
/** To whoever leads when it is asked, and asked again: that may be this worker by then. */
const leader: Caller = new Caller((call) => {
  if (leading === null) channel.postMessage(call);
  else void answerHere(call).then((reply) => leader.answered(reply));
});

function tellAll(event: EngineEvent): void {
  const told: Between = { type: 'event', event };
  page.postMessage(told);
  channel.postMessage(told);
}

/** Never settles: the lock is ours as long as the tab lives. */
async function takeLead(): Promise<never> {
  const ports = ownPorts();
  leading = (async () => {
    // Before MLS is fetched: reading it in would hold this thread. What fails here, the core meets and tells.
    await glance(ports, tellAll).catch(() => undefined);
    const { lead, asEngineError } = await import('./lead.ts');
    return { core: await lead(ports, tellAll), asRefusal: asEngineError };
  })();
  await leading;
  channel.postMessage({ type: 'leader' } satisfies Between);
  leader.again();
  await greet();
  return new Promise(() => undefined);
}

/** Tells everybody where things stand. */
async function greet(): Promise<void> {
  if (leading === null) return;
  const { core } = await leading;
  tellAll({ type: 'status', status: core.status });
  tellAll({ type: 'conversations', conversations: await core.methods['conversations.list']() });
}

async function answerHere(call: Call): Promise<Answer> {
  try {
    const { core, asRefusal } = await (leading as Promise<Leading>);
    return await answer(call, core.methods, asRefusal);
  } catch {
    return { type: 'refusal', id: call.id, code: 'internal' };
  }
}

async function answerPage(call: Call): Promise<Answer> {
  if (leading !== null) return answerHere(call);
  try {
    return { type: 'result', id: call.id, value: await leader.call(call.method, call.input) };
  } catch (error) {
    const { code, field, retryAfter } = error instanceof EngineError ? error : new EngineError('internal');
    return { type: 'refusal', id: call.id, code, field, retryAfter };
  }
}

async function heed(hint: Hint): Promise<void> {
  if (leading === null) return;
  const { core } = await leading;
  if (hint.type === 'network') core.network(hint.there);
  else if (hint.type === 'hidden') core.hidden(hint.hidden);
  else core.persistent(hint.persistent);
}

page.addEventListener('message', ({ data }) => {
  if (data.type === 'call') void answerPage(data).then((reply) => page.postMessage(reply));
  else void heed(data);
});
page.addEventListener('online', () => void heed({ type: 'network', there: true }));
page.addEventListener('offline', () => void heed({ type: 'network', there: false }));

channel.addEventListener('message', ({ data }: MessageEvent<Between>) => {
  if (leading !== null) {
    if (data.type === 'call') void answerHere(data).then((reply) => channel.postMessage(reply));
    else if (data.type === 'hello') void greet();
    else if (data.type === 'result' || data.type === 'refusal') leader.answered(data);
    return;
  }
  if (data.type === 'event') page.postMessage(data);
  else if (data.type === 'result' || data.type === 'refusal') leader.answered(data);
  else if (data.type === 'leader') leader.again();
});

void navigator.locks.request('accord-engine', takeLead);
channel.postMessage({ type: 'hello' } satisfies Between);
