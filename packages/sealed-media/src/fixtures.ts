import { attest } from './attestation.ts';
import { join } from './cbor.ts';
import { consent } from './consent.ts';
import { type Descriptor, encodeDescriptor } from './descriptor.ts';
import { frankingCommitment } from './franking.ts';
import { type Bytes, publicKeyOf, type Random, sha256 } from './primitives.ts';
import type { Arrived } from './receive.ts';
import { commitmentOf, seal } from './seal.ts';

/* A whole sending for tests and for the published vectors, from a counter instead of chance. */

/** Bytes that a vector can repeat: SHA-256 is not needed, only distinctness. */
export function countingRandom(start = 1): Random {
  let next = start;
  return (length) => {
    const out = new Uint8Array(length).fill(next & 255);
    out[0] = next >> 8;
    next += 1;
    return out;
  };
}

/** An empty canonical WebP: a real head, a frame of the given size, `extra` bytes of content. A texture, no picture. */
export function blankWebp(width: number, height: number, extra = 64): Bytes {
  const size = 10 + extra + (extra & 1);
  const out = new Uint8Array(20 + size);
  const view = new DataView(out.buffer);
  const write = (at: number, text: string) => out.set(new TextEncoder().encode(text), at);
  write(0, 'RIFF');
  view.setUint32(4, 12 + size, true);
  write(8, 'WEBPVP8 ');
  view.setUint32(16, size, true);
  out.set([0x10, 0, 0, 0x9d, 0x01, 0x2a], 20);
  view.setUint16(26, width, true);
  view.setUint16(28, height, true);
  for (let i = 30; i < out.length; i += 1) out[i] = (i * 37) & 255;
  return out;
}

export interface Sending {
  readonly descriptor: Descriptor;
  readonly picture: Bytes;
  readonly ciphertext: Bytes;
  readonly ks: Bytes;
  readonly arrived: Arrived;
  readonly keys: ReadonlyMap<string, Uint8Array>;
  readonly receiver: Bytes;
  readonly serviceSeed: Bytes;
}

/** Time of the sending in fixtures, milliseconds since 1970 UTC. */
export const sentAt = Date.UTC(2026, 10, 23, 12);

/** Puts a descriptor on its way, franked. `change` may forge it first. */
export async function frank(descriptor: Descriptor, kf: Bytes, takenAt: number): Promise<Arrived> {
  const content = encodeDescriptor(descriptor);
  return { content, kf, c: await frankingCommitment(kf, content), takenAt };
}

/** One honest sending of one blank picture to one receiver. */
export async function honestSending(random: Random = countingRandom()): Promise<Sending> {
  const [km, ks, r, h, kid, serviceSeed, giverSeed, receiverSeed, kf] = Array.from({ length: 9 }, (_, i) =>
    random(i === 4 ? 8 : 32),
  ) as [Bytes, Bytes, Bytes, Bytes, Bytes, Bytes, Bytes, Bytes, Bytes];
  const blobId = random(16);
  const picture = blankWebp(640, 480, 70_001);
  const ciphertext = await seal(picture, { km, ks }, blobId);
  const q = 93;
  const committed = { cth: await sha256(ciphertext), ph: await sha256(picture), h, q, r };
  const cm = await commitmentOf(committed);
  const attestation = await attest(serviceSeed, { h, q, cm, bankEpoch: 7, iat: sentAt - 60_000, kid });
  const receiver = await publicKeyOf(receiverSeed);
  const yes = await consent(giverSeed, {
    id: random(16),
    giver: await publicKeyOf(giverSeed),
    ph: committed.ph,
    receivers: [receiver],
    until: sentAt + 86_400_000,
    givenAt: sentAt - 120_000,
  });
  const descriptor: Descriptor = {
    ...committed,
    blobId,
    km,
    type: 'image/webp',
    width: 640,
    height: 480,
    attestation,
    terms: { expiresAt: sentAt + 3_600_000, maxViews: 1, depicts: 'me' },
    consents: [yes],
  };
  const kidHex = Array.from(kid, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return {
    descriptor,
    picture,
    ciphertext,
    ks,
    arrived: await frank(descriptor, kf, sentAt),
    keys: new Map([[kidHex, await publicKeyOf(serviceSeed)]]),
    receiver,
    serviceSeed: join(serviceSeed),
  };
}
