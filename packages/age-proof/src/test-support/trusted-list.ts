import { createPrivateKey } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { type Bytes, digest, toHex } from '../bytes.ts';
import { signingPair } from './certificates.ts';
import { day, now, signerCertificate } from './presentation.ts';

/*
 * Lists of trusted issuers, signed by xml-crypto, code that none of us wrote: its canonical form is held against ours.
 */

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const iso = (at: number) => new Date(at).toISOString().replace('.000', '');

/** How a list departs from a good one. `certificates` in DER; instants in ms. */
export interface ListShape {
  readonly type?: string;
  readonly service?: string;
  readonly status?: string;
  readonly since?: number;
  readonly sequence?: number;
  readonly nextUpdate?: number;
  readonly certificates: readonly Uint8Array[];
}

/** A list with what canonical forms stumble over: prefixes, default namespaces, references, CDATA, comments. */
export function unsignedList(shape: ListShape): string {
  const root = 'http://ec.europa.eu/tools/lotl/av/TrstSvc/TrustedList';
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- a list for tests -->
<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#" xmlns:x="urn:unused" xmlns:y='urn:used' TSLTag="a &lt;b&gt;&#x9;c">
  <SchemeInformation><TSLVersionIdentifier>6</TSLVersionIdentifier>
    <TSLSequenceNumber>${shape.sequence ?? 7}</TSLSequenceNumber>
    <TSLType>${shape.type ?? `${root}/TSLType/AVTL`}</TSLType>
    <SchemeName><Name xml:lang="fr">Liste &#233;prouv&#xE9;e &amp; <![CDATA[<gardée>]]></Name></SchemeName>
    <y:Extra y:b="2" a="1" y:a='"'/><Plain xmlns=""><z xmlns="urn:z"/></Plain>
    <ListIssueDateTime>${iso(now - 10 * day)}</ListIssueDateTime>
    <NextUpdate><dateTime>${iso(shape.nextUpdate ?? now + 100 * day)}</dateTime></NextUpdate>
  </SchemeInformation>
  <TrustServiceProviderList><TrustServiceProvider><TSPServices><TSPService><ServiceInformation>
    <ServiceTypeIdentifier>${shape.service ?? `${root}/Svctype/PAA`}</ServiceTypeIdentifier>
    <ServiceDigitalIdentity>${shape.certificates.map((one) => `<DigitalId><X509Certificate>${base64(one)}</X509Certificate></DigitalId>`).join('\r\n')}</ServiceDigitalIdentity>
    <ServiceStatus>${shape.status ?? 'http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted'}</ServiceStatus>
    <StatusStartingTime>${iso(shape.since ?? now - 50 * day)}</StatusStartingTime>
  </ServiceInformation></TSPService></TSPServices></TrustServiceProvider></TrustServiceProviderList>
</TrustServiceStatusList>`;
}

const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256';

/** Who operates a list. */
export interface ListOperator {
  /** SHA-256 of the certificate that signs, lower-case hexadecimal. */
  readonly signer: string;
  /** Signs a list as XAdES has it; nine days before {@link now} unless given (ms). */
  sign(xml: string, signedAt?: number): Promise<string>;
}

/** An operator with a fresh RSA key. */
export async function listOperator(): Promise<ListOperator> {
  const rsa = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  };
  const pair = await crypto.subtle.generateKey(rsa, true, ['sign', 'verify']);
  const certificate = await signerCertificate(await signingPair(), pair, { uses: [] });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  const pem = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
  return {
    signer: toHex(await digest('SHA-256', certificate)),
    sign: (xml, signedAt = now - 9 * day) => signed(xml, { certificate, pem, signedAt }),
  };
}

interface Signing {
  readonly certificate: Bytes;
  readonly pem: string;
  readonly signedAt: number;
}

async function signed(xml: string, { certificate, pem, signedAt }: Signing): Promise<string> {
  const hash = base64(await digest('SHA-256', certificate));
  const properties = `<xades:QualifyingProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xades:SignedProperties Id="properties"><xades:SignedSignatureProperties><xades:SigningTime>${iso(signedAt)}</xades:SigningTime><xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm="${sha256}"/><ds:DigestValue>${hash}</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties></xades:SignedProperties></xades:QualifyingProperties>`;
  const signer = new SignedXml({
    privateKey: pem,
    canonicalizationAlgorithm: exclusive,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    objects: [{ content: properties }],
    getKeyInfoContent: () =>
      `<ds:X509Data><ds:X509Certificate>${base64(certificate)}</ds:X509Certificate></ds:X509Data>`,
  });
  signer.addReference({
    xpath: "/*[local-name(.)='TrustServiceStatusList']",
    isEmptyUri: true,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', exclusive],
    digestAlgorithm: sha256,
  });
  signer.addReference({
    xpath: "//*[local-name(.)='SignedProperties']",
    type: 'http://uri.etsi.org/01903#SignedProperties',
    transforms: [exclusive],
    digestAlgorithm: sha256,
  } as never);
  signer.computeSignature(xml, { prefix: 'ds' });
  return signer.getSignedXml();
}
