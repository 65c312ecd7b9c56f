import { type WebhookEvent, webhookEvent } from './v1.ts';

/*
 * Webhooks by Standard Webhooks 1.0: `webhook-id` names the delivery (the same one each time it is tried), `webhook-timestamp` is in
 * seconds, `webhook-signature` has one or more `v1,` and HMAC-SHA256 over `id.timestamp.body` in base64.
 */

/** How far the sender's clock may be from ours, in seconds. */
const tolerance = 300;

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** What is signed. */
export const signedText = (id: string, timestamp: number, body: string): string =>
  `${id}.${timestamp}.${body}`;

type Headers = Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>>;

/**
 * Checks a delivery and reads it; null for one that is not ours, too old or unreadable. `body` is what came, byte for byte, `nowMs`
 * the receiver's clock. Whoever acts on a delivery remembers its id: one that was not answered in time comes again.
 */
export async function readWebhook(
  secret: string,
  headers: Headers,
  body: string,
  nowMs: number,
): Promise<{ readonly id: string; readonly event: WebhookEvent } | null> {
  const { 'webhook-id': id, 'webhook-timestamp': stamp, 'webhook-signature': signatures } = headers;
  const timestamp = Number(stamp);
  if (!Number.isSafeInteger(timestamp) || Math.abs(nowMs / 1000 - timestamp) > tolerance) return null;
  const raw = bytesOf(secret.replace(/^whsec_/, ''));
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  const text = new TextEncoder().encode(signedText(id, timestamp, body));
  for (const signature of signatures.split(' ')) {
    const [version, value = ''] = signature.split(',');
    if (version !== 'v1' || !/^[A-Za-z0-9+/]{43}=$/.test(value)) continue;
    if (!(await crypto.subtle.verify('HMAC', key, bytesOf(value), text))) continue;
    const event = webhookEvent.safeParse(JSON.parse(body));
    return event.success ? { id, event: event.data } : null;
  }
  return null;
}
