import { staffRoles } from '@accord/case-model';
import { contract, type Params, type RouteName, routes, type Shapes } from '@accord/protocol';
import { socketPath } from '@accord/protocol/routes';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Authenticator } from './authenticator.ts';
import { newStaff, someCases } from './cases/staff.ts';
import { Client, codeOf, type Loose } from './client.ts';
import { ownedPictures } from './media/owned.ts';
import { freshName, type Member, newAccount, newMember, signIn } from './people.ts';
import { bodies, bytes, uuid, type WithBody } from './samples.ts';
import { startServer, type TestServer } from './support.ts';

/*
 * Every route of the protocol, from its table: whoever adds one and gives it no sample here does not compile, and
 * has its access, its refusals and its manners tested without writing a line.
 */

type WithParams = { [N in RouteName]: [Params<N>] extends [undefined] ? never : N }[RouteName];

const names = Object.keys(routes) as RouteName[];
const shapesOf = (name: RouteName): Shapes => contract[name];
const bodyOf = (name: RouteName): unknown => (name in bodies ? bodies[name as WithBody]() : undefined);

let server: TestServer;
let owner: Member;
let partner: Member;
let stranger: Member;
/** Has every role. */
let clerk: Member;
/** What belongs to `owner`, by route: real ids. */
let owned: { readonly [N in WithParams]: () => Params<N> };

beforeAll(async () => {
  server = await startServer();
  [owner, partner, stranger] = [
    await newMember(server, freshName()),
    await newMember(server, freshName()),
    await newMember(server, freshName()),
  ];
  clerk = await newStaff(server, ...staffRoles);
  const ask = (from: Member, to: Member) =>
    from.client.call('presence.requests.create', { body: { to: to.id, sealedLine: bytes(64) } });
  const first = await ask(partner, owner);
  const params = { requestId: first.id };
  const { conversationId } = await owner.client.call('presence.requests.accept', { params, body: {} });
  const requestId = (await ask(partner, owner)).id;
  const { proofId } = await owner.client.call('gate.begin', { body: { method: 'test' } });
  const ceremonyId = async (name: 'accounts.signIn.begin') =>
    (await new Client(server.url).call(name, { body: {} })).ceremonyId;
  const check = { ceremonyId: (await owner.client.call('accounts.checks.begin', { body: {} })).ceremonyId };
  const ceremony = { ceremonyId: await ceremonyId('accounts.signIn.begin') };
  owned = {
    'accounts.registration.finish': () => ceremony,
    'accounts.signIn.finish': () => ceremony,
    'accounts.return.finish': () => ceremony,
    'accounts.checks.finish': () => check,
    'accounts.devices.rename': () => ({ deviceId: owner.device.deviceId }),
    'accounts.devices.remove': () => ({ deviceId: owner.device.deviceId }),
    'accounts.blocks.remove': () => ({ accountId: owner.id }),
    'gate.await': () => ({ proofId }),
    'gate.finish': () => ({ proofId }),
    'presence.people.read': () => ({ accountId: owner.id }),
    'presence.requests.accept': () => ({ requestId }),
    'presence.requests.hide': () => ({ requestId }),
    'delivery.conversations.read': () => ({ conversationId }),
    'delivery.conversations.close': () => ({ conversationId }),
    'delivery.keyPackages.claim': () => ({ conversationId }),
    'delivery.groups.found': () => ({ conversationId }),
    'delivery.groups.info': () => ({ conversationId }),
    'delivery.groups.commit': () => ({ conversationId }),
    ...(await ownedPictures(owner, partner)),
    ...someCases,
  };
});
afterAll(() => server.close());

const paramsOf = (name: RouteName): unknown => (name in owned ? owned[name as WithParams]() : undefined);
/** Ids of the right shape that are nobody's. */
const absentParams = (name: RouteName) =>
  Object.fromEntries(Object.keys((paramsOf(name) as object | undefined) ?? {}).map((key) => [key, uuid()]));
