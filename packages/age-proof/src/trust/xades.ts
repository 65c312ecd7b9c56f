import { type Bytes, digest, fromBase64Lax, sameBytes, toHex } from '../bytes.ts';
import { type Certificate, readCertificate } from '../certificate.ts';
import { instant } from '../fields.ts';
import { Refusal, refuse } from '../refusals.ts';
import { canonical } from './canonical.ts';
import { attribute, childrenOf, type Element, onlyChild, textWithin } from './xml.ts';

/*
 * The one shape of XAdES that ETSI TS 119 612 gives a trusted list: enveloped, over the whole document and over
 * its own signed properties. Every element is reached by its place; nothing is looked up by an id, so there is
 * nothing to wrap.
 */

const ds = 'http://www.w3.org/2000/09/xmldsig#';
const xades = 'http://uri.etsi.org/01903/v1.3.2#';
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const filter = 'http://www.w3.org/2002/06/xmldsig-filter2';
const propertiesType = 'http://uri.etsi.org/01903#SignedProperties';

type Digest = Parameters<typeof digest>[0];

const digests: Readonly<Record<string, Digest>> = {
  'http://www.w3.org/2001/04/xmlenc#sha256': 'SHA-256',
  'http://www.w3.org/2001/04/xmldsig-more#sha384': 'SHA-384',
  'http://www.w3.org/2001/04/xmlenc#sha512': 'SHA-512',
};

type Method = readonly ['RSASSA-PKCS1-v1_5' | 'ECDSA', Digest];

const methods: Readonly<Record<string, Method>> = Object.fromEntries(
  (['SHA-256', 'SHA-384', 'SHA-512'] as const).flatMap((hash): readonly (readonly [string, Method])[] => {
    const end = hash.replace('-', '').toLowerCase();
    return [
      [`http://www.w3.org/2001/04/xmldsig-more#rsa-${end}`, ['RSASSA-PKCS1-v1_5', hash]],
      [`http://www.w3.org/2001/04/xmldsig-more#ecdsa-${end}`, ['ECDSA', hash]],
    ];
  }),
);

const shape = (): never => refuse('list_signature_shape');

function binary(element: Element | undefined): Bytes {
  try {
    return fromBase64Lax(textWithin(element));
  } catch (error) {
    if (error instanceof Refusal) return shape();
    throw error;
  }
}

/** The hash that a DigestMethod within names. */
const hashOf = (element: Element): Digest =>
  digests[attribute(onlyChild(element, 'DigestMethod', ds), 'Algorithm') ?? ''] ?? refuse('list_algorithm');

function isSubtraction(transform: Element): boolean {
  const path = onlyChild(transform, 'XPath', filter);
  return (
    attribute(path, 'Filter') === 'subtract' &&
    textWithin(path) === '/descendant::ds:Signature' &&
    path?.scope.get('ds') === ds
  );
}

/** Whether a reference goes over the document without the signature, in exclusive canonical form. */
function coversDocument(reference: Element): boolean {
  const transforms = childrenOf(onlyChild(reference, 'Transforms', ds) ?? shape(), 'Transform', ds);
  const [first, second, ...more] = transforms;
  if (first === undefined || more.length > 0 || attribute(reference, 'URI') !== '') return false;
  const removes = attribute(first, 'Algorithm');
  if (removes !== enveloped && !(removes === filter && isSubtraction(first))) return false;
  return isPlainExclusive(second);
}

/** Exclusive canonicalisation without a list of inclusive prefixes. */
const isPlainExclusive = (element: Element | undefined): boolean =>
  attribute(element, 'Algorithm') === exclusive &&
  element?.children.every((one) => typeof one === 'string') === true;

function coversProperties(reference: Element, properties: Element): boolean {
  const transforms = childrenOf(onlyChild(reference, 'Transforms', ds) ?? shape(), 'Transform', ds);
  return (
    attribute(reference, 'Type') === propertiesType &&
    attribute(reference, 'URI') === `#${attribute(properties, 'Id')}` &&
    transforms.length === 1 &&
    isPlainExclusive(transforms[0])
  );
}

