import { expect, it } from 'vitest';
import { call, startApi } from '../partners/api.ts';

it('shows with whom hashes are exchanged, and changes nothing of it', async () => {
  const api = await startApi();
  try {
    const key = await api.key(['exchanges']);
    const ask = (path: string, method = 'GET', body?: unknown) => call(api.url, key, method, path, body);
    const none = { status: 200, body: [] };
    expect(await ask('/c/exchanges')).toMatchObject(none);
    expect((await ask('/c/exchanges/apis')).body).toEqual([
      'stopncii',
      'ncmec',
      'fb_threatexchange',
      'local_file',
    ]);
    await api.server.running.features.exchange.create(
      { name: 'PEER', kind: 'list', settings: { path: '/nowhere' }, purpose: 'review' },
      true,
    );
    expect((await ask('/c/exchanges')).body).toEqual(['PEER']);
    expect((await ask('/c/exchange/PEER')).body).toEqual({ name: 'PEER', api: 'local_file', enabled: true });
    expect(Object.keys((await ask('/c/exchange/PEER/status')).body as object)).toEqual([
      'checkpoint_ts',
      'running_fetch_start_ts',
      'last_fetch_complete_ts',
      'last_fetch_succeeded',
      'up_to_date',
      'fetched_items',
    ]);
    expect((await ask('/c/exchanges/api/ncmec')).body).toEqual({
      supports_authentification: true,
      has_set_authentification: false,
    });
    expect((await ask('/c/exchanges/api/local_file')).body).toMatchObject({
      supports_authentification: false,
    });
    for (const [method, path] of [
      ['POST', '/c/exchanges'],
      ['PUT', '/c/exchange/PEER'],
      ['DELETE', '/c/exchange/PEER'],
      ['POST', '/c/exchanges/api/ncmec'],
    ] as const) {
      expect((await ask(path, method, { enabled: false })).status, `${method} ${path}`).toBe(404);
    }
    expect((await ask('/c/exchange/PEER')).body).toMatchObject({ enabled: true });
  } finally {
    await api.close();
  }
});
