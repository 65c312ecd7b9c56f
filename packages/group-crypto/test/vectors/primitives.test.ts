import { determineLength } from 'ts-mls/codec/variableLength.js';
import { refhash } from 'ts-mls/crypto/hash.js';
import { decryptWithLabel, encryptWithLabel } from 'ts-mls/crypto/hpke.js';
import { deriveSecret, deriveTreeSecret, expandWithLabel } from 'ts-mls/crypto/kdf.js';
import { signWithLabel, verifyWithLabel } from 'ts-mls/crypto/signature.js';
import { encodeGroupContext } from 'ts-mls/groupContext.js';
import { initializeEpoch, mlsExporter } from 'ts-mls/keySchedule.js';
import { computePskSecret } from 'ts-mls/presharedkey.js';
import { createSecretTree, deriveKey, deriveNonce, ratchetUntil } from 'ts-mls/secretTree.js';
import { expandSenderDataKey, expandSenderDataNonce } from 'ts-mls/sender.js';
import { expect, it } from 'vitest';
import { bytes, describeVectors, groupContext, hex, implementation, VECTOR_COUNTS } from './support.ts';

it('the public vectors are 785', () => {
  expect(Object.values(VECTOR_COUNTS).reduce((sum, count) => sum + count, 0)).toBe(785);
});

interface CryptoBasics {
  cipher_suite: number;
  ref_hash: { label: string; value: string; out: string };
  expand_with_label: { secret: string; label: string; context: string; length: number; out: string };
  derive_secret: { secret: string; label: string; out: string };
  derive_tree_secret: { secret: string; label: string; generation: number; length: number; out: string };
  sign_with_label: { priv: string; pub: string; content: string; label: string; signature: string };
  encrypt_with_label: Record<
    'priv' | 'pub' | 'label' | 'context' | 'plaintext' | 'kem_output' | 'ciphertext',
    string
  >;
}

describeVectors<CryptoBasics>('crypto-basics', async (v) => {
  const cs = await implementation(v.cipher_suite);
  const { ref_hash: ref, expand_with_label: expand, derive_secret: derive, derive_tree_secret: tree } = v;
  expect(hex(await refhash(ref.label, bytes(ref.value), cs.hash))).toBe(ref.out);
  expect(
    hex(
      await expandWithLabel(bytes(expand.secret), expand.label, bytes(expand.context), expand.length, cs.kdf),
    ),
  ).toBe(expand.out);
  expect(hex(await deriveSecret(bytes(derive.secret), derive.label, cs.kdf))).toBe(derive.out);
  expect(
    hex(await deriveTreeSecret(bytes(tree.secret), tree.label, tree.generation, tree.length, cs.kdf)),
  ).toBe(tree.out);

  const sign = v.sign_with_label;
  const verify = (signature: Uint8Array) =>
    verifyWithLabel(bytes(sign.pub), sign.label, bytes(sign.content), signature, cs.signature);
  expect(await verify(bytes(sign.signature))).toBe(true);
  expect(
    await verify(await signWithLabel(bytes(sign.priv), sign.label, bytes(sign.content), cs.signature)),
  ).toBe(true);

  const box = v.encrypt_with_label;
  const open = async (kemOutput: Uint8Array, ciphertext: Uint8Array) =>
    hex(
      await decryptWithLabel(
        await cs.hpke.importPrivateKey(bytes(box.priv)),
        box.label,
        bytes(box.context),
        kemOutput,
        ciphertext,
        cs.hpke,
      ),
    );
  expect(await open(bytes(box.kem_output), bytes(box.ciphertext))).toBe(box.plaintext);
  const pub = await cs.hpke.importPublicKey(bytes(box.pub));
  const sealed = await encryptWithLabel(pub, box.label, bytes(box.context), bytes(box.plaintext), cs.hpke);
  expect(await open(sealed.enc, sealed.ct)).toBe(box.plaintext);
});

describeVectors<{ vlbytes_header: string; length: number }>('deserialization', (v) => {
  const { length, lengthFieldSize } = determineLength(bytes(v.vlbytes_header));
  expect([length, lengthFieldSize]).toEqual([v.length, v.vlbytes_header.length / 2]);
});

type EpochFields =
  | 'commit_secret'
  | 'psk_secret'
  | 'tree_hash'
  | 'confirmed_transcript_hash'
  | 'group_context'
  | 'joiner_secret'
  | 'welcome_secret'
  | 'init_secret'
  | 'sender_data_secret'
  | 'encryption_secret'
  | 'exporter_secret'
  | 'epoch_authenticator'
  | 'external_secret'
  | 'confirmation_key'
  | 'membership_key'
  | 'resumption_psk'
  | 'external_pub';

