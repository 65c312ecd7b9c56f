import { z } from 'zod';
import { bytes, hashBytes, hashes, instant, isAboutEach } from './primitives.ts';

/*
 * The matching service never learns who asks: its routes carry no session, and what is signed here is signed by a key
 * that was made for one picture.
 */

/** How many hashes of each kind one question carries at most; those of the perceptual package stay below. */
export const askedMost = { turned: 64, parts: 256, wholes: 64, regions: 480 } as const;
/** Crops that are kept with a registered picture: those of `bankHashes`. */
export const keptMost = 30;

/**
 * What the picture may be an edited copy of: the whole and the blocks inside a surround, turned; crops; `wholes`, which are held
 * against whole pictures and not against crops (negatives, the whole unsheared); anchored regions (leave these out where
 * time is short). `h` itself need not be repeated.
 */
const asked = z
  .strictObject({
    turned: hashes(askedMost.turned),
    parts: hashes(askedMost.parts),
    /**
     * A byte for each of `parts`, what it can be a copy of: bit 0 whole pictures, bit n crops that are kept of anchor n. Without
     * it each is held against all.
     */
    against: bytes(askedMost.parts, 0).optional(),
    wholes: hashes(askedMost.wholes),
    regions: hashes(askedMost.regions),
  })
  .refine(({ parts, against }) => isAboutEach(against, parts), { path: ['against'] });

/** The one who sends is the owner of the picture: its fresh key, and `ownerProof` of it over `cm`. */
const byOwner = z.strictObject({
  kind: z.literal('owner'),
  key: bytes(32, 32),
  proof: bytes(64, 64),
});

/** The owner let them: the grant as `encodeGrant` writes it, `useGrant` over `cm`, and to whom, hashed with the grant's salt. */
const byGrant = z.strictObject({
  kind: z.literal('grant'),
  grant: bytes(4096),
  use: bytes(64, 64),
  receivers: z.array(bytes(32, 32)).min(1).max(64),
});

/** What becomes of a registered picture when it can't be opened any more: re-shares stay refused, or all is forgotten. */
const afterwards = z.enum(['refuse', 'forget']);

/** What the owner of a picture does about it, signed by `ownerAct` with the picture's key. */
const act = { at: instant, proof: bytes(64, 64) };

export const matching = {
  /**
   * May this picture be sent? `answer` is 512 bytes for `decodeAnswer` of the sealed-media package whatever the outcome,
   * and comes after the same time. What is attested must be uploaded (`blobId`) before the attestation ends. A picture of quality below 50 is attested and never matched: its receiver is told.
   */
  'matching.attest': {
    body: z
      .strictObject({
        h: bytes(hashBytes, hashBytes),
        q: z.int().min(0).max(100),
        cm: bytes(32, 32),
        blobId: bytes(16, 16),
        asked,
        /** Crops kept with the registered picture, so that crops of it are found. */
        kept: hashes(keptMost),
        /**
         * A byte for each of `kept`, its anchor: 1 the centre, 2 to 5 the corners (top left, top right, bottom left, bottom right).
         * Without it, or with another number, a crop is held against every question.
         */
        anchors: bytes(keptMost, 0).optional(),
        by: z.discriminatedUnion('kind', [byOwner, byGrant]),
        afterwards,
      })
      .refine(({ kept, anchors }) => isAboutEach(anchors, kept), { path: ['anchors'] }),
    reply: z.object({ answer: bytes(512, 512) }),
  },
  /**
   * The receiver asks with what their own device hashed. `attestation` is the one that came with the picture, as
   * `attestationBytes` writes it: the picture that it registered is not held against itself.
   */
  'matching.recheck': {
    body: z.strictObject({
      h: bytes(hashBytes, hashBytes),
      q: z.int().min(0).max(100),
      asked,
      attestation: bytes(300),
    }),
    reply: z.object({ verdict: z.enum(['show', 'hide']), bankEpoch: z.int().nonnegative() }),
  },
  /**
   * The owner changes what becomes of the picture once it can't be opened; where that is so already, `forget` forgets at
   * once. Answers alike for unknown keys.
   */
  'matching.ownership': {
    body: z.strictObject({
      ownerKey: bytes(32, 32),
      wish: afterwards,
      ...act,
    }),
    reply: z.object({}),
  },
  /** The owner takes a grant back; `grantId` is `grantIdOf` it. Answers alike for unknown grants. */
  'matching.grants.withdraw': {
    body: z.strictObject({ ownerKey: bytes(32, 32), grantId: bytes(32, 32), until: instant, ...act }),
    reply: z.object({}),
  },
  /** Keys that attestations are checked with, old ones included, and the state of the banks. */
  'matching.keys': {
    reply: z.object({
      keys: z.array(z.object({ kid: bytes(8, 8), publicKey: bytes(32, 32), since: instant })),
      bankEpoch: z.int().nonnegative(),
    }),
  },
};
