import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxDevices } from '../../src/accounts/enrolment.ts';
import { createAccounts } from '../../src/accounts/index.ts';
import type { BusEvents } from '../../src/platform/bus.ts';
import { Authenticator } from '../authenticator.ts';
import { Client, codeOf } from '../client.ts';
import {
  enrolling,
  freshName,
  type Member,
  newAccount,
  newDevice,
  newMember,
  proveAge,
  signIn,
  someCode,
} from '../people.ts';
import { startServer, type TestServer } from '../support.ts';

let server: TestServer;
let now = Date.parse('2026-11-23T12:00:00Z');
const minute = 60_000;
const day = 24 * 60 * minute;

beforeAll(async () => {
  server = await startServer({ clock: () => now });
});
afterAll(() => server.close());

/** Comes with a code from another browser, with a passkey and a device of its own. */
async function comeBack(member: Member, codeId: string, recovery?: ReturnType<typeof someCode>) {
  const client = new Client(server.url);
  const begun = await client.call('accounts.return.begin', { body: { id: codeId } });
  const authenticator = new Authenticator(server.url);
  const device = await newDevice(member.id, member.identity);
  const body = {
    credential: authenticator.create(begun.options),
    device: enrolling(device, 'Tablet'),
    ...(recovery && { recovery }),
  };
  const params = { ceremonyId: begun.ceremonyId };
  return {
    client,
    begun,
    authenticator,
    device,
    body,
    finish: (change: Partial<typeof body> = {}) =>
      client.call('accounts.return.finish', { params, body: { ...body, ...change } }),
  };
}

/** A second device of a member, by a link code. */
async function secondDevice(member: Member) {
  const code = someCode();
  await member.client.call('accounts.links.create', { body: code });
  const next = await comeBack(member, code.id);
  await next.finish();
  return next;
}

/** What the bus carried on a topic while `work` ran. */
async function published<T extends keyof BusEvents>(topic: T, work: () => Promise<unknown>) {
  const events: BusEvents[T][] = [];
  const stop = server.platform.bus.subscribe(topic, (event) => events.push(event));
  await work();
  stop();
  return events;
}

describe('sessions', () => {
  it('end thirty days after their last use, and slide until then', async () => {
    const { client } = await newAccount(server, freshName());
    now += 29 * day;
    const answer = await client.answer('accounts.me');
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()[0]).toContain('Max-Age=2592000');
    now += 30 * day - 1;
    expect(await codeOf(client.call('accounts.me', {}))).toBe('no refusal');
    now += 30 * day;
    expect(await codeOf(client.call('accounts.me', {}))).toBe('session_required');
  });

  it('end with signing out, on this browser alone, and close its sockets', async () => {
    const member = await newAccount(server, freshName());
    const other = await signIn(server, member.authenticator, member.device);
    const token = other.client.token;
    const revoked = await published('revoked', () => other.client.call('accounts.signOut', { body: {} }));
    expect(revoked).toEqual([{ accountId: member.id, deviceId: member.device.deviceId }]);
    expect(other.client.token).toBeUndefined();
    expect(await codeOf(new Client(server.url, token).call('accounts.me', {}))).toBe('session_required');
    expect(await codeOf(member.client.call('accounts.me', {}))).toBe('no refusal');
  });

  it.each(['', 'x', `${'A'.repeat(43)}`, 'é'.repeat(4), `' or 1=1 --`])(
    'are not opened by %j',
    async (token) => {
      const client = new Client(server.url, encodeURIComponent(token));
      expect(await codeOf(client.call('accounts.me', {}))).toBe('session_required');
    },
  );
});

