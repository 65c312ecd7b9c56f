import { randomUUID } from 'node:crypto';
import type { Platform } from '../platform/platform.ts';
import { commitHandlers } from './commits.ts';
import { conversationHandlers, findOpenConversation, openConversation } from './conversations.ts';
import { Ephemerals } from './ephemerals.ts';
import { fanOut, tellAgain } from './fan-out.ts';
import { Gate } from './gate.ts';
import { groupHandlers } from './groups.ts';
import { AckQueue, readPage } from './inbox.ts';
import { keyPackageHandlers } from './key-packages.ts';
import { deliveryPurges, membershipHooks } from './membership.ts';
import { inspectSend, messageHandlers } from './messages.ts';
import { createDeliveryMetrics } from './metrics.ts';
import { SendQueue } from './send-queue.ts';
import type { Delivery, DeliveryNeeds } from './service.ts';
import { Sockets } from './sockets.ts';

export type { Delivery } from './service.ts';

/** Pages read at once: a wave of returning devices must leave connections to everything else. */
const readsAtOnce = 4;

/** The MLS delivery service. Joins accounts through their hooks. */
export function createDelivery(
  platform: Platform,
  { guard, accounts, presence, franking, closed }: DeliveryNeeds,
): Delivery {
  const { bus, clock, log, pool } = platform;
  const parts = { platform, accounts, closed };
  const metrics = createDeliveryMetrics(platform.metrics, () => sockets.count);
  const reads = new Gate(readsAtOnce);
  const acks = new AckQueue(platform, metrics);
  const queue = new SendQueue(platform, metrics, franking, {
    stored(sends, batch) {
      fanOut(sockets, bus, sends, batch);
      tellAgain(platform, sends, batch).catch((error: unknown) => log.warn({ err: error }, 'not told again'));
    },
    recovered() {
      for (const connection of sockets.all()) connection.fallBehind();
    },
  });
  const sockets: Sockets = new Sockets({
    platform,
    guard,
    presence,
    metrics,
    arrived: (deviceId) => queue.forget(deviceId),
    board: {
      readPage: (deviceId, after, except) => reads.run(() => readPage(pool, deviceId, after, except)),
      send: (send) => queue.push(send),
      inspect: inspectSend,
      acknowledge: (deviceId, ids, done) => acks.push(deviceId, ids, done),
      ephemeral: (from, groupId, frame) => ephemerals.tell(from, groupId, frame),
      failed: (error) => log.warn({ err: error }, 'an inbox could not be read'),
    },
  });
  const ephemerals = new Ephemerals(platform, sockets);
  accounts.on(membershipHooks(parts));

  return {
    handlers: {
      ...conversationHandlers(parts),
      ...keyPackageHandlers(parts),
      ...groupHandlers(parts),
      ...commitHandlers(parts),
      ...messageHandlers(parts, queue, acks),
    },
    attachSocket: (server) => sockets.attach(server),
    openConversation: (tx, oneId, otherId) => openConversation(tx, randomUUID(), clock(), oneId, otherId),
    findOpenConversation,
    purges: deliveryPurges(parts),
    async close() {
      await queue.close();
      await sockets.close();
      await acks.close();
      ephemerals.close();
    },
  };
}
