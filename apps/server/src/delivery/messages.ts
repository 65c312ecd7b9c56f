import { readHeader } from '@accord/group-crypto/server';
import { limits } from '@accord/protocol';
import type { SendRefusal } from '@accord/protocol/socket';
import type { Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import { makeTail } from './frames.ts';
import { type AckQueue, readPage } from './inbox.ts';
import type { Parts } from './parts.ts';
import { fromBase64 } from './roster.ts';
import type { QueuedSend, SendQueue } from './send-queue.ts';
import type { Send, SendOutcome } from './send-store.ts';

const groupText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * Holds a message to the head that it is sent under: an application message of that group and epoch. A commit
 * that came this way would end an epoch behind the compare-and-set's back.
 */
export function inspectSend({
  groupId,
  epoch,
  body,
}: Pick<Send, 'groupId' | 'epoch' | 'body'>): 'invalid_input' | 'too_large' | undefined {
  if (body.length > limits.messageBytes) return 'too_large';
  try {
    const header = readHeader(body);
    const fits =
      header.kind === 'application' &&
      header.wireFormat === 'private' &&
      header.epoch === epoch &&
      groupText(header.groupId) === groupId.replaceAll('-', '');
    return fits ? undefined : 'invalid_input';
  } catch {
    return 'invalid_input';
  }
}

const codeOf = (code: SendRefusal): Refusal =>
  code === 'unavailable' ? new Refusal(code, { retryAfter: 2 }) : new Refusal(code);

/** The socket's send, read and acknowledge over HTTP, through the same queues. */
export function messageHandlers(
  parts: Parts,
  queue: Pick<SendQueue, 'push'>,
  acks: Pick<AckQueue, 'push'>,
): Handlers<'delivery.messages.send' | 'delivery.inbox.list' | 'delivery.inbox.ack'> {
  return {
    async 'delivery.messages.send'({ caller, body: { n, groupId, epoch, body: text } }) {
      const body = fromBase64(text);
      const wrong = inspectSend({ groupId, epoch, body });
      if (wrong !== undefined) throw codeOf(wrong);
      const outcome = await new Promise<SendOutcome>((resolve) => {
        const from = { answered: (_send: QueuedSend, result: SendOutcome) => resolve(result) };
        const tail = makeTail(groupId, epoch, body);
        queue.push({ deviceId: caller.deviceId, n, groupId, epoch, body, tail, from });
      });
      if (outcome.kind === 'refused') throw codeOf(outcome.code);
      return { n, at: outcome.at };
    },
    async 'delivery.inbox.list'({ caller }) {
      const { items, more } = await readPage(parts.platform.pool, caller.deviceId, 0n, []);
      return {
        items: items.map(({ id, body, ...item }) => ({
          id: String(id),
          ...item,
          body: body.toString('base64url'),
        })),
        more,
      };
    },
    async 'delivery.inbox.ack'({ caller, body }) {
      const ids = body.ids.map(BigInt);
      await new Promise<void>((resolve) => acks.push(caller.deviceId, ids, resolve));
      return {};
    },
  };
}