describe('devices', () => {
  it('are listed, renamed by their owner and by nobody else', async () => {
    const member = await newAccount(server, freshName());
    const stranger = await newAccount(server, freshName());
    const params = { deviceId: member.device.deviceId };
    await member.client.call('accounts.devices.rename', { params, body: { name: 'Old phone' } });
    const { devices } = await member.client.call('accounts.devices.list', {});
    expect(devices).toMatchObject([{ id: params.deviceId, name: 'Old phone', current: true }]);
    for (const route of ['accounts.devices.rename', 'accounts.devices.remove'] as const) {
      const body = route === 'accounts.devices.rename' ? { name: 'Mine' } : undefined;
      const foreign = await stranger.client.answer(route, { params, body });
      const absent = await stranger.client.answer(route, { params: { deviceId: crypto.randomUUID() }, body });
      expect(foreign.text).toBe('{"code":"not_found"}');
      expect(foreign.text).toBe(absent.text);
    }
  });

  it('enrol on a session without one, vouched for by the identity key', async () => {
    const member = await newAccount(server, freshName());
    const { client } = await signIn(server, member.authenticator);
    const stranger = await newAccount(server, freshName());
    const forged = await newDevice(member.id, stranger.identity);
    expect(await codeOf(client.call('accounts.devices.enrol', { body: { device: enrolling(forged) } }))).toBe(
      'bad_certificate',
    );
    const taken = enrolling(member.device);
    expect(await codeOf(client.call('accounts.devices.enrol', { body: { device: taken } }))).toBe(
      'invalid_input',
    );
    const device = await newDevice(member.id, member.identity);
    const body = { device: enrolling(device), wrappedIdentity: 'AAAA' };
    const told = await published('notice', () => client.call('accounts.devices.enrol', { body }));
    expect(told).toEqual([{ accountIds: [member.id], notice: { kind: 'devices' } }]);
    expect(await client.call('accounts.me', {})).toMatchObject({ device: { id: device.deviceId } });
    const again = await signIn(server, member.authenticator, device);
    expect(again.reply).toMatchObject({ me: { device: { id: device.deviceId } }, wrappedIdentity: 'AAAA' });
  });

  it('have a limit', async () => {
    const member = await newAccount(server, freshName());
    const enrol = async () => {
      const device = await newDevice(member.id, member.identity);
      return codeOf(member.client.call('accounts.devices.enrol', { body: { device: enrolling(device) } }));
    };
    const ends = [];
    for (let i = 0; i < maxDevices; i += 1) ends.push(await enrol());
    expect(ends).toEqual([...Array(maxDevices - 1).fill('no refusal'), 'invalid_input']);
  });

  it('when removed lose their sessions, their passkey and every link code, for good', async () => {
    const member = await newMember(server, freshName());
    const next = await secondDevice(member);
    const link = someCode();
    await next.client.call('accounts.links.create', { body: link });
    const params = { deviceId: next.device.deviceId };
    const revoked = await published('revoked', () =>
      member.client.call('accounts.devices.remove', { params }),
    );
    expect(revoked).toEqual([{ accountId: member.id, ...params }]);

    expect(await codeOf(next.client.call('accounts.me', {}))).toBe('session_required');
    expect(await codeOf(signIn(server, next.authenticator))).toBe('ceremony_failed');
    expect(await codeOf(comeBack(member, link.id))).toBe('code_unknown');
    expect(await codeOf(member.client.call('accounts.devices.remove', { params }))).toBe('not_found');
    const { devices } = await member.client.call('accounts.devices.list', {});
    expect(devices.map((device) => device.id)).toEqual([member.device.deviceId]);
    // The row stays: its id can't come back as another device.
    const again = member.client.call('accounts.devices.enrol', { body: { device: enrolling(next.device) } });
    expect(await codeOf(again)).toBe('invalid_input');
  });

  it('when removed leave a passkey that another device uses, and prove nothing with it', async () => {
    const member = await newAccount(server, freshName());
    const { client } = await signIn(server, member.authenticator);
    const device = await newDevice(member.id, member.identity);
    await client.call('accounts.devices.enrol', { body: { device: enrolling(device) } });
    const next = await secondDevice(member);
    await next.client.call('accounts.devices.remove', { params: { deviceId: member.device.deviceId } });
    const removed = await signIn(server, member.authenticator, member.device);
    expect(removed.reply.me).toMatchObject({ id: member.id, device: null });
    const live = await signIn(server, member.authenticator, device);
    expect(live.reply.me.device).toMatchObject({ id: device.deviceId });
    await next.client.call('accounts.devices.remove', { params: { deviceId: device.deviceId } });
    expect(await codeOf(signIn(server, member.authenticator))).toBe('ceremony_failed');
    expect(await codeOf(removed.client.call('accounts.me', {}))).toBe('session_required');
  });

  it('can remove themselves and sign in again, but never the last', async () => {
    const member = await newAccount(server, freshName());
    const own = { params: { deviceId: member.device.deviceId } };
    expect(await codeOf(member.client.call('accounts.devices.remove', own))).toBe('last_device');
    const next = await secondDevice(member);
    await member.client.call('accounts.devices.remove', own);
    expect(await codeOf(member.client.call('accounts.me', {}))).toBe('session_required');
    const { reply } = await signIn(server, member.authenticator);
    expect(reply.me.device).toBeNull();
    const last = { params: { deviceId: next.device.deviceId } };
    expect(await codeOf(next.client.call('accounts.devices.remove', last))).toBe('last_device');
  });

  it('that remove one another at once leave one', async () => {
    const member = await newAccount(server, freshName());
    const next = await secondDevice(member);
    const ends = await Promise.all([
      codeOf(member.client.call('accounts.devices.remove', { params: { deviceId: next.device.deviceId } })),
      codeOf(next.client.call('accounts.devices.remove', { params: { deviceId: member.device.deviceId } })),
    ]);
    const live = await server.platform.db
      .selectFrom('device')
      .select('id')
      .where('account_id', '=', member.id)
      .where('removed_at', 'is', null)
      .execute();
    expect(live).toHaveLength(1);
    expect(ends.filter((end) => end === 'no refusal')).toHaveLength(1);
  });
});