async function checkReference(reference: Element, covered: Bytes): Promise<void> {
  const stated = binary(onlyChild(reference, 'DigestValue', ds));
  if (!sameBytes(stated, await digest(hashOf(reference), covered))) refuse('list_digest');
}

function propertiesOf(signature: Element): Element {
  const objects = childrenOf(signature, 'Object', ds);
  const [object, ...more] = objects;
  if (more.length > 0) return shape();
  const qualifying = onlyChild(object, 'QualifyingProperties', xades);
  return onlyChild(qualifying, 'SignedProperties', xades) ?? shape();
}

/** The certificate that the signer says is theirs, found among those that came along. */
async function signerOf(signature: Element, stated: Element): Promise<Bytes> {
  const certificates = onlyChild(onlyChild(stated, 'SigningCertificateV2', xades), 'Cert', xades);
  const legacy = onlyChild(onlyChild(stated, 'SigningCertificate', xades), 'Cert', xades);
  const wanted = onlyChild(certificates ?? legacy, 'CertDigest', xades) ?? shape();
  const data = childrenOf(onlyChild(signature, 'KeyInfo', ds) ?? shape(), 'X509Data', ds);
  const carried = data.flatMap((one) => childrenOf(one, 'X509Certificate', ds)).map(binary);
  const value = binary(onlyChild(wanted, 'DigestValue', ds));
  for (const certificate of carried) {
    if (sameBytes(await digest(hashOf(wanted), certificate), value)) return certificate;
  }
  return refuse('list_signer');
}

async function checkSignature(info: Element, value: Bytes, { spki }: Certificate): Promise<void> {
  const [name, hash] =
    methods[attribute(onlyChild(info, 'SignatureMethod', ds), 'Algorithm') ?? ''] ?? refuse('list_algorithm');
  if (!isPlainExclusive(onlyChild(info, 'CanonicalizationMethod', ds))) shape();
  const signed = canonical(info);
  for (const namedCurve of name === 'ECDSA' ? ['P-256', 'P-384', 'P-521'] : ['']) {
    try {
      const key = await crypto.subtle.importKey('spki', spki, { name, hash, namedCurve }, false, ['verify']);
      if (await crypto.subtle.verify({ name, hash }, key, value, signed)) return;
    } catch (error) {
      // A key of another kind or curve than the method's.
      if (!(error instanceof DOMException)) throw error;
    }
  }
  refuse('list_signature');
}

/** Who signed a document, and when they say they did. */
export interface Signed {
  /** SHA-256 of the signer's certificate, lower-case hexadecimal. */
  readonly signer: string;
  /** Milliseconds since 1970. */
  readonly signedAt: number;
}

/**
 * Checks the signature over a whole document.
 * @param signers SHA-256 of the certificates that may have signed, lower-case hexadecimal
 * @throws {Refusal} `list_signature_shape`, `list_algorithm`, `list_digest`, `list_signature`, `list_signer…`
 */
export async function checkXades(root: Element, signers: readonly string[], now: number): Promise<Signed> {
  const signature = onlyChild(root, 'Signature', ds) ?? shape();
  const info = onlyChild(signature, 'SignedInfo', ds) ?? shape();
  const properties = propertiesOf(signature);
  const stated = onlyChild(properties, 'SignedSignatureProperties', xades) ?? shape();
  const raw = await signerOf(signature, stated);
  const signer = toHex(await digest('SHA-256', raw));
  if (!signers.includes(signer)) refuse('list_signer');
  const certificate = readCertificate(raw);
  await checkSignature(info, binary(onlyChild(signature, 'SignatureValue', ds)), certificate);
  const [first, second, ...more] = childrenOf(info, 'Reference', ds);
  if (first === undefined || second === undefined || more.length > 0) return shape();
  const [whole, part] = attribute(first, 'URI') === '' ? [first, second] : [second, first];
  if (!coversDocument(whole) || !coversProperties(part, properties)) return shape();
  await checkReference(part, canonical(properties));
  await checkReference(whole, canonical(root, signature));
  const signedAt = instant(textWithin(onlyChild(stated, 'SigningTime', xades)));
  const held = signedAt >= certificate.notBefore && signedAt <= certificate.notAfter && signedAt <= now;
  return held ? { signer, signedAt } : refuse('list_signer_dates');
}
