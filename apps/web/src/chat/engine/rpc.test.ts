import { afterEach, expect, it, vi } from 'vitest';
import { EngineError } from './api.ts';
import { answer, answerWithin, type Call, Caller } from './rpc.ts';

const asRefusal = (error: unknown) => (error instanceof EngineError ? error : new EngineError('internal'));

afterEach(() => {
  vi.useRealTimers();
});

/** Two ends and a wire that clones, as `postMessage` does. */
function wired(methods: Parameters<typeof answer>[1]) {
  const calls: Call[] = [];
  const caller: Caller = new Caller((call) => {
    calls.push(structuredClone(call));
    void answer(structuredClone(call), methods, asRefusal).then((reply) =>
      caller.answered(structuredClone(reply)),
    );
  });
  return { caller, calls };
}

it('brings values and refusals back to whoever asked, however they cross', async () => {
  const { caller } = wired({
    late: async (input: never) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { late: input };
    },
    soon: async (input: never) => ({ soon: input }),
    refuse: async () => {
      throw new EngineError('slow_down', { field: 'words', retryAfter: 3 });
    },
    breaks: async () => {
      throw new TypeError('a detail that must not cross');
    },
  });
  const late = caller.call('late', 1);
  expect(await caller.call('soon', { bytes: Uint8Array.of(1, 2) })).toEqual({
    soon: { bytes: Uint8Array.of(1, 2) },
  });
  expect(await late).toEqual({ late: 1 });
  await expect(caller.call('refuse', null)).rejects.toMatchObject({
    name: 'EngineError',
    code: 'slow_down',
    field: 'words',
    retryAfter: 3,
  });
  const broken = await caller.call('breaks', null).catch((error: unknown) => error);
  expect(broken).toMatchObject({ code: 'internal', message: 'internal' });
  await expect(caller.call('constructor', null)).rejects.toMatchObject({ code: 'no_route' });
});

it('gives up after a while, and ignores an answer that comes later', async () => {
  vi.useFakeTimers();
  const calls: Call[] = [];
  const caller = new Caller((call) => calls.push(call));
  const asked = caller.call('conversations.list', null).catch((error: unknown) => error);
  // A picture may come over a slow line.
  const picture = caller.call('pictures.open', null);
  await vi.advanceTimersByTimeAsync(answerWithin + 1);
  expect(await asked).toMatchObject({ code: 'engine_timeout' });
  caller.answered({ type: 'result', id: calls[0]?.id ?? '', value: 1 });
  caller.answered({ type: 'result', id: calls[1]?.id ?? '', value: 2 });
  expect(await picture).toBe(2);
});

it('asks the next leader again, but not what would happen twice', async () => {
  const calls: Call[] = [];
  const caller = new Caller((call) => calls.push(call));
  const sent = caller.call('conversations.send', { id: 'a' });
  const edited = caller.call('conversations.edit', { id: 'b' }).catch((error: unknown) => error);
  caller.again();
  expect(await edited).toMatchObject({ code: 'engine_timeout' });
  expect(calls.map(({ method }) => method)).toEqual([
    'conversations.send',
    'conversations.edit',
    'conversations.send',
  ]);
  expect(calls[2]).toEqual(calls[0]);
  caller.answered({ type: 'result', id: calls[0]?.id ?? '', value: 'done' });
  expect(await sent).toBe('done');
});