describe('codes', () => {
  it('bring a person back with all of it, once, against a new code', async () => {
    const member = await newAccount(server, freshName());
    const recovery = someCode();
    const back = await comeBack(member, member.recoveryId, recovery);
    expect(back.begun).toMatchObject({ accountId: member.id, kind: 'recovery' });
    const rival = await comeBack(member, member.recoveryId, someCode());
    expect(await back.finish()).toMatchObject({ id: member.id, device: { name: 'Tablet', current: true } });
    expect(await codeOf(rival.finish())).toBe('code_unknown');
    expect(await codeOf(comeBack(member, member.recoveryId))).toBe('code_unknown');
    const again = await comeBack(member, recovery.id, someCode());
    expect(again.begun.sealedIdentity).toBe(recovery.sealedIdentity);
    expect((await signIn(server, back.authenticator, back.device)).reply.me.device).not.toBeNull();
  });

  it('of recovery take the proof of age back; one that links a device leaves it', async () => {
    const member = await newMember(server, freshName());
    const talks = async (client: Client) =>
      (await codeOf(client.call('presence.profile.read', {}))) === 'no refusal';
    const link = someCode();
    await member.client.call('accounts.links.create', { body: link });
    const linked = await comeBack(member, link.id);
    expect((await linked.finish()).adult).not.toBeNull();
    expect(await talks(linked.client)).toBe(true);
    const told: unknown[] = [];
    const stop = server.platform.bus.subscribe('notice', ({ notice }) => told.push(notice));
    const back = await comeBack(member, member.recoveryId, someCode());
    expect((await back.finish()).adult).toBeNull();
    stop();
    expect(told).toContainEqual({ kind: 'proof_required' });
    for (const client of [back.client, member.client, linked.client]) expect(await talks(client)).toBe(false);
    await proveAge(back.client);
    for (const client of [back.client, member.client]) expect(await talks(client)).toBe(true);
  });

  it('that link a device keep the proof while a passkey is left that was there, and no longer', async () => {
    const member = await newMember(server, freshName());
    const adult = async (client: Client) => (await client.call('accounts.me', {})).adult !== null;
    const remove = (client: Client, deviceId: string) =>
      client.call('accounts.devices.remove', { params: { deviceId } });
    const linked = await secondDevice(member);
    const third = await secondDevice(member);
    await remove(member.client, third.device.deviceId);
    expect(await adult(linked.client)).toBe(true);
    const told: unknown[] = [];
    const stop = server.platform.bus.subscribe('notice', ({ notice }) => told.push(notice));
    // The new one puts the old one out: all that is left was not there when the age was proved.
    await remove(linked.client, member.device.deviceId);
    stop();
    expect(told).toContainEqual({ kind: 'proof_required' });
    expect(await adult(linked.client)).toBe(false);
    await proveAge(linked.client);
    const next = await secondDevice({ ...member, client: linked.client });
    await remove(linked.client, next.device.deviceId);
    expect(await adult(linked.client)).toBe(true);
  });

  it('are used by one of those who come at once', async () => {
    const member = await newAccount(server, freshName());
    const rivals = await Promise.all([1, 2, 3].map(() => comeBack(member, member.recoveryId, someCode())));
    const ends = await Promise.all(rivals.map((rival) => codeOf(rival.finish())));
    expect(ends.sort()).toEqual(['code_unknown', 'code_unknown', 'no refusal']);
  });

  it('are not used up by a return that fails', async () => {
    const member = await newAccount(server, freshName());
    const stranger = await newAccount(server, freshName());
    const withoutCode = await comeBack(member, member.recoveryId);
    expect(await codeOf(withoutCode.finish())).toBe('invalid_input');
    const forged = await comeBack(member, member.recoveryId, someCode());
    const device = enrolling(await newDevice(member.id, stranger.identity));
    expect(await codeOf(forged.finish({ device }))).toBe('bad_certificate');
    expect(await codeOf(forged.finish())).toBe('ceremony_failed');
    const back = await comeBack(member, member.recoveryId, someCode());
    expect(await codeOf(back.finish())).toBe('no refusal');
  });

  it('that link the next device hold for ten minutes, and one at a time', async () => {
    const member = await newAccount(server, freshName());
    const [first, second] = [someCode(), someCode()];
    await member.client.call('accounts.links.create', { body: first });
    const { expiresAt } = await member.client.call('accounts.links.create', { body: second });
    expect(expiresAt).toBe(now + 10 * minute);
    expect(await codeOf(comeBack(member, first.id))).toBe('code_unknown');
    const early = await comeBack(member, second.id);
    expect(early.begun.kind).toBe('link');
    now += 10 * minute;
    expect(await codeOf(comeBack(member, second.id))).toBe('code_unknown');
    expect(await codeOf(early.finish())).toBe('ceremony_failed');
  });

  it('leave no trace of their id in the database, and replace one another', async () => {
    const member = await newAccount(server, freshName());
    const code = someCode();
    await member.client.call('accounts.recovery.replace', { body: code });
    expect(await codeOf(comeBack(member, member.recoveryId))).toBe('code_unknown');
    const rows = await server.platform.db.selectFrom('return_code').selectAll().execute();
    const held = rows.map((row) => row.id_hash.toString('base64url'));
    expect(held).not.toContain(code.id);
    expect(rows.filter((row) => row.account_id === member.id)).toHaveLength(1);
  });
});