interface KeySchedule {
  cipher_suite: number;
  group_id: string;
  initial_init_secret: string;
  epochs: (Record<EpochFields, string> & {
    exporter: { label: string; context: string; length: number; secret: string };
  })[];
}

describeVectors<KeySchedule>('key-schedule', async (v) => {
  const cs = await implementation(v.cipher_suite);
  let initSecret = bytes(v.initial_init_secret);
  for (const [epoch, e] of v.epochs.entries()) {
    const context = groupContext(cs, { ...e, group_id: v.group_id, epoch });
    expect(hex(encodeGroupContext(context))).toBe(e.group_context);
    const made = await initializeEpoch(
      initSecret,
      bytes(e.commit_secret),
      context,
      bytes(e.psk_secret),
      cs.kdf,
    );
    const schedule = made.keySchedule;
    const external = await cs.hpke.deriveKeyPair(schedule.externalSecret);
    const exporter = await mlsExporter(
      schedule.exporterSecret,
      e.exporter.label,
      bytes(e.exporter.context),
      e.exporter.length,
      cs,
    );
    expect(hex(exporter)).toBe(e.exporter.secret);
    expect({
      joiner_secret: hex(made.joinerSecret),
      welcome_secret: hex(made.welcomeSecret),
      encryption_secret: hex(made.encryptionSecret),
      init_secret: hex(schedule.initSecret),
      sender_data_secret: hex(schedule.senderDataSecret),
      exporter_secret: hex(schedule.exporterSecret),
      epoch_authenticator: hex(schedule.epochAuthenticator),
      external_secret: hex(schedule.externalSecret),
      confirmation_key: hex(schedule.confirmationKey),
      membership_key: hex(schedule.membershipKey),
      resumption_psk: hex(schedule.resumptionPsk),
      external_pub: hex(await cs.hpke.exportPublicKey(external.publicKey)),
    }).toEqual(Object.fromEntries(Object.entries(e).filter(([name]) => DERIVED.has(name))));
    initSecret = schedule.initSecret.slice();
  }
});

const DERIVED = new Set<string>([
  'joiner_secret',
  'welcome_secret',
  'encryption_secret',
  'init_secret',
  'sender_data_secret',
  'exporter_secret',
  'epoch_authenticator',
  'external_secret',
  'confirmation_key',
  'membership_key',
  'resumption_psk',
  'external_pub',
]);

interface PskSecret {
  cipher_suite: number;
  psks: { psk_id: string; psk: string; psk_nonce: string }[];
  psk_secret: string;
}

describeVectors<PskSecret>('psk_secret', async (v) => {
  const cs = await implementation(v.cipher_suite);
  const psks = v.psks.map((psk): Parameters<typeof computePskSecret>[0][number] => [
    { psktype: 'external', pskId: bytes(psk.psk_id), pskNonce: bytes(psk.psk_nonce) },
    bytes(psk.psk),
  ]);
  expect(hex(await computePskSecret(psks, cs))).toBe(v.psk_secret);
});

type LeafKeys = Record<'application_key' | 'application_nonce' | 'handshake_key' | 'handshake_nonce', string>;

interface SecretTree {
  cipher_suite: number;
  encryption_secret: string;
  sender_data: { sender_data_secret: string; ciphertext: string; key: string; nonce: string };
  leaves: (LeafKeys & { generation: number })[][];
}

describeVectors<SecretTree>('secret-tree', async (v) => {
  const cs = await implementation(v.cipher_suite);
  const { sender_data: sender } = v;
  const [secret, ciphertext] = [bytes(sender.sender_data_secret), bytes(sender.ciphertext)];
  expect(hex(await expandSenderDataKey(cs, secret, ciphertext))).toBe(sender.key);
  expect(hex(await expandSenderDataNonce(cs, secret, ciphertext))).toBe(sender.nonce);
  const tree = await createSecretTree(v.leaves.length, bytes(v.encryption_secret), cs.kdf);
  const steps = { retainKeysForGenerations: 64, retainKeysForEpochs: 8, maximumForwardRatchetSteps: 20_000 };
  for (const [leaf, generations] of v.leaves.entries()) {
    const node = tree[2 * leaf];
    if (node === undefined) throw new Error('no secrets for leaf');
    for (const g of generations) {
      const [application] = await ratchetUntil(node.application, g.generation, steps, cs.kdf);
      const [handshake] = await ratchetUntil(node.handshake, g.generation, steps, cs.kdf);
      expect({
        application_key: hex(await deriveKey(application.secret, g.generation, cs)),
        application_nonce: hex(await deriveNonce(application.secret, g.generation, cs)),
        handshake_key: hex(await deriveKey(handshake.secret, g.generation, cs)),
        handshake_nonce: hex(await deriveNonce(handshake.secret, g.generation, cs)),
        generation: g.generation,
      }).toEqual(g);
    }
  }
});
