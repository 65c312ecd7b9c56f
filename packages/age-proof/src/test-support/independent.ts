import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  randomBytes,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import {
  CoseKey,
  DeviceKey,
  DeviceRequest,
  DeviceResponse,
  DocRequest,
  Holder,
  Issuer,
  type IssuerSigned,
  ItemsRequest,
  type MdocContext,
  type SessionTranscript,
  SignatureAlgorithm,
  Verifier,
} from '@owf/mdoc';
import type { Anchor } from '../chain.ts';
import { euProofOfAge } from '../verify.ts';
import { type Cast, day, now } from './presentation.ts';

/*
 * Issuer and holder by @owf/mdoc, code that none of us wrote. It asks its caller for the primitives; these are
 * Node's, so that nothing of ours is checked against itself.
 */

const hashes: Readonly<Record<string, string>> = {
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const jwkOf = (key: CoseKey): JsonWebKey => {
  const { alg: _, key_ops: __, ...jwk } = key.jwk;
  return jwk as JsonWebKey;
};

const unused = (): never => {
  throw new Error('not part of this flow');
};

/** What @owf/mdoc needs to issue, hold and verify. */
export const owfContext: MdocContext = {
  crypto: {
    random: (length) => Uint8Array.from(randomBytes(length)),
    digest: ({ digestAlgorithm, bytes }) =>
      Uint8Array.from(
        createHash(hashes[digestAlgorithm] ?? unused())
          .update(bytes)
          .digest(),
      ),
    calculateEphemeralMacKey: unused,
  },
  cose: {
    sign1: {
      sign: ({ toBeSigned, key }) => {
        const pair = createPrivateKey({ key: jwkOf(key), format: 'jwk' });
        return Uint8Array.from(sign('sha256', toBeSigned, { key: pair, dsaEncoding: 'ieee-p1363' }));
      },
      verify: ({ key, sign1 }) => {
        const { d: _, ...jwk } = jwkOf(key);
        const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
        return verify(
          'sha256',
          sign1.toBeSigned,
          { key: publicKey, dsaEncoding: 'ieee-p1363' },
          sign1.signature,
        );
      },
    },
    mac0: { sign: unused, verify: unused },
  },
  x509: {
    getIssuerNameField: ({ certificate, field }) =>
      new X509Certificate(certificate).issuer
        .split('\n')
        .filter((line) => line.startsWith(`${field}=`))
        .map((line) => line.slice(field.length + 1)),
    getPublicKey: ({ certificate }) =>
      CoseKey.fromJwk({ ...new X509Certificate(certificate).publicKey.export({ format: 'jwk' }) }),
    verifyCertificateChain: ({ trustedCertificates, x5chain }) => {
      const leaf = new X509Certificate(x5chain[0] ?? unused());
      const trusted = trustedCertificates.map((one) => new X509Certificate(one));
      if (!trusted.some((one) => leaf.checkIssued(one) && leaf.verify(one.publicKey)))
        throw new Error('untrusted');
    },
    getCertificateData: ({ certificate }) => {
      const one = new X509Certificate(certificate);
      return {
        issuerName: one.issuer,
        subjectName: one.subject,
        serialNumber: one.serialNumber,
        thumbprint: one.fingerprint256,
        notBefore: new Date(one.validFrom),
        notAfter: new Date(one.validTo),
        pem: one.toString(),
      };
    },
  },
};

async function jwk(key: CryptoKey): Promise<Record<string, unknown>> {
  const { kty, crv, x, y, d } = await crypto.subtle.exportKey('jwk', key);
  return { kty, crv, x, y, ...(d === undefined ? {} : { d }) };
}

const coseKey = async (key: CryptoKey): Promise<CoseKey> =>
  CoseKey.fromJwk({ ...(await jwk(key)), alg: 'ES256' });

/** An attestation for the cast's wallet, issued by @owf/mdoc. */
export async function owfIssue(cast: Cast, adult = true): Promise<IssuerSigned> {
  const issuer = new Issuer(euProofOfAge.docType, owfContext);
  issuer.addIssuerNamespace(euProofOfAge.nameSpace, { [euProofOfAge.element]: adult });
  return issuer.sign({
    signingKey: await coseKey(cast.signer.privateKey),
    algorithm: SignatureAlgorithm.ES256,
    digestAlgorithm: 'SHA-256',
    validityInfo: {
      signed: new Date(now - 2 * day),
      validFrom: new Date(now - 2 * day),
      validUntil: new Date(now + 60 * day),
    },
    deviceKeyInfo: { deviceKey: DeviceKey.fromJwk(await jwk(cast.wallet.publicKey)) },
    certificates: [cast.signerCertificate],
  });
}

/** The request that ours is equal to, as @owf/mdoc models it. */
export const owfRequest = (): DeviceRequest =>
  DeviceRequest.create({
    docRequests: [
      DocRequest.create({
        itemsRequest: ItemsRequest.create({
          docType: euProofOfAge.docType,
          namespaces: { [euProofOfAge.nameSpace]: { [euProofOfAge.element]: false } },
        }),
      }),
    ],
  });

/** A DeviceResponse by @owf/mdoc's holder to a request of ours. */
export async function owfPresent(
  cast: Cast,
  issued: IssuerSigned,
  sessionTranscript: SessionTranscript | Uint8Array,
  deviceRequest: DeviceRequest = owfRequest(),
): Promise<Uint8Array> {
  const response = await Holder.createDeviceResponseForDeviceRequest(
    {
      deviceRequest,
      sessionTranscript,
      issuerSigned: [issued],
      signature: { signingKey: await coseKey(cast.wallet.privateKey) },
    },
    owfContext,
  );
  return response.encode();
}

/** Verifies with @owf/mdoc as a naive relying party does: nothing thrown, and the claim reads `true`. */
export async function owfVerify(
  cast: Cast,
  response: Uint8Array,
  anchors: readonly Anchor[] = cast.anchors,
): Promise<boolean> {
  try {
    const deviceResponse = DeviceResponse.decode(response);
    await Verifier.verifyDeviceResponse(
      {
        deviceResponse,
        sessionTranscript: cast.transcript,
        trustedCertificates: anchors.map(({ certificate }) => certificate.raw),
        now: new Date(now),
      },
      owfContext,
    );
    const namespaces = deviceResponse.documents?.[0]?.issuerSigned.issuerNamespaces?.issuerNamespaces;
    const items = namespaces?.get(euProofOfAge.nameSpace) ?? [];
    return items.some(
      (item) => item.elementIdentifier === euProofOfAge.element && item.elementValue === true,
    );
  } catch {
    return false;
  }
}