describe('deleting an account', () => {
  it('leaves nothing of it, and closes what it shared', async () => {
    const member = await newMember(server, freshName());
    await secondDevice(member);
    const revoked = await published('revoked', () => member.client.call('accounts.delete', {}));
    expect(revoked).toEqual([{ accountId: member.id }]);
    expect(member.client.token).toBeUndefined();
    expect(await codeOf(signIn(server, member.authenticator, member.device))).toBe('ceremony_failed');
    expect(await codeOf(comeBack(member, member.recoveryId))).toBe('code_unknown');
    const { rows } = await server.database.pool.query<{ table_name: string; column_name: string }>(
      `select table_name, column_name from information_schema.columns
       where table_schema = 'public' and data_type = 'uuid'`,
    );
    expect(rows.length).toBeGreaterThan(20);
    for (const { table_name, column_name } of rows) {
      const left = await server.database.pool.query(`select 1 from ${table_name} where ${column_name} = $1`, [
        member.id,
      ]);
      expect(`${table_name}.${column_name}: ${left.rowCount}`).toBe(`${table_name}.${column_name}: 0`);
    }
  });

  it('ends every session of it', async () => {
    const member = await newAccount(server, freshName());
    const { client } = await signIn(server, member.authenticator);
    await member.client.call('accounts.delete', {});
    expect(await codeOf(client.call('accounts.me', {}))).toBe('session_required');
    expect(await codeOf(newAccount(server, member.pseudonym))).toBe('no refusal');
  });
});

describe('housekeeping', () => {
  it('leaves no ceremony, session or code that is over', async () => {
    const member = await newAccount(server, freshName());
    await member.client.call('accounts.links.create', { body: someCode() });
    await new Client(server.url).call('accounts.signIn.begin', { body: {} });
    now += 31 * day;
    const accounts = createAccounts(server.platform, {
      adultState: async () => null,
      forget: async () => undefined,
      passkeysWent: async () => false,
    });
    for (const purge of accounts.purges) expect(await purge.run(now)).toBeGreaterThan(0);
    for (const table of ['ceremony', 'session'] as const) {
      expect(await server.platform.db.selectFrom(table).selectAll().execute()).toEqual([]);
    }
    const codes = await server.platform.db.selectFrom('return_code').select('kind').execute();
    expect(new Set(codes.map((code) => code.kind))).toEqual(new Set(['recovery']));
  });
});
