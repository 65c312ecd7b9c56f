import { setTimeout as sleep } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import type { Bus } from '../../src/platform/bus.ts';

/** For what comes over a connection that may have to be made first. */
export const patience = { timeout: 20_000, interval: 20 };

/** Resolves when each of two processes' buses has heard the other. */
export async function connected(here: Bus, there: Bus): Promise<void> {
  const heard = new Set<string>();
  const stops = [here, there].map((bus, i) =>
    bus.subscribe('revoked', ({ accountId }) => heard.add(`${i} hears ${accountId}`)),
  );
  await vi.waitFor(() => {
    here.publish('revoked', { accountId: 'here' });
    there.publish('revoked', { accountId: 'there' });
    expect(heard).toContain('0 hears there');
    expect(heard).toContain('1 hears here');
  }, patience);
  for (const stop of stops) stop();
  await sleep(100);
}

/** Own events at once and once, the other's soon and once, in order. */
export async function expectOrder(here: Bus, there: Bus): Promise<void> {
  const mine: string[] = [];
  const theirs: string[] = [];
  here.subscribe('revoked', ({ accountId }) => mine.push(accountId));
  there.subscribe('revoked', ({ accountId }) => theirs.push(accountId));
  const sent = Array.from({ length: 200 }, (_, i) => String(i));
  for (const accountId of sent) here.publish('revoked', { accountId });
  expect(mine).toEqual(sent);
  await vi.waitFor(() => expect(theirs.length).toBeGreaterThanOrEqual(200), patience);
  await sleep(200);
  expect({ mine, theirs }).toEqual({ mine: sent, theirs: sent });
}
