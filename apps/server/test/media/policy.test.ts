import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { codeOf } from '../client.ts';
import { anotherDevice } from '../delivery/device.ts';
import type { Member } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { accept, friends, sealed, sent, view } from './studio.ts';

/*
 * Every order of what people can do to one picture, against a model of a few lines: what may be seen, by whom, how often.
 */

let server: TestServer;
let ada: Member;
let blaise: Member;
let tablet: Awaited<ReturnType<typeof anotherDevice>>;
let now = Date.now();
const start = now;

beforeAll(async () => {
  server = await startServer({ clock: () => now });
  [ada, blaise] = await friends(server);
  tablet = await anotherDevice(server, blaise);
});
afterAll(() => server.close());

type Step =
  | { readonly kind: 'accept' }
  | { readonly kind: 'revoke' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'freeze' }
  | { readonly kind: 'thaw' }
  | { readonly kind: 'housekeep' }
  | { readonly kind: 'mode'; readonly mode: 'ask' | 'always' | 'never' }
  | { readonly kind: 'view'; readonly device: 0 | 1 }
  | { readonly kind: 'later'; readonly minutes: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('view' as const),
      device: fc.constantFrom(0 as const, 1 as const),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'accept' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('mode' as const),
      mode: fc.constantFrom('ask' as const, 'always' as const, 'never' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('later' as const), minutes: fc.constantFrom(2, 40) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('freeze' as const, 'thaw' as const, 'housekeep' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('revoke' as const, 'remove' as const) }) },
);

interface Model {
  accepted: boolean;
  mode: 'ask' | 'always' | 'never';
  views: number;
  ended: boolean;
  frozen: boolean;
}

const alive = (model: Model, limit: { maxViews: number | null; expiresAt: number | null }): boolean =>
  !model.ended &&
  !model.frozen &&
  (limit.expiresAt === null || now < limit.expiresAt) &&
  (limit.maxViews === null || model.views < limit.maxViews);

it('is what the model says after every step', async () => {
  const decide = (mode: 'ask' | 'always' | 'never') =>
    blaise.client.call('media.senders.write', { params: { accountId: ada.id }, body: { mode } });
  const limits = fc.record({
    maxViews: fc.constantFrom(null, 1, 2, 3),
    minutes: fc.constantFrom(null, 30, 60),
  });
  const { media } = server.running.features;
  await fc.assert(
    fc.asyncProperty(
      limits,
      fc.array(step, { minLength: 3, maxLength: 14 }),
      async ({ maxViews, minutes }, steps) => {
        now = start;
        await decide('ask');
        const expiresAt = minutes === null ? null : now + minutes * 60_000;
        const one = await sent(ada, [blaise], { maxViews, expiresAt }, await sealed(200));
        const limit = { maxViews, expiresAt };
        const model: Model = { accepted: false, mode: 'ask', views: 0, ended: false, frozen: false };
        const usedUp = () => maxViews !== null && model.views >= maxViews;
        for (const taken of steps) {
          if (taken.kind === 'later') now += taken.minutes * 60_000;
          else if (taken.kind === 'housekeep') {
            await server.running.housekeep();
            if (expiresAt !== null && now >= expiresAt && !usedUp()) model.ended = true;
          } else if (taken.kind === 'freeze' || taken.kind === 'thaw') {
            await media[taken.kind]([one.blobId]);
            model.frozen = taken.kind === 'freeze';
          } else if (taken.kind === 'revoke') {
            await ada.client.call('media.pictures.revoke', { params: { blobId: one.blobId } });
            model.ended = true;
          } else if (taken.kind === 'remove') {
            await media.remove([one.blobId]);
            model.ended = true;
          } else if (taken.kind === 'mode') {
            await decide(taken.mode);
            model.mode = taken.mode;
            // One that was used up has ended already, and is held for a report.
            if (taken.mode === 'never' && !usedUp()) model.ended = true;
          } else if (taken.kind === 'accept') {
            const may = alive(model, limit) && model.mode !== 'never';
            expect(await codeOf(accept(blaise, one))).toBe(may ? 'no refusal' : 'not_found');
            if (may) model.accepted = true;
          } else {
            const client = taken.device === 0 ? blaise.client : tablet.client;
            const may =
              alive(model, limit) && (model.mode === 'always' || (model.mode === 'ask' && model.accepted));
            expect(await codeOf(view(client, one, randomUUID()))).toBe(may ? 'no refusal' : 'not_found');
            if (may) model.views += 1;
          }
          // A half-key that nobody may ever see again is gone, but for the hold of one that was used up.
          if (!model.ended) continue;
          const { rowCount } = await server.database.pool.query('select from half_key where blob_id = $1', [
            one.blobId,
          ]);
          expect(rowCount).toBe(0);
        }
      },
    ),
    { numRuns: 15 },
  );
});
