import { limits, type Reply } from '@accord/protocol';
import { type SendRefusal, splitFranked } from '@accord/protocol/socket';
import type { Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import { makeTail } from './frames.ts';
import { type AckQueue, type InboxItem, readPage } from './inbox.ts';
import type { Parts } from './parts.ts';
import { fromBase64 } from './roster.ts';
import type { QueuedSend, SendQueue } from './send-queue.ts';
import type { SendOutcome } from './send-store.ts';

/** Where group and epoch stand in a private message whose group id has 16 bytes, and its content type behind them. */
const headAt = 5;
const headBytes = 24;
const contentTypeAt = headAt + headBytes;
/** MLS 1.0, mls_private_message, a vector of 16 bytes (RFC 9420 §6, §2.1.2). */
const opening = [0, 1, 0, 2, 16];
const application = 1;

/**
 * Holds a message to the head that it is sent under: an application message of that group and epoch. A commit
 * that came this way would end an epoch behind the compare-and-set's back. In `tail`, as in the message, group
 * and epoch stand next to each other, so that a message in the thousands costs one comparison.
 */
export function inspectSend({
  tail,
  body,
}: Pick<QueuedSend, 'tail' | 'body'>): 'invalid_input' | 'too_large' | undefined {
  if (body.length > limits.messageBytes) return 'too_large';
  if (body.length <= contentTypeAt || body[contentTypeAt] !== application) return 'invalid_input';
  for (let i = 0; i < headAt; i += 1) if (body[i] !== opening[i]) return 'invalid_input';
  for (let i = 0; i < headBytes; i += 1) if (body[headAt + i] !== tail[i]) return 'invalid_input';
  return undefined;
}

const codeOf = (code: SendRefusal): Refusal =>
  code === 'unavailable' ? new Refusal(code, { retryAfter: 2 }) : new Refusal(code);

type ItemReply = Reply<'delivery.inbox.list'>['items'][number];

/** An item as the socket's `item` says it. */
function inboxReply({ id, kind, body, ...item }: InboxItem): ItemReply {
  const head = { id: String(id), ...item };
  if (kind !== 'franked') return { ...head, kind, body: body.toString('base64url') };
  const { franking, message } = splitFranked(body);
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  return {
    ...head,
    kind: 'message',
    body: text(message),
    franking: { kid: text(franking.kid), n: franking.n, tag: text(franking.tag) },
  };
}

/** The socket's send, read and acknowledge over HTTP, through the same queues. */
export function messageHandlers(
  parts: Parts,
  queue: Pick<SendQueue, 'push'>,
  acks: Pick<AckQueue, 'push'>,
): Handlers<'delivery.messages.send' | 'delivery.inbox.list' | 'delivery.inbox.ack'> {
  return {
    async 'delivery.messages.send'({ caller, body: { n, oldest, groupId, epoch, body: text } }) {
      const body = fromBase64(text);
      const tail = makeTail(groupId, epoch, body);
      const wrong = oldest > n ? 'invalid_input' : inspectSend({ tail, body });
      if (wrong !== undefined) throw codeOf(wrong);
      const outcome = await new Promise<SendOutcome>((resolve) => {
        const from = { answered: (_send: QueuedSend, result: SendOutcome) => resolve(result) };
        queue.push({ deviceId: caller.deviceId, n, oldest, groupId, epoch, body, tail, from });
      });
      if (outcome.kind === 'refused') throw codeOf(outcome.code);
      return { n, at: outcome.at };
    },
    async 'delivery.inbox.list'({ caller }) {
      const { items, more } = await readPage(parts.platform.pool, caller.deviceId, 0n, []);
      return {
        items: items.map(inboxReply),
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
