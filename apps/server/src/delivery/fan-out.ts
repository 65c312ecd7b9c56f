import type { Bus } from '../platform/bus.ts';
import type { Platform } from '../platform/platform.ts';
import type { QueuedSend } from './send-queue.ts';
import type { StoredBatch } from './send-store.ts';
import type { Sockets } from './sockets.ts';

/**
 * Hands a stored batch to the sockets: straight to the devices that are here, by a word on the bus to those that
 * may be at another process. In a group whose commit was stored a moment ago nothing goes straight: the commit
 * itself may not have been handed out yet, and must come first.
 */
export function fanOut(
  sockets: Pick<Sockets, 'of'>,
  bus: Bus,
  sends: readonly QueuedSend[],
  batch: StoredBatch,
): void {
  const elsewhere = new Set<string>();
  for (const { send: place, deviceId, id } of batch.delivered) {
    const connection = sockets.of(deviceId);
    if (connection === undefined) {
      elsewhere.add(deviceId);
      continue;
    }
    const send = sends[place] as QueuedSend;
    const outcome = batch.outcomes[place];
    if (outcome?.kind !== 'sent' || batch.unsettled.has(send.groupId)) connection.fallBehind();
    else connection.deliver(id, outcome.at, send.kind ?? 'message', send.tail);
  }
  if (elsewhere.size > 0) bus.publish('inbox', { deviceIds: [...elsewhere] });
}

/**
 * Sends that an earlier try had stored without our knowing: nobody was told then. Their receivers look again; what
 * they have already comes to nothing.
 */
export async function tellAgain(
  { db, bus }: Platform,
  sends: readonly QueuedSend[],
  batch: StoredBatch,
): Promise<void> {
  const groupIds = new Set(batch.repeated.map((place) => (sends[place] as QueuedSend).groupId));
  if (groupIds.size === 0) return;
  const members = await db
    .selectFrom('group_member')
    .select('device_id')
    .where('group_id', 'in', [...groupIds])
    .execute();
  bus.publish('inbox', { deviceIds: members.map((member) => member.device_id) });
}
