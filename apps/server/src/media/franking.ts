import { createHmac, timingSafeEqual } from 'node:crypto';
import type { TagContext } from '@accord/sealed-media';
import type { Purge } from '../platform/housekeeping.ts';
import { type KeyRing, openKeyRing } from '../platform/key-ring.ts';
import type { Platform } from '../platform/platform.ts';

/** The delivery service's word for what it took: see `franking.ts` of the sealed-media package. */
export interface Franking {
  /** `t` and the key that made it. Called for every message that commits to its content: synchronous, a few microseconds. */
  tag(context: TagContext): { readonly kid: Uint8Array; readonly tag: Uint8Array };
  /** Whether this tag is ours for this; `unknown_key` when the key is gone or never was. */
  check(kid: Uint8Array, context: TagContext, tag: Uint8Array): Promise<'ours' | 'not_ours' | 'unknown_key'>;
  readonly purges: readonly Purge[];
}

const dayMs = 86_400_000;
/** A key makes tags for a month, and checks them for thirteen. */
const useMs = 30 * dayMs;
const keepMs = 396 * dayMs;

const label = Buffer.from('accord/tag/1\0');
const counts = Buffer.alloc(24);

/** The bytes of `frankingTag`, without waiting. */
export function tagOf(secret: Uint8Array, { c, deviceId, groupId, epoch, n, at }: TagContext): Buffer {
  counts.writeBigUInt64BE(BigInt(epoch), 0);
  counts.writeBigUInt64BE(BigInt(n), 8);
  counts.writeBigUInt64BE(BigInt(at), 16);
  return createHmac('sha256', secret)
    .update(label)
    .update(c)
    .update(deviceId)
    .update(groupId)
    .update(counts)
    .digest();
}

export async function openFranking({ folder, clock }: Platform): Promise<Franking> {
  const ring: KeyRing = await openKeyRing(folder, 'franking', clock());
  return {
    tag(context) {
      const { kid, secret } = ring.current();
      return { kid, tag: tagOf(secret, context) };
    },
    async check(kid, context, tag) {
      const key = await ring.find(kid);
      if (key === undefined) return 'unknown_key';
      return tag.length === 32 && timingSafeEqual(tagOf(key.secret, context), tag) ? 'ours' : 'not_ours';
    },
    purges: [
      {
        name: 'franking keys',
        async run(now) {
          if (now - ring.current().madeAt > useMs) await ring.rotate(now);
          return ring.prune(now - keepMs);
        },
      },
    ],
  };
}