const sample = (name: RouteName): Loose => ({ params: paramsOf(name), body: bodyOf(name) });
const refusal = async (client: Client, name: RouteName, input: Loose) => {
  const { status, text } = await client.answer(name, input);
  return `${status} ${status === 200 ? '' : (JSON.parse(text) as { code: string }).code}`;
};
const withAccess = (...access: string[]) => names.filter((name) => access.includes(routes[name].access));

describe('the table of routes', () => {
  it('is served, each path by its methods alone', () => {
    for (const name of names) {
      const { method, path } = routes[name];
      expect(server.app.hasRoute({ method, url: path }), `${method} ${path}`).toBe(true);
    }
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
    for (const path of new Set(names.map((name) => routes[name].path))) {
      const ours = names.filter((name) => routes[name].path === path).map((name) => routes[name].method);
      const there = methods.filter((method) => server.app.hasRoute({ method, url: path }));
      expect(new Set(there), path).toEqual(new Set(ours));
    }
  });

  it('lets nobody talk by any route that is not marked so', () => {
    for (const name of names) {
      const talks = name.startsWith('presence.') || name.startsWith('delivery.');
      // Which of a picture's routes ask for less is the protocol's own test.
      if (!name.startsWith('media.')) expect(routes[name].access === 'talking', name).toBe(talks);
    }
  });
});

describe('without a session', () => {
  it.each(withAccess('session', 'device', 'talking', 'staff'))(
    '%s asks for one, whatever is sent',
    async (name) => {
      for (const token of [undefined, bytes(32), 'nonsense']) {
        const client = new Client(server.url, token);
        expect(await refusal(client, name, sample(name))).toBe('401 session_required');
        const body = routes[name].method === 'GET' ? undefined : { nonsense: true };
        expect(await refusal(client, name, { params: absentParams(name), body })).toBe(
          '401 session_required',
        );
      }
    },
  );

  it.each(withAccess('anyone'))('%s answers, and opens no session to a sample', async (name) => {
    const client = new Client(server.url);
    expect(await refusal(client, name, sample(name))).toMatch(
      /^(200 |400 ceremony_failed|404 code_unknown|404 not_found)$/,
    );
    expect(client.token).toBeUndefined();
  });

  it.each(withAccess('anonymous'))('%s answers whoever asks alike, and reads no cookie', async (name) => {
    const outcomes = [undefined, bytes(32), 'nonsense', owner.client.token].map(async (token) => {
      const client = new Client(server.url, token);
      const { status, text, headers } = await client.answer(name, { body: bodyOf(name) });
      expect(client.token).toBe(token);
      return { status, length: text.length, names: [...headers.keys()] };
    });
    const [first, ...others] = await Promise.all(outcomes);
    expect([200, 400]).toContain(first?.status);
    for (const other of others) expect(other).toEqual(first);
  });

  it.each(withAccess('session', 'device', 'talking', 'staff'))(
    '%s takes no session that ended',
    async (name) => {
      const { client } = await signIn(server, stranger.authenticator, stranger.device);
      const token = client.token;
      await client.call('accounts.signOut', { body: {} });
      expect(await refusal(new Client(server.url, token), name, sample(name))).toBe('401 session_required');
    },
  );
});

describe('with a session but no device', () => {
  it.each(withAccess('device', 'talking'))('%s asks for one', async (name) => {
    const { client } = await signIn(server, stranger.authenticator);
    expect(await refusal(client, name, sample(name))).toBe('403 device_required');
  });
});

describe('without a role', () => {
  it.each(withAccess('staff'))('%s is absent, whatever is sent', async (name) => {
    expect(await refusal(owner.client, name, sample(name))).toBe('404 not_found');
    const body = routes[name].method === 'GET' ? undefined : { nonsense: true };
    expect(await refusal(owner.client, name, { params: absentParams(name), body })).toBe('404 not_found');
  });
});

