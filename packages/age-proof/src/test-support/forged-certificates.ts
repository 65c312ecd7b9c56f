import type { Writable } from '../cbor.ts';
import { type Anchor, readAnchor } from '../chain.ts';
import type { RefusalCode } from '../refusals.ts';
import {
  type CertificateOptions,
  certificate,
  certSign,
  digitalSignature,
  extension,
  oid,
  sequence,
  shortSpki,
  signingPair,
} from './certificates.ts';
import type { Forgery } from './forgeries.ts';
import { type Cast, caCertificate, caName, day, now, present, signerCertificate } from './presentation.ts';

/** A signer whose certificate is good but for one bend. */
const signer = (name: string, code: RefusalCode, bend: Partial<CertificateOptions>): Forgery => ({
  name,
  code,
  make: async (cast) => ({
    response: await present(cast, { x5chain: await signerCertificate(cast.ca, cast.signer, bend) }),
  }),
});

/** An authority bent as asked is the only one listed, and its signer is good. */
const authority = (name: string, code: RefusalCode, bend: Partial<CertificateOptions>): Forgery => ({
  name,
  code,
  make: async (cast) => {
    const anchors: Anchor[] = [await readAnchor(await caCertificate(cast.ca, bend))];
    return { response: await present(cast), terms: { anchors } };
  },
});

const subject = 'ACCORD TEST SIGNER – NOT VALID';

/** A signer certified by one who is certified by the authority. */
async function below(cast: Cast, middle: Partial<CertificateOptions>, whole: boolean) {
  const between = await signingPair();
  const issuing = await signerCertificate(cast.ca, between, middle);
  const leaf = await signerCertificate(between, cast.signer, {
    issuer: middle.subject ?? subject,
    subject: 'the one below',
  });
  return { response: await present(cast, { x5chain: whole ? [leaf, issuing] : leaf }) };
}

/** A signer whose certified key is of a kind that the profile does not have. */
const ofKind = (name: string, algorithm: RsaHashedKeyGenParams | { readonly name: 'Ed25519' }): Forgery => ({
  name,
  code: 'certificate_key',
  make: async (cast) => {
    const { publicKey: key } = (await crypto.subtle.generateKey(algorithm, true, [
      'sign',
      'verify',
    ])) as CryptoKeyPair;
    return {
      response: await present(cast, { x5chain: await signerCertificate(cast.ca, cast.signer, { key }) }),
    };
  },
});

/** The signer's certificate and others, as `x5chain` carries them. */
const chained = async (cast: Cast, chain: (cast: Cast) => Writable) => ({
  response: await present(cast, { x5chain: chain(cast) }),
});

const subAuthority = { subject: 'a sub-authority', ca: {}, keyUsage: certSign, uses: [] };

