import { z } from 'zod';
import { limits } from './limits.ts';
import { bytes, id, instant } from './primitives.ts';

const epoch = z.int().nonnegative();

/** The other party of a conversation, with what is needed to check their devices. */
const party = z.object({ id, pseudonym: z.string(), identityPublicKey: bytes(32, 32) });

/** A group's place among the member devices. `leaving` are removed devices that a commit must still evict. */
const groupState = z.object({ groupId: id, epoch, members: z.array(id), leaving: z.array(id) });

export const conversation = z.object({
  id,
  /** Null once they deleted their account. */
  with: party.nullable(),
  createdAt: instant,
  /** True when one side closed it (or deleted their account): reading stays, sending ends. */
  closed: z.boolean(),
  /** Null until the first device of either side has founded it. */
  group: groupState.nullable(),
});

/** Everything a commit brings in one call; it takes effect whole or not at all. */
const commitBundle = {
  commit: bytes(limits.handshakeBytes),
  welcome: bytes(limits.handshakeBytes).optional(),
  groupInfo: bytes(limits.handshakeBytes),
};

/** The same items that the socket streams, for places where no socket gets through. */
export const inboxItem = z.object({
  /** Rising per device; a decimal string, for it may pass 2^53. */
  id: z.string().regex(/^\d{1,19}$/),
  kind: z.enum(['message', 'commit', 'welcome']),
  groupId: id,
  epoch,
  at: instant,
  body: z.string(),
  /** Of a message whose sender committed to it; see the socket's `Franking`. */
  franking: z.object({ kid: bytes(8, 8), n: z.int().positive(), tag: bytes(32, 32) }).optional(),
});

export const delivery = {
  'delivery.conversations.list': { reply: z.object({ conversations: z.array(conversation) }) },
  'delivery.conversations.read': { params: z.strictObject({ conversationId: id }), reply: conversation },
  'delivery.conversations.close': { params: z.strictObject({ conversationId: id }), reply: z.object({}) },
  'delivery.keyPackages.count': { reply: z.object({ oneTime: z.int(), lastResort: z.boolean() }) },
  'delivery.keyPackages.publish': {
    body: z.strictObject({
      oneTime: z.array(bytes(limits.keyPackageBytes)).max(limits.keyPackages),
      lastResort: bytes(limits.keyPackageBytes).optional(),
    }),
    reply: z.object({ oneTime: z.int(), lastResort: z.boolean() }),
  },
  /** One package for each device of both parties but the caller's; each one-time package is handed out once. */
  'delivery.keyPackages.claim': {
    params: z.strictObject({ conversationId: id }),
    body: z.strictObject({}),
    reply: z.object({ packages: z.array(z.object({ deviceId: id, keyPackage: z.string() })) }),
  },
  /** Founds the group: first come, first served. The group's first epoch (0) is committed to epoch 1 by `commit`. */
  'delivery.groups.found': {
    params: z.strictObject({ conversationId: id }),
    body: z.strictObject({
      groupId: id,
      welcome: bytes(limits.handshakeBytes).optional(),
      groupInfo: bytes(limits.handshakeBytes),
    }),
    reply: groupState,
  },
  'delivery.groups.info': {
    params: z.strictObject({ conversationId: id }),
    reply: groupState.extend({ groupInfo: z.string() }),
  },
  /** Compare-and-set on (group, epoch): `epoch` is the one the commit leaves. Repeating an accepted `idem` answers alike. */
  'delivery.groups.commit': {
    params: z.strictObject({ conversationId: id }),
    body: z.strictObject({ groupId: id, epoch, idem: id, ...commitBundle }),
    reply: groupState,
  },
  /**
   * As the socket's `send`. `n` rises with each message of this device; a resend with the same `n` is stored once.
   * After `unavailable` the same `n` is sent again, before any later one; after another refusal the message goes
   * under a new `n`, for the old one may have been passed by.
   */
  'delivery.messages.send': {
    body: z.strictObject({
      n: z.int().positive(),
      oldest: z.int().positive(),
      groupId: id,
      epoch,
      body: bytes(limits.messageBytes),
    }),
    reply: z.object({ n: z.int(), at: instant }),
  },
  'delivery.inbox.list': { reply: z.object({ items: z.array(inboxItem), more: z.boolean() }) },
  'delivery.inbox.ack': {
    body: z.strictObject({ ids: z.array(z.string().regex(/^\d{1,19}$/)).max(1000) }),
    reply: z.object({}),
  },
};
