import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError, address, call, onRefusal } from './client.ts';

const answer = (status: number, body: unknown) => {
  const fetched = vi.fn(async (_url: string, _init: RequestInit) =>
    typeof body === 'string' ? new Response(body, { status }) : Response.json(body, { status }),
  );
  vi.stubGlobal('fetch', fetched);
  return fetched;
};

afterEach(() => vi.unstubAllGlobals());

describe('addresses', () => {
  it('fill the names of a path and leave out what is absent of a query', () => {
    expect(address('/api/a/:id/b', { id: 'x/y z' }, {})).toBe('/api/a/x%2Fy%20z/b');
    expect(address('/api/a', {}, { words: 'é & b', after: undefined })).toBe('/api/a?words=%C3%A9+%26+b');
  });
});

describe('calls', () => {
  it('use the method and path of the table, same origin, no cache', async () => {
    const fetched = answer(200, { proofId: 'p', present: { kind: 'redirect', url: '/' } });
    await call('gate.begin', { body: { method: 'test' } });
    const [url, init] = fetched.mock.calls[0] ?? [];
    expect(url).toBe('/api/gate/proofs');
    expect(init).toMatchObject({
      method: 'POST',
      body: '{"method":"test"}',
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
    });
  });

  it('tell a refusal by its code, field and time to wait', async () => {
    answer(429, { code: 'slow_down', retryAfter: 7 });
    await expect(call('accounts.me')).rejects.toMatchObject({ code: 'slow_down', retryAfter: 7 });
    answer(400, { code: 'invalid_input', field: 'about' });
    await expect(call('accounts.me')).rejects.toMatchObject({ code: 'invalid_input', field: 'about' });
  });

  it('tell those who listen, until they stop', async () => {
    const heard: string[] = [];
    const stop = onRefusal((code) => heard.push(code));
    answer(401, { code: 'session_required' });
    await expect(call('accounts.me')).rejects.toBeInstanceOf(ApiError);
    stop();
    await expect(call('accounts.me')).rejects.toBeInstanceOf(ApiError);
    expect(heard).toEqual(['session_required']);
  });

  it('trust nothing that is not a refusal of ours', async () => {
    answer(502, '<html>Bad gateway</html>');
    await expect(call('accounts.me')).rejects.toMatchObject({ code: 'unavailable' });
    answer(500, { code: 'made_up' });
    await expect(call('accounts.me')).rejects.toMatchObject({ code: 'internal' });
    answer(400, { code: 'toString' });
    await expect(call('accounts.me')).rejects.toMatchObject({ code: 'internal' });
  });

  it('call a network that is away offline, and let a given-up call be given up', async () => {
    vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('Failed to fetch')));
    await expect(call('accounts.me')).rejects.toMatchObject({ code: 'offline' });
    const controller = new AbortController();
    controller.abort();
    vi.stubGlobal('fetch', async () => Promise.reject(controller.signal.reason));
    await expect(call('accounts.me', { signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});
