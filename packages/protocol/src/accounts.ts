import { z } from 'zod';
import { bytes, id, instant, line, pseudonym } from './primitives.ts';

/** A WebAuthn Level 3 response as `@simplewebauthn/browser` gives it; the library checks the inside. */
const credential = z
  .object({ id: z.string().max(1024), rawId: z.string().max(1024), type: z.literal('public-key') })
  .loose();

/** Options that `@simplewebauthn/browser` takes as they are. */
const options = z.record(z.string(), z.unknown());

/** A device as it enrols. The certificate is the account identity key's signature over the device's key. */
export const newDevice = z.strictObject({
  id,
  name: line(40).min(1),
  signaturePublicKey: bytes(32, 32),
  certificate: bytes(512),
});

/**
 * A 128-bit code that a person keeps (recovery) or carries to their next device (link): `id` is derived
 * from it, `sealedIdentity` is the identity key under a key derived from it. The code never reaches us.
 */
export const sealedIdentity = z.strictObject({ id: bytes(32, 32), sealedIdentity: bytes(512) });

export const device = z.object({
  id,
  name: z.string(),
  addedAt: instant,
  lastSeenAt: instant.nullable(),
  current: z.boolean(),
});

export const adult = z.object({ until: instant, method: z.string() });

/** Who is signed in. `device` is null where this browser is no enrolled device yet. */
export const me = z.object({
  id,
  pseudonym: z.string(),
  identityPublicKey: bytes(32, 32),
  boxPublicKey: bytes(1300),
  device: device.nullable(),
  adult: adult.nullable(),
});

const ceremony = z.object({ ceremonyId: id, accountId: id, options });

export const accounts = {
  'accounts.registration.begin': { body: z.strictObject({ pseudonym }), reply: ceremony },
  /** Signs in and binds the session to the device. `boxPublicKey` opens sealed first lines; signed by the identity key. */
  'accounts.registration.finish': {
    params: z.strictObject({ ceremonyId: id }),
    body: z.strictObject({
      credential,
      identityPublicKey: bytes(32, 32),
      boxPublicKey: bytes(1300),
      boxSignature: bytes(64, 64),
      device: newDevice,
      recovery: sealedIdentity,
      /** The identity key under the passkey's PRF output, where the authenticator has one. */
      wrappedIdentity: bytes(512).optional(),
    }),
    reply: me,
  },
  'accounts.signIn.begin': { body: z.strictObject({}), reply: z.object({ ceremonyId: id, options }) },
  /** `device` proves that this browser still holds a device's key: a signature over the ceremony's id. */
  'accounts.signIn.finish': {
    params: z.strictObject({ ceremonyId: id }),
    body: z.strictObject({
      credential,
      device: z.strictObject({ id, signature: bytes(64, 64) }).optional(),
    }),
    reply: z.object({ me, wrappedIdentity: bytes(512).nullable() }),
  },
  /** Comes back, or comes with one more device, by a recovery or link code: a new passkey for the account. */
  'accounts.return.begin': {
    body: z.strictObject({ id: bytes(32, 32) }),
    reply: ceremony.extend({ kind: z.enum(['recovery', 'link']), sealedIdentity: bytes(512) }),
  },
  /** `recovery` replaces the code that was used up; required when a recovery code opened the way. */
  'accounts.return.finish': {
    params: z.strictObject({ ceremonyId: id }),
    body: z.strictObject({
      credential,
      device: newDevice,
      recovery: sealedIdentity.optional(),
      wrappedIdentity: bytes(512).optional(),
    }),
    reply: me,
  },
  /** Shows the passkey again within the session: whoever holds the device is still its owner. */
  'accounts.checks.begin': { body: z.strictObject({}), reply: z.object({ ceremonyId: id, options }) },
  'accounts.checks.finish': {
    params: z.strictObject({ ceremonyId: id }),
    body: z.strictObject({ credential }),
    reply: me,
  },
  'accounts.me': { reply: me },
  'accounts.delete': { reply: z.object({}) },
  'accounts.signOut': { body: z.strictObject({}), reply: z.object({}) },
  'accounts.devices.list': { reply: z.object({ devices: z.array(device) }) },
  'accounts.devices.enrol': {
    body: z.strictObject({ device: newDevice, wrappedIdentity: bytes(512).optional() }),
    reply: me,
  },
  'accounts.devices.rename': {
    params: z.strictObject({ deviceId: id }),
    body: z.strictObject({ name: line(40).min(1) }),
    reply: z.object({}),
  },
  'accounts.devices.remove': { params: z.strictObject({ deviceId: id }), reply: z.object({}) },
  'accounts.links.create': { body: sealedIdentity, reply: z.object({ expiresAt: instant }) },
  'accounts.recovery.replace': { body: sealedIdentity, reply: z.object({}) },
  'accounts.blocks.list': {
    reply: z.object({ blocks: z.array(z.object({ accountId: id, pseudonym: z.string(), since: instant })) }),
  },
  'accounts.blocks.add': { body: z.strictObject({ accountId: id }), reply: z.object({}) },
  'accounts.blocks.remove': { params: z.strictObject({ accountId: id }), reply: z.object({}) },
};
