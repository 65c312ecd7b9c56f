import { XWing } from '@hpke/hybridkem-x-wing';
import { XWing as nobleXWing } from '@noble/post-quantum/hybrid.js';
import { expect, it } from 'vitest';
import { hex, random } from '../test/people.ts';
import { owned } from './ed25519.ts';

const RUNS = 20;

it('X-Wing agrees with an independent implementation, both ways', async () => {
  const ours = new XWing();
  for (let run = 0; run < RUNS; run++) {
    const seed = random(32);
    const theirs = nobleXWing.keygen(seed);
    const pair = await ours.generateKeyPairDerand(owned(seed.slice()));
    const publicKey = new Uint8Array(await ours.serializePublicKey(pair.publicKey));
    expect(hex(publicKey)).toBe(hex(theirs.publicKey));

    // noble overwrites the public key it was given, and ours hands out the memory of its own.
    const sealedByThem = nobleXWing.encapsulate(publicKey.slice());
    const opened = await ours.decap({
      recipientKey: pair.privateKey,
      enc: owned(sealedByThem.cipherText).slice().buffer,
    });
    expect(hex(new Uint8Array(opened))).toBe(hex(sealedByThem.sharedSecret));

    const sealedByUs = await ours.encap({ recipientPublicKey: pair.publicKey });
    const openedByThem = nobleXWing.decapsulate(new Uint8Array(sealedByUs.enc), theirs.secretKey);
    expect(hex(openedByThem)).toBe(hex(new Uint8Array(sealedByUs.sharedSecret)));
  }
});