/** Presentations that are good but for who vouches for the issuer. */
export const certificateForgeries: readonly Forgery[] = [
  {
    name: 'an authority that is not listed but called the same',
    code: 'certificate_signature',
    make: async (cast) => {
      const x5chain = await signerCertificate(await signingPair(), cast.signer);
      return { response: await present(cast, { x5chain }) };
    },
  },
  signer('an authority of another name', 'anchor_unknown', { issuer: 'Somebody Else' }),
  {
    name: 'a signer that vouches for itself',
    code: 'certificate_self_issued',
    make: async (cast) => {
      const x5chain = await signerCertificate(cast.signer, cast.signer, { issuer: subject });
      return { response: await present(cast, { x5chain }) };
    },
  },
  {
    name: 'the authority signs the attestation itself',
    code: 'certificate_is_ca',
    make: async (cast) => ({
      response: await present(cast, { x5chain: cast.caCertificate, signer: cast.ca }),
    }),
  },
  {
    name: 'the authority’s key under another name',
    code: 'certificate_self_issued',
    make: async (cast) => {
      const x5chain = await signerCertificate(cast.ca, cast.ca);
      return { response: await present(cast, { x5chain, signer: cast.ca }) };
    },
  },
  { name: 'a signer used as an authority', code: 'chain_length', make: (cast) => below(cast, {}, true) },
  {
    name: 'a signer used as an authority and left out',
    code: 'anchor_unknown',
    make: (cast) => below(cast, {}, false),
  },
  {
    name: 'a sub-authority beyond the path length',
    code: 'chain_length',
    make: (cast) => below(cast, subAuthority, true),
  },
  signer('an expired signer', 'certificate_expired', { notAfter: now - 1000 }),
  signer('a signer not valid yet', 'certificate_not_yet_valid', { notBefore: now + 1000 }),
  authority('an expired authority', 'anchor_expired', { notAfter: now - 1000 }),
  authority('an authority not valid yet', 'anchor_not_yet_valid', { notBefore: now + 1000 }),
  signer('a TLS server of the same authority', 'certificate_usage', { uses: ['1.3.6.1.5.5.7.3.1'] }),
  signer('a signer for TLS too', 'certificate_usage', { uses: ['1.3.130.2.0.0.1.2', '1.3.6.1.5.5.7.3.1'] }),
  signer('any use', 'certificate_usage', { uses: ['2.5.29.37.0'] }),
  signer('no stated use', 'certificate_usage', { uses: [] }),
  signer('no key usage', 'certificate_usage', { keyUsage: 0 }),
  signer('a key for encryption', 'certificate_usage', { keyUsage: 0x20 }),
  signer('a signer that may issue', 'certificate_is_ca', { ca: {}, keyUsage: digitalSignature }),
  signer('a signer that may sign certificates', 'certificate_is_ca', {
    keyUsage: digitalSignature | certSign,
  }),
  signer('a critical extension that nobody knows', 'certificate_extension', {
    more: [extension('1.3.6.1.4.1.55555.1', true, new Uint8Array([5, 0]))],
  }),
  signer('critical constraints of names', 'certificate_extension', {
    more: [extension('2.5.29.30', true, sequence())],
  }),
  signer('an extension twice', 'certificate_malformed', {
    more: [extension('2.5.29.37', false, sequence(oid('1.3.130.2.0.0.1.2')))],
  }),
  signer('a key usage of more bits than there are', 'certificate_malformed', {
    keyUsage: 0,
    more: [extension('2.5.29.15', true, Uint8Array.of(3, 4, 0, 0x80, 0, 0))],
  }),
  signer('a second list of extensions', 'certificate_malformed', {
    behind: sequence(extension('1.3.6.1.4.1.55555.1', true, new Uint8Array([5, 0]))),
  }),
  ofKind('a signer with a key for RSA', {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  }),
  ofKind('a signer with a key for Ed25519', { name: 'Ed25519' }),
  {
    name: 'a signer whose point is written in short',
    code: 'certificate_key',
    make: async (cast) => {
      const spki = await shortSpki(cast.signer.publicKey);
      return {
        response: await present(cast, { x5chain: await signerCertificate(cast.ca, cast.signer, { spki }) }),
      };
    },
  },
  { name: 'an empty chain', code: 'chain_missing', make: (cast) => chained(cast, () => []) },
  {
    name: 'the authority’s certificate sent along',
    code: 'chain_length',
    make: (cast) => chained(cast, ({ caCertificate: own, signerCertificate: leaf }) => [leaf, own]),
  },
  {
    name: 'a chain of three',
    code: 'chain_length',
    make: (cast) => chained(cast, ({ caCertificate: own, signerCertificate: leaf }) => [leaf, leaf, own]),
  },
  {
    name: 'a certificate changed after it was signed',
    code: 'certificate_signature',
    make: async (cast) => {
      const x5chain = cast.signerCertificate.slice();
      // The last byte of the subject's name, just before the key.
      const at = new TextDecoder('latin1').decode(x5chain).lastIndexOf('VALID');
      x5chain[at] = 0x56 ^ 1;
      return { response: await present(cast, { x5chain }) };
    },
  },
  {
    name: 'a certificate with bytes behind it',
    code: 'certificate_malformed',
    make: async (cast) => ({
      response: await present(cast, { x5chain: Uint8Array.of(...cast.signerCertificate, 0) }),
    }),
  },
  {
    name: 'the authority’s key identifier is another',
    code: 'anchor_unknown',
    make: async (cast) => {
      const keyId = (id: string, value: readonly number[]) => extension(id, false, Uint8Array.from(value));
      const own = await caCertificate(cast.ca, { more: [keyId('2.5.29.14', [4, 2, 1, 1])] });
      const x5chain = await signerCertificate(cast.ca, cast.signer, {
        more: [keyId('2.5.29.35', [0x30, 4, 0x80, 2, 1, 2])],
      });
      return { response: await present(cast, { x5chain }), terms: { anchors: [await readAnchor(own)] } };
    },
  },
  {
    name: 'an authority’s certificate by a signer of its name',
    code: 'certificate_signature',
    make: async (cast) => {
      const x5chain = await certificate({
        subject,
        key: cast.signer.publicKey,
        issuer: caName,
        issuerKey: cast.signer.privateKey,
        notBefore: now - day,
        notAfter: now + day,
      });
      return { response: await present(cast, { x5chain }) };
    },
  },
];
