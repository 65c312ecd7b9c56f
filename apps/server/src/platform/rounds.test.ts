import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createLog } from './log.ts';
import type { Platform } from './platform.ts';
import { atMost, startRounds } from './rounds.ts';

it('a stop waits for the round under way, tells it so, and leaves one that does not end', async () => {
  const said: string[] = [];
  const platform = { log: createLog('silent') } as Platform;
  const rounds = startRounds(platform, {
    everyMs: 60_000,
    putOff: '',
    async run(ending) {
      said.push(`begun ${ending.aborted}`);
      await sleep(20);
      said.push(`ended ${ending.aborted}`);
    },
  });
  void rounds.round();
  await rounds.stop();
  expect(said).toEqual(['begun false', 'ended true']);
  await atMost(20, new Promise(() => {}));
  await atMost(20, Promise.reject(new Error('broken')));
});
