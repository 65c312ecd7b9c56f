import { z } from 'zod';
import { mediaLimits } from './limits.ts';
import { bytes, id, instant } from './primitives.ts';
import { depictions, pictureModes } from './words.ts';

/*
 * Sealed pictures. A picture is named by its `blobId`: the 16 bytes of a UUID that the sender's device draws, bound into
 * the picture's key. Every refusal that concerns a picture is `not_found`, byte for byte, whatever the cause.
 */

/** Bytes as `application/octet-stream`. */
const octets = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

/** The 16 random bytes that name a consent record, written as a UUID is, of no version. */
const recordId = z.guid().lowercase();

/** A number in a query. */
const queryCount = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);

const blob = z.object({
  /** Bytes that are on the disk: the next part begins here. */
  offset: z.int().nonnegative(),
  /** True once the whole is there and its SHA-256 is `cth`. */
  complete: z.boolean(),
});

/** How a picture, or one person's access to it, came to its end. `open`: it did not. */
export const pictureState = z.enum([
  'open',
  /** Taken back by its sender. */
  'revoked',
  'expired',
  'used_up',
  /** A yes of somebody in it was taken back. */
  'withdrawn',
  /** The conversation was closed. */
  'closed',
  /** By the desk: a decision, a ban, a sweep. */
  'removed',
]);

/** A picture as its sender sees it. Whether a receiver accepted, refused or blocked is nobody's business but theirs. */
const ownPicture = z.object({
  blobId: id,
  createdAt: instant,
  endedAt: instant.nullable(),
  state: pictureState,
  depicts: z.enum(depictions),
  /** For each receiver; null: no limit. */
  maxViews: z.int().positive().nullable(),
  expiresAt: instant.nullable(),
  /** Bytes of the ciphertext. */
  size: z.int(),
  receivers: z.array(
    z.object({
      accountId: id,
      pseudonym: z.string(),
      state: pictureState,
      /** When each view began, oldest first, the last hundred. */
      views: z.array(instant),
      viewCount: z.int().nonnegative(),
    }),
  ),
});

const consentState = z.enum(['waiting', 'yes', 'no', 'withdrawn']);

/** A question to somebody in a picture, as asker and asked see it. A question that nobody answers becomes a no. */
export const consent = z.object({
  consentId: id,
  askedBy: id,
  /** The member who is asked; null: somebody who is not here, by a one-time link. */
  asked: id.nullable(),
  state: consentState,
  askedAt: instant,
  lapsesAt: instant,
  answeredAt: instant.nullable(),
  /** SHA-256 of the picture's bytes. */
  ph: bytes(32, 32),
  /** Accounts that may see it, if the answer is yes. */
  receivers: z.array(id),
  until: instant.nullable(),
  /** What only the asked one can open; null for everybody else, and once it is answered. */
  sealed: bytes(mediaLimits.sealedBytes).nullable(),
  /** The copy for the asked one: fetched with `media.blobs.read`, opened with `media.pictures.view`. */
  blobId: id,
  /** The signed record (CBOR of `ConsentRecord`), once the answer was yes. */
  record: bytes(mediaLimits.recordBytes).nullable(),
});

const view = z.strictObject({
  /**
   * Drawn for each view and kept until it ends: the same device that asks again with it within a minute gets the same answer
   * without a second view, so that a lost answer or a crashed tab costs nothing.
   */
  viewId: id,
});

/** Kept in memory while the picture is shown, never stored. */
const halfKey = z.object({
  ks: bytes(32, 32),
  /** How often this person may see it again; null: no limit. */
  viewsLeft: z.int().nonnegative().nullable(),
  expiresAt: instant.nullable(),
});

/** One answer to a question: the signed yes (CBOR of `ConsentRecord`), or null for a no. */
const answer = z.strictObject({ record: bytes(mediaLimits.recordBytes).nullable() });

