import { type CheckItem, createPartnerClient, readWebhook, type V1 } from '@accord/protocol/partners';
import type { z } from 'zod';

/*
 * The examples of docs/api.md, so that they are compiled and run: each block stands here word for word.
 */

interface Given {
  readonly baseUrl: string;
  readonly key: string;
  /** A picture's file. */
  readonly base64: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly items: AsyncIterable<CheckItem>;
  /** Called with what is refused, and with each answer of a stream. */
  readonly refuse: (ref: string | undefined) => void;
  readonly note: (ref: string | undefined, status: string) => void;
}

export async function checks({ baseUrl, key, base64, bytes, items, refuse, note }: Given) {
  const client = createPartnerClient({ baseUrl, key });

  // Several in one call: hashes (PDQ) and pictures, up to 1,000 and 16 of them pictures; files by MD5 or SHA-256.
  const { results } = await client.call('checks.create', {
    body: {
      items: [
        {
          ref: 'upload-1',
          pdq: 'f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22',
          quality: 100,
        },
        { ref: 'upload-2', picture: base64 },
        { ref: 'upload-3', md5: '9e107d9d372bb6826bd81d3542a419d6' },
      ],
    },
  });
  for (const { ref, status, matches } of results) {
    if (status === 'match' && matches.some(({ blocks }) => blocks)) refuse(ref);
  }

  // One picture by its bytes.
  const result = await client.checkPicture(bytes);

  // As many as come: JSON lines in, JSON lines out, in order, while more are sent.
  for await (const { ref, status } of client.checkStream(items)) note(ref, status);

  return { results, result };
}

type Request = z.input<V1['notices.file']['body']>['request'];

export async function notices(client: ReturnType<typeof createPartnerClient>, request: Request) {
  const notice = await client.call('notices.file', {
    body: { idem: crypto.randomUUID(), reference: 'ticket 7', language: 'en', request },
  });
  const { state, decision } = await client.call('notices.read', { params: { noticeId: notice.noticeId } });
  return { notice, state, decision };
}

export async function webhooks(client: ReturnType<typeof createPartnerClient>, url: string) {
  const { secret } = await client.call('webhooks.create', { body: { url } });
  return secret;
}

export async function receive(secret: string, headers: Parameters<typeof readWebhook>[1], rawBody: string) {
  const read = await readWebhook(secret, headers, rawBody, Date.now());
  if (read === null) return 400;
  return read.event.data.what;
}