describe('without proof of age', () => {
  let unproved: Member;
  beforeAll(async () => {
    unproved = await newAccount(server, freshName());
  });

  it.each(withAccess('talking'))('%s does not talk', async (name) => {
    expect(await refusal(unproved.client, name, sample(name))).toBe('403 proof_required');
    expect(await refusal(unproved.client, name, { params: absentParams(name) })).toBe('403 proof_required');
  });

  it.each(withAccess('talking'))('%s does not talk any more when the proof ran out', async (name) => {
    const account_id = unproved.id;
    const proof = { account_id, method: 'test', policy: 'test/1', verified_on: '2020-01-01' };
    const insert = server.platform.db.insertInto('adult').values({ ...proof, until: '2020-03-31' });
    await insert.onConflict((conflict) => conflict.doNothing()).execute();
    expect(await refusal(unproved.client, name, sample(name))).toBe('403 proof_required');
  });
});

describe('as another account', () => {
  /** What anybody may read of anybody. */
  const open: ReadonlySet<RouteName> = new Set([
    'presence.people.read',
    'media.senders.write',
    // Whoever has the link or the id: both are secrets of 122 random bits.
    'media.links.read',
    'media.links.view',
    'media.links.blob',
    'media.links.answer',
    'media.records.read',
  ]);

  it.each(names.filter((name) => shapesOf(name).params !== undefined))(
    '%s answers for what is another’s as for what is not there',
    async (name) => {
      const foreign = await stranger.client.answer(name, sample(name));
      const absent = await stranger.client.answer(name, { params: absentParams(name), body: bodyOf(name) });
      if (open.has(name)) {
        expect([foreign.status, absent.status]).toEqual([200, 404]);
        return;
      }
      expect([foreign.status, foreign.text]).toEqual([absent.status, absent.text]);
      expect([...foreign.headers.keys()]).toEqual([...absent.headers.keys()]);
    },
  );

  it('left everything of the owner’s as it was', async () => {
    const { devices } = await owner.client.call('accounts.devices.list', {});
    expect(devices).toMatchObject([{ id: owner.device.deviceId, name: 'Phone' }]);
    const conversations = await owner.client.call('delivery.conversations.list', {});
    expect(conversations.conversations).toMatchObject([{ closed: false, group: null }]);
    expect((await owner.client.call('presence.requests.list', {})).incoming).toHaveLength(1);
  });
});

describe('from another origin', () => {
  it.each(names.filter((name) => routes[name].method !== 'GET'))('%s refuses', async (name) => {
    const { method, path } = routes[name];
    const url = new URL(path.replaceAll(/:\w+/g, uuid()), server.url);
    for (const headers of [
      {},
      { origin: 'https://elsewhere.example' },
      { origin: 'null' },
      { origin: server.url, 'sec-fetch-site': 'cross-site' },
      { origin: server.url, 'sec-fetch-site': 'same-site' },
    ]) {
      const cookie = `accord_session=${owner.client.token}`;
      const answer = await server.app.inject({ method, url: url.pathname, headers: { ...headers, cookie } });
      expect([answer.statusCode, answer.body]).toEqual([403, '{"code":"foreign_origin"}']);
    }
  });
});

