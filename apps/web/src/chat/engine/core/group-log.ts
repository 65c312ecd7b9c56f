import type { Body } from '@accord/protocol';
import { ApiError } from '../../../api/client.ts';
import type { Http } from './ports.ts';

/**
 * A change of a group that was sent, or is about to be, and may have taken effect: with the state that follows
 * if it did. Stored before it leaves; asked again, under the same id, until the answer is known.
 */
export type Pending =
  | {
      readonly kind: 'found';
      readonly conversationId: string;
      readonly body: Body<'delivery.groups.found'>;
      readonly next: Uint8Array;
    }
  | {
      readonly kind: 'commit';
      readonly conversationId: string;
      readonly body: Body<'delivery.groups.commit'>;
      readonly next: Uint8Array;
      readonly notes: readonly PendingNote[];
    };

export type PendingNote =
  | { readonly kind: 'joined-here' | 'rejoined' }
  | { readonly kind: 'device-removed'; readonly mine: boolean };

/** Answers that say that nothing was changed, and that asking again will not help. */
const lost = new Set<string>([
  'wrong_epoch',
  'not_found',
  'removal_pending',
  'invalid_input',
  'too_large',
  'bad_key_material',
]);

/**
 * Asks the server for the change: `won` when it is in force, `lost` when another was first or it is refused.
 * @throws {ApiError} while nobody knows (`offline`, `unavailable`…): it stays pending
 */
export async function perform(http: Http, pending: Pending): Promise<'won' | 'lost'> {
  const params = { conversationId: pending.conversationId };
  try {
    if (pending.kind === 'found') await http.call('delivery.groups.found', { params, body: pending.body });
    else await http.call('delivery.groups.commit', { params, body: pending.body });
    return 'won';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 'group_exists') {
      const { group } = await http.call('delivery.conversations.read', { params });
      return group?.groupId === pending.body.groupId ? 'won' : 'lost';
    }
    if (lost.has(error.code)) return 'lost';
    throw error;
  }
}
