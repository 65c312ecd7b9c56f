import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { localBus, split } from './bus.ts';

describe('the bus of one process', () => {
  it('tells every listener of a topic before publish returns, and none of another', () => {
    const bus = localBus(() => {});
    const heard: string[] = [];
    bus.subscribe('inbox', ({ deviceIds }) => heard.push(`one ${deviceIds}`));
    bus.subscribe('inbox', ({ deviceIds }) => heard.push(`two ${deviceIds}`));
    bus.subscribe('revoked', () => heard.push('another topic'));
    bus.publish('inbox', { deviceIds: ['a', 'b'] });
    expect(heard).toEqual(['one a,b', 'two a,b']);
  });

  it('no longer tells who stopped listening, and survives one that throws', () => {
    const onError = vi.fn();
    const bus = localBus(onError);
    const heard: unknown[] = [];
    const stop = bus.subscribe('revoked', () => {
      throw new Error('mine alone');
    });
    bus.subscribe('revoked', (event) => heard.push(event));
    bus.publish('revoked', { accountId: 'x' });
    stop();
    bus.publish('revoked', { accountId: 'y' });
    expect(heard).toEqual([{ accountId: 'x' }, { accountId: 'y' }]);
    expect(onError).toHaveBeenCalledTimes(1);
  });
});

describe('an event for PostgreSQL', () => {
  const ids = fc.array(fc.uuid(), { maxLength: 700 });

  it('is split so that every part fits a notification and none of the ids is lost or doubled', () => {
    fc.assert(
      fc.property(ids, ids, (accountIds, deviceIds) => {
        const notice = { kind: 'removal', groupId: '00000000-0000-4000-8000-000000000000' } as const;
        const parts = split<'notice'>({ accountIds, deviceIds, notice });
        for (const part of parts) {
          expect(part.notice).toEqual(notice);
          expect(JSON.stringify(part).length).toBeLessThan(7800);
        }
        expect(parts.flatMap((part) => part.accountIds ?? [])).toEqual(accountIds);
        expect(parts.flatMap((part) => part.deviceIds ?? [])).toEqual(deviceIds);
      }),
      { numRuns: 50 },
    );
  });
});
