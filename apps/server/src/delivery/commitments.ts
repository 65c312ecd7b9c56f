import { commitmentDataBytes, frankingBytes, joinFranked, writeUuid } from '@accord/protocol/socket';
import type { QueuedSend } from './send-queue.ts';
import type { DeliveryNeeds } from './service.ts';

/** Where the authenticated data of a private message begins, and its length byte, when it is a commitment. */
const dataAt = 31;
/** Version byte before the commitment. */
const version = 1;
/** Bytes of a group and an epoch at the head of a tail. */
const tailHead = 24;

/** The sender's commitment in the clear head of a message, where there is one. `inspectSend` has read what is before it. */
function commitmentOf(body: Uint8Array): Uint8Array | undefined {
  if (body[dataAt - 1] !== commitmentDataBytes || body[dataAt] !== version) return undefined;
  const end = dataAt + commitmentDataBytes;
  return body.length > end ? body.subarray(dataAt + 1, end) : undefined;
}

/** The sends of a batch that is stored at `at`, those with a commitment behind our tag; the others as they are. */
export function frank(
  sends: readonly QueuedSend[],
  at: number,
  franking: DeliveryNeeds['franking'],
): QueuedSend[] {
  return sends.map((send) => {
    const c = commitmentOf(send.body);
    if (c === undefined) return send;
    const deviceId = new Uint8Array(16);
    writeUuid(deviceId, 0, send.deviceId);
    const groupId = send.tail.subarray(0, 16);
    const { n, epoch } = send;
    const { kid, tag } = franking.tag({ c, deviceId, groupId, epoch, n, at });
    const body = joinFranked({ kid, n, tag }, send.body);
    const tail = new Uint8Array(tailHead + frankingBytes + send.body.length);
    tail.set(send.tail.subarray(0, tailHead));
    tail.set(body, tailHead);
    return { ...send, kind: 'franked', body, tail };
  });
}