export const media = {
  /** Begins an upload, or finds it again. `size` and `cth` (SHA-256) are of the ciphertext. */
  'media.blobs.begin': {
    body: z.strictObject({
      blobId: id,
      size: z.int().min(50).max(mediaLimits.ciphertextBytes),
      cth: bytes(32, 32),
    }),
    reply: blob,
  },
  'media.blobs.state': { params: z.strictObject({ blobId: id }), reply: blob },
  /**
   * Stores the part that begins at `offset`: durable when answered. A part that is there already is answered alike; one that
   * leaves a gap is `wrong_offset`, and so is one beyond the size: ask for the state and go on from there.
   */
  'media.blobs.append': {
    params: z.strictObject({ blobId: id }),
    query: z.strictObject({ offset: queryCount }),
    body: octets,
    reply: blob,
  },
  /** Compares the whole with `cth`. `bad_upload`: it differs, and the upload begins anew at offset 0. */
  'media.blobs.complete': {
    params: z.strictObject({ blobId: id }),
    body: z.strictObject({}),
    reply: blob,
  },
  /** The ciphertext: for its sender, and for a receiver who accepted. */
  'media.blobs.read': { params: z.strictObject({ blobId: id }), reply: octets },

  /**
   * Gives a completed upload its half-key and its policy: from here on its receivers can see it. Where somebody else is in
   * it, `consents` are the questions that all were answered yes, for this `ph`, these receivers and at least as long;
   * else `consent_missing`. `receivers` are people with an open conversation with the sender, else `not_found`.
   * Repeating the same call answers alike.
   */
  'media.pictures.create': {
    body: z.strictObject({
      blobId: id,
      ks: bytes(32, 32),
      receivers: z.array(id).min(1).max(mediaLimits.receivers),
      maxViews: z.int().positive().max(1000).nullable(),
      expiresAt: instant.nullable(),
      depicts: z.enum(depictions),
      /** SHA-256 of the picture's bytes; told only where somebody else is in it. */
      ph: bytes(32, 32).nullable(),
      consents: z.array(id).max(mediaLimits.consents),
    }),
    reply: ownPicture,
  },
  /**
   * What one sent, newest first; `before` is the last page's `next`, `blobId` asks about one alone. What ended is listed for 30 days
   * more.
   */
  'media.pictures.list': {
    query: z.strictObject({ before: z.string().max(80).optional(), blobId: id.optional() }),
    reply: z.object({ pictures: z.array(ownPicture), next: z.string().nullable() }),
  },
  /** Takes a picture back: its half-key is destroyed before the answer. A second time answers alike. */
  'media.pictures.revoke': { params: z.strictObject({ blobId: id }), reply: z.object({}) },
  /** Takes back everything one ever sent, and every question that waits. */
  'media.pictures.revokeAll': { reply: z.object({ revoked: z.int().nonnegative() }) },
  /** "Show this one": a receiver's yes to one picture. Nothing is fetched before it, or before `always`. */
  'media.pictures.accept': {
    params: z.strictObject({ blobId: id }),
    body: z.strictObject({}),
    reply: z.object({}),
  },
  /** Counts a view and hands out the half-key. One view is one person's, on whichever of their devices. */
  'media.pictures.view': { params: z.strictObject({ blobId: id }), body: view, reply: halfKey },
  /** Which of these could still be seen by the caller, at the least once more. Counts nothing. */
  'media.pictures.check': {
    body: z.strictObject({ blobIds: z.array(id).max(mediaLimits.checks) }),
    reply: z.object({ open: z.array(id) }),
  },

  /** Whose pictures the caller decided about; everybody else's are `ask`. */
  'media.senders.list': {
    reply: z.object({ senders: z.array(z.object({ accountId: id, mode: z.enum(pictureModes) })) }),
  },
  /** The sender is not told. `never` also ends what was accepted before. */
  'media.senders.write': {
    params: z.strictObject({ accountId: id }),
    body: z.strictObject({ mode: z.enum(pictureModes) }),
    reply: z.object({}),
  },

  /**
   * Asks somebody in a picture. `blobId` and `ks` are of a copy sealed for them alone, uploaded before; `sealed` holds what
   * opens it (for a member: sealed to their box; for a link: under a key that is in the link's fragment and never
   * reaches us). `to`: a member with an open conversation with the asker, or null with `linkId`, drawn by the asker's
   * device: the link is `/consent/<linkId>#<key>`.
   */
  'media.consents.ask': {
    body: z.strictObject({
      consentId: id,
      to: id.nullable(),
      linkId: id.optional(),
      blobId: id,
      ks: bytes(32, 32),
      sealed: bytes(mediaLimits.sealedBytes),
      ph: bytes(32, 32),
      receivers: z.array(id).min(1).max(mediaLimits.receivers),
      until: instant.nullable(),
    }),
    reply: consent,
  },
  /** What one was asked, and what one asked; newest first. */
  'media.consents.list': { reply: z.object({ asked: z.array(consent), asking: z.array(consent) }) },
  'media.consents.read': { params: z.strictObject({ consentId: id }), reply: consent },
  /** The asked member's answer. The record is signed with their identity key, else `bad_consent`. */
  'media.consents.answer': { params: z.strictObject({ consentId: id }), body: answer, reply: consent },
  /** The asker no longer asks: the copy goes dark. A yes that was given stays its giver's to take back. */
  'media.consents.cancel': { params: z.strictObject({ consentId: id }), reply: z.object({}) },

  /** What a one-time link leads to, while it waits for an answer; afterwards `state` and nothing else. */
  'media.links.read': {
    params: z.strictObject({ linkId: id }),
    reply: z.object({
      consentId: id,
      state: consentState,
      lapsesAt: instant,
      sealed: bytes(mediaLimits.sealedBytes).nullable(),
      ph: bytes(32, 32),
      blobId: id,
      /** Identity keys and pseudonyms of those who may see it. */
      askedBy: z.object({ pseudonym: z.string(), identityPublicKey: bytes(32, 32) }).nullable(),
      receivers: z.array(z.object({ pseudonym: z.string(), identityPublicKey: bytes(32, 32) })),
      until: instant.nullable(),
    }),
  },
  'media.links.view': { params: z.strictObject({ linkId: id }), body: view, reply: halfKey },
  'media.links.blob': { params: z.strictObject({ linkId: id }), reply: octets },
  /** The answer of somebody who is not here, signed with a key made in their browser for this yes alone. */
  'media.links.answer': {
    params: z.strictObject({ linkId: id }),
    body: answer,
    reply: z.object({ state: consentState }),
  },

  /** A signed yes, for whoever knows its id. */
  'media.records.read': {
    params: z.strictObject({ recordId }),
    reply: z.object({
      record: bytes(mediaLimits.recordBytes),
      state: z.enum(['yes', 'withdrawn']),
      withdrawnAt: instant.nullable(),
    }),
  },
  /** Takes a yes back: a signature over the record's id with the key that gave it. No account is needed. */
  'media.records.withdraw': {
    params: z.strictObject({ recordId }),
    body: z.strictObject({ signature: bytes(64, 64) }),
    reply: z.object({ withdrawnAt: instant }),
  },

  /** The key to which reports are sealed (`sealToBox`, context `accord/report/1`). */
  'media.keys.read': {
    reply: z.object({ moderation: z.object({ kid: bytes(8, 8), publicKey: bytes(1300) }) }),
  },
  /** A `Report` (see `sealed-media`) sealed to the moderation key. `bad_report`: it can't be opened or read. */
  'media.reports.create': {
    body: z.strictObject({ reportId: id, kid: bytes(8, 8), sealed: bytes(mediaLimits.reportBytes) }),
    reply: z.object({
      reportId: id,
      /** True when every message in it is proved to be what that account sent. */
      verified: z.boolean(),
    }),
  },
};
