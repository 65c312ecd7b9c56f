import { Counter } from 'prom-client';
import type { Accounts } from '../accounts/types.ts';
import type { Blobs } from '../platform/blobs.ts';
import type { Tx } from '../platform/database.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Platform } from '../platform/platform.ts';
import type { Franking } from './franking.ts';
import type { HalfKeys } from './half-keys.ts';
import type { Moderation } from './moderation.ts';
import type { MediaHooks } from './types.ts';

/** What the parts of this feature share. */
export interface Parts {
  readonly platform: Platform;
  readonly accounts: Pick<Accounts, 'publicOf' | 'isBlocked' | 'ownersOf'>;
  readonly conversations: {
    findOpenConversation(tx: Tx, oneId: string, otherId: string): Promise<string | null>;
  };
  readonly blobs: Blobs;
  readonly halfKeys: HalfKeys;
  readonly franking: Franking;
  readonly moderation: Moderation;
  readonly hooks: readonly MediaHooks[];
  readonly metrics: MediaMetrics;
}

type MediaMetrics = ReturnType<typeof createMediaMetrics>;

export function createMediaMetrics(registry: Metrics) {
  const registers = [registry];
  return {
    created: new Counter({ name: 'accord_pictures_total', help: 'Pictures given to receivers.', registers }),
    views: new Counter({ name: 'accord_picture_views_total', help: 'Half-keys handed out.', registers }),
    ended: new Counter({
      name: 'accord_pictures_ended_total',
      help: 'Pictures that came to their end, by cause.',
      labelNames: ['why'],
      registers,
    }),
    destroyed: new Counter({
      name: 'accord_half_keys_destroyed_total',
      help: 'Half-keys overwritten.',
      registers,
    }),
    reports: new Counter({
      name: 'accord_proved_reports_total',
      help: 'Reports with proof, by whether it held.',
      labelNames: ['verified'],
      registers,
    }),
  };
}

export const fromBase64url = (text: string): Buffer => Buffer.from(text, 'base64url');

/** Where a ciphertext is in the store. */
export const blobName = (blobId: string): string => `pictures/${blobId.slice(0, 2)}/${blobId}`;
