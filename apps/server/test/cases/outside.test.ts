import { type AddressInfo, createServer, type Server as SocketServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from '../client.ts';
import type { Member } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { file, give, newStaff, remove } from './staff.ts';
import { Tipline } from './tipline.ts';

/** As much of an SMTP server as takes a letter (RFC 5321). */
class PostOffice {
  readonly letters: string[] = [];
  #server: SocketServer | undefined;

  async start(): Promise<number> {
    const server = createServer((socket) => {
      let inside = false;
      let letter = '';
      let rest = '';
      socket.on('error', () => {});
      socket.write('220 loopback\r\n');
      socket.on('data', (part) => {
        const lines = (rest + part.toString()).split('\r\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (inside && line === '.') {
            this.letters.push(letter);
            inside = false;
            letter = '';
            socket.write('250 taken\r\n');
          } else if (inside) letter += `${line}\n`;
          else if (/^DATA/i.test(line)) {
            inside = true;
            socket.write('354 go on\r\n');
          } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
          else socket.write('250 ok\r\n');
        }
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server?.close();
  }
}

const hour = 3_600_000;
const office = new PostOffice();
const tipline = new Tipline();
let server: TestServer;
let mod: Member;
let lead: Member;
let now = Date.UTC(2026, 10, 28);
const round = () => server.running.features.cases.rounds.round();

beforeAll(async () => {
  server = await startServer({
    clock: () => now,
    env: {
      ACCORD_DESK_SMTP: `smtp://127.0.0.1:${await office.start()}`,
      ACCORD_DESK_FROM: 'desk@accord.example',
      ACCORD_CYBERTIP_URL: await tipline.start(),
      ACCORD_CYBERTIP_AUTH: 'esp:word',
    },
    // Nobody can set this: a peer of this machine counts as the real one here alone.
    config: ({ desk, ...rest }) => ({
      ...rest,
      desk: { ...desk, tipline: desk.tipline && { ...desk.tipline, test: false } },
    }),
  });
  [mod, lead] = [await newStaff(server, 'moderator'), await newStaff(server, 'child_safety')];
});
afterAll(async () => {
  await server.close();
  office.stop();
  tipline.stop();
});

describe('a notice to another platform', () => {
  it('is sent at once, again after a day of silence, and not after an answer', async () => {
    const { caseId } = await file(server);
    await give(mod, caseId, remove);
    const queue = {
      kind: 'queue_notice',
      platform: 'Example',
      to: 'abuse@example.org',
      law: 'eu-dsa',
      language: 'fr',
    } as const;
    const queued = await give(mod, caseId, queue);
    const noticeId = queued.notices[0]?.id ?? '';
    await expect.poll(() => office.letters.length).toBe(1);
    await expect
      .poll(async () => (await mod.client.call('cases.read', { params: { caseId } })).notices[0])
      .toMatchObject({ state: 'sent', tries: 1 });
    expect(office.letters[0]).toContain('desk@accord.example');
    expect(office.letters[0]).not.toMatch(/A\. B\.|a@example/);
    now += 23 * hour;
    await round();
    expect(office.letters).toHaveLength(1);
    now += 2 * hour;
    await round();
    expect(office.letters).toHaveLength(2);
    expect(await codeOf(give(mod, caseId, { kind: 'close' }))).toBe('open_work');
    await give(mod, caseId, { kind: 'move_notice', noticeId, state: 'removed', detail: 'They say so.' });
    now += 48 * hour;
    await round();
    expect(office.letters).toHaveLength(2);
    expect((await give(mod, caseId, { kind: 'close' })).closedAt).not.toBeNull();
  });

  it('is there to be sent by hand where no address is known', async () => {
    const { caseId } = await file(server);
    const queued = await give(mod, caseId, {
      kind: 'queue_notice',
      platform: 'X',
      to: '',
      law: 'us-tida',
      language: 'en',
    });
    const noticeId = queued.notices[0]?.id ?? '';
    const notice = await mod.client.call('cases.notice', { params: { caseId, noticeId } });
    expect(notice.body).toContain('https://example.org/1');
    expect(notice.body).toContain('Pub. L. 119-12');
    expect(
      (await give(mod, caseId, { kind: 'move_notice', noticeId, state: 'sent', detail: 'By their form.' }))
        .notices,
    ).toMatchObject([{ tries: 1 }]);
  });
});

describe('a report to NCMEC', () => {
  it('is filed on a receipt alone, is tried again, and links earlier ones of the same picture', async () => {
    const picture = {
      h: Buffer.alloc(32, 7).toString('base64url'),
      q: 90,
      parts: '',
      regions: '',
      source: false,
    };
    const { caseId } = await file(server, { minor: 'yes', pictures: [picture] });
    expect(
      await codeOf(
        give(mod, caseId, { kind: 'file_child_safety', incident: 'Child Pornography', words: 'w' }),
      ),
    ).toBe('not_found');
    tipline.down = true;
    const asked = await give(lead, caseId, {
      kind: 'file_child_safety',
      incident: 'Online Enticement',
      words: 'Text <alone> & no picture.',
    });
    expect(asked.safety?.receiptId).toBeNull();
    expect(await codeOf(give(lead, caseId, { kind: 'close' }))).not.toBe('no refusal');
    tipline.down = false;
    now += hour;
    await round();
    const filed = await lead.client.call('cases.read', { params: { caseId } });
    expect(filed.safety).toMatchObject({ receiptId: '4712', preservedUntil: now + 365 * 24 * hour });
    expect(tipline.calls.slice(-2)).toEqual(['/submit true', '/finish true']);
    const [xml = ''] = tipline.submitted;
    expect(xml).toContain('Text &lt;alone&gt; &amp; no picture.');
    const order = ['incidentSummary', 'internetDetails', 'reporter', 'personOrUserReported'].map((name) =>
      xml.indexOf(`<${name}>`),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));

    const again = await file(server, { minor: 'yes', pictures: [picture] });
    await give(lead, again.caseId, { kind: 'file_child_safety', incident: 'Online Enticement', words: 'w' });
    await expect.poll(() => tipline.submitted.length).toBe(2);
    expect(tipline.submitted[1]).toContain('<priorCTReports>4712</priorCTReports>');
  });
});