describe('with garbage', () => {
  /** Who gets as far as the shapes of a route. */
  const insider = (name: RouteName) => (routes[name].access === 'staff' ? clerk : owner).client;
  const texts = ['', 'null', '[]', '"x"', '0', 'true', '{', '{"a":', '{"__proto__":{"a":1}}', '\u0000'];
  const refused = /^(400 (invalid_input|ceremony_failed|bad_\w+|proof_refused)|404 \w+|413 too_large)$/;

  it.each(names.filter((name) => shapesOf(name).body !== undefined))(
    '%s takes no other body',
    async (name) => {
      const deep = '['.repeat(20_000) + ']'.repeat(20_000);
      for (const body of [...texts, deep, '{"extra":1}']) {
        expect(
          await refusal(insider(name), name, { params: paramsOf(name), body }),
          body.slice(0, 20),
        ).toMatch(/^400 invalid_input|^413 too_large/);
      }
      const huge = JSON.stringify({ x: 'x'.repeat(5 * 1024 * 1024) });
      expect(await refusal(insider(name), name, { params: paramsOf(name), body: huge })).toBe(
        '413 too_large',
      );
    },
  );

  it.each(names.filter((name) => shapesOf(name).params !== undefined))(
    '%s takes no other id',
    async (name) => {
      for (const id of [
        'x',
        '..%2F..',
        '%00',
        uuid().toUpperCase(),
        `${uuid()}0`,
        'é'.repeat(200),
        "' or 1=1 --",
      ]) {
        const params = Object.fromEntries(Object.keys(paramsOf(name) as object).map((key) => [key, id]));
        expect(await refusal(insider(name), name, { params, body: bodyOf(name) }), id).toMatch(
          /^(400 invalid_input|404 no_route)$/,
        );
      }
    },
  );

  it.each(names.filter((name) => shapesOf(name).query !== undefined))(
    '%s takes no other query',
    async (name) => {
      for (const query of [
        { nonsense: '1' },
        { words: '\u0000' },
        { words: 'x'.repeat(61) },
        { online: 'false' },
      ]) {
        expect(await refusal(insider(name), name, { query })).toBe('400 invalid_input');
      }
    },
  );

  it.each(names.filter((name) => shapesOf(name).body !== undefined))(
    '%s refuses each field that is wrong with a code of its own, and never breaks',
    async (name) => {
      const wrong = fc.constantFrom<unknown>(
        ...[
          null,
          true,
          -1,
          1.5,
          2 ** 53,
          '',
          '\u0000',
          '\ud800',
          '=',
          'A',
          'é',
          'x'.repeat(20_000),
          [],
          {},
          [null],
        ],
      );
      const places = [...paths(bodyOf(name))];
      // A body without fields has none that can be wrong.
      if (places.length === 0) return;
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...places), wrong, async (place, value) => {
          const body = structuredClone(bodyOf(name));
          replace(body, place, value);
          const { status, text } = await stranger.client.answer(name, { params: absentParams(name), body });
          if (status === 200) return;
          const { code } = JSON.parse(text) as { code: string };
          expect(`${status} ${code}`, `${place.join('.')} = ${JSON.stringify(value)?.slice(0, 30)}`).toMatch(
            refused,
          );
        }),
        { numRuns: 25 },
      );
    },
  );

  it('is still there afterwards', async () => {
    expect(await codeOf(owner.client.call('accounts.me', {}))).toBe('no refusal');
  });
});

type Place = readonly (string | number)[];

/** Where the values of a body are. */
function* paths(value: unknown, at: Place = []): Generator<Place> {
  if (at.length > 0) yield at;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* paths(inner, [...at, key]);
}

function replace(target: unknown, place: Place, value: unknown): void {
  const [key = '', ...rest] = place;
  const holder = target as Record<string | number, unknown>;
  if (rest.length === 0) holder[key] = value;
  else replace(holder[key], rest, value);
}

describe('the socket', () => {
  const open = (client: Client, origin = server.url) =>
    new Promise<number>((resolve) => {
      const headers = { ...(client.token !== undefined && { cookie: `accord_session=${client.token}` }) };
      const socket = new WebSocket(new URL(socketPath, server.url), { origin, headers });
      socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
      socket.on('error', () => {});
      socket.on('open', () => {
        socket.terminate();
        resolve(101);
      });
    });

  it('has the access of talking', async () => {
    const unproved = await newAccount(server, freshName(), new Authenticator(server.url));
    expect(await open(new Client(server.url))).toBe(401);
    expect(await open(new Client(server.url, bytes(32)))).toBe(401);
    expect(await open((await signIn(server, stranger.authenticator)).client)).toBe(403);
    expect(await open(unproved.client)).toBe(403);
    expect(await open(owner.client, 'https://elsewhere.example')).toBe(403);
    expect(await open(owner.client)).toBe(101);
  });
});
