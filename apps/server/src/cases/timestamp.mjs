/*
 * Time stamps of RFC 3161 (with RFC 5816), asked for and checked. It lies in every export beside the verifier, and so uses
 * nothing but Node: only as much DER (X.690) is read as a token has, and strictly: lengths in their shortest form, no rest, no
 * indefinite lengths.
 */
import { createHash, createVerify, timingSafeEqual, X509Certificate } from 'node:crypto';

export class StampError extends Error {}

/** @param {boolean} holds @param {string} clause */
function ensure(holds, clause) {
  if (!holds) throw new StampError(clause);
}

const malformed = 'is not DER of RFC 3161';

/** One value at `at`: its tag, its content, all of it, and where the next begins. */
function read(bytes, at = 0) {
  ensure(at + 2 <= bytes.length, malformed);
  const tag = bytes[at];
  let length = bytes[at + 1];
  let begin = at + 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    ensure(count >= 1 && count <= 3 && begin + count <= bytes.length, malformed);
    length = bytes.readUIntBE(begin, count);
    // The shortest form, or two texts would mean the same.
    ensure(length >= 0x80 && length >= 2 ** (8 * (count - 1)), malformed);
    begin += count;
  }
  const end = begin + length;
  ensure((tag & 0x1f) !== 0x1f && end <= bytes.length, malformed);
  return { tag, content: bytes.subarray(begin, end), whole: bytes.subarray(at, end), end };
}

/** A value that fills its bytes. */
function only(bytes, tag) {
  const value = read(bytes);
  ensure(value.end === bytes.length && value.tag === tag, malformed);
  return value;
}

/** The values within one, in order. */
function within({ content }) {
  const values = [];
  for (let at = 0; at < content.length; ) {
    const value = read(content, at);
    values.push(value);
    at = value.end;
  }
  return values;
}

const tags = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  nothing: 0x05,
  oid: 0x06,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
};

function expectTag(value, tag) {
  ensure(value !== undefined && value.tag === tag, malformed);
  return value;
}

function oidOf(value) {
  const { content } = expectTag(value, tags.oid);
  ensure(content.length > 0 && (content.at(-1) ?? 0x80) < 0x80, malformed);
  const numbers = [];
  let number = 0;
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f);
    ensure(Number.isSafeInteger(number), malformed);
    if (byte < 0x80) {
      numbers.push(number);
      number = 0;
    }
  }
  const first = numbers.shift() ?? 0;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...numbers].join('.');
}

function write(tag, ...parts) {
  const content = Buffer.concat(parts);
  const size = content.length;
  const head =
    size < 0x80 ? [tag, size] : size < 0x100 ? [tag, 0x81, size] : [tag, 0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function writeOid(text) {
  const [root = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [40 * root + second, ...rest].flatMap((number) => {
    const septets = [number & 0x7f];
    for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128))
      septets.unshift((left & 0x7f) | 0x80);
    return septets;
  });
  return write(tags.oid, Buffer.from(bytes));
}

/** A positive integer in its shortest form. */
function positive(bytes) {
  let plain = Buffer.from(bytes);
  while (plain.length > 1 && plain[0] === 0) plain = plain.subarray(1);
  return (plain[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), plain]) : plain;
}

const oids = {
  sha256: '2.16.840.1.101.3.4.2.1',
  signedData: '1.2.840.113549.1.7.2',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  timeStamping: '1.3.6.1.5.5.7.3.8',
};

/** Names of hashes that signatures of today use; SHA-1 is not among them. */
const digests = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

const digest = (name, bytes) => createHash(name).update(bytes).digest();
const same = (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

export function stampRequest(hash, nonce, policy) {
  const algorithm = write(tags.sequence, writeOid(oids.sha256), write(tags.nothing));
  return write(
    tags.sequence,
    write(tags.integer, Buffer.from([1])),
    write(tags.sequence, algorithm, write(tags.octets, Buffer.from(hash))),
    ...(policy === undefined ? [] : [writeOid(policy)]),
    write(tags.integer, positive(nonce)),
    write(0x01, Buffer.from([0xff])),
  );
}

export function tokenOf(response) {
  const [status, token, ...rest] = within(only(Buffer.from(response), tags.sequence));
  const [code] = within(expectTag(status, tags.sequence));
  const granted = expectTag(code, tags.integer).content;
  ensure(granted.length === 1 && granted[0] === 0, 'was not granted');
  ensure(token !== undefined && rest.length === 0, malformed);
  return Buffer.from(token.whole);
}

/** The parts of CMS SignedData (RFC 5652) with one signer. */
function signedData(token) {
  const [type, wrapped] = within(only(Buffer.from(token), tags.sequence));
  ensure(oidOf(type) === oids.signedData && wrapped?.tag === 0xa0, malformed);
  const [, , content, ...more] = within(only(wrapped.content, tags.sequence));
  const [contentType, inner] = within(expectTag(content, tags.sequence));
  ensure(oidOf(contentType) === oids.tstInfo && inner?.tag === 0xa0, malformed);
  const info = Buffer.from(only(inner.content, tags.octets).content);
  const certificates = more.find(({ tag }) => tag === 0xa0);
  const signers = within(expectTag(more.at(-1), tags.set));
  ensure(signers.length === 1, 'has not one signer');
  return { info, certificates: certificates === undefined ? [] : within(certificates), signer: signers[0] };
}

/** `YYYYMMDDhhmmss[.fraction]Z` */
function timeOf(value) {
  const text = expectTag(value, tags.time).content.toString('latin1');
  const [, y, mo, d, h, mi, s, fraction = ''] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{0,8}[1-9]))?Z$/.exec(text) ?? [];
  ensure(y !== undefined, malformed);
  const at = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  ensure(Number.isFinite(at), malformed);
  return at + Math.floor(Number(`0.${fraction || 0}`) * 1000);
}

function infoOf(bytes) {
  const [version, policy, imprint, , time, ...rest] = within(only(bytes, tags.sequence));
  ensure(expectTag(version, tags.integer).content.equals(Buffer.from([1])), malformed);
  const [algorithm, hashed] = within(expectTag(imprint, tags.sequence));
  const [hashName] = within(expectTag(algorithm, tags.sequence));
  return {
    policy: oidOf(policy),
    hashName: oidOf(hashName),
    hash: expectTag(hashed, tags.octets).content,
    at: timeOf(time),
    nonce: rest.find(({ tag }) => tag === tags.integer)?.content,
  };
}

/** Attributes by their type, each with one value; the text that was signed has them as a SET (RFC 5652, 5.4). */
function attributesOf(signed) {
  const found = new Map();
  for (const attribute of within(signed)) {
    const [type, values] = within(expectTag(attribute, tags.sequence));
    const name = oidOf(type);
    const list = within(expectTag(values, tags.set));
    ensure(list.length === 1 && !found.has(name), malformed);
    found.set(name, list[0]);
  }
  return found;
}

/** ESSCertIDv2 (RFC 5035) or the older one: the signature covers which certificate it is of. */
function namesCertificate(attributes, der) {
  const v2 = attributes.get(oids.signingCertificateV2);
  const old = attributes.get(oids.signingCertificate);
  const [list] = within(expectTag(v2 ?? old, tags.sequence));
  const [first] = within(expectTag(list, tags.sequence));
  const parts = within(expectTag(first, tags.sequence));
  const algorithm = parts[0]?.tag === tags.sequence ? oidOf(within(parts.shift())[0]) : undefined;
  const name = v2 === undefined ? 'sha1' : digests.get(algorithm ?? oids.sha256);
  return name !== undefined && same(expectTag(parts[0], tags.octets).content, digest(name, der));
}

const pinnedOf = (pem) =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (text) => new X509Certificate(text),
  );

/** Signatures under certificates that are good enough: RSA and ECDSA with SHA-2, Ed25519. */
const certificateSignatures = new Set([
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  '1.3.101.112',
]);
const extensions = { basicConstraints: '2.5.29.19', keyUsage: '2.5.29.15', extendedKeyUsage: '2.5.29.37' };
/** Critical ones that are heeded here; policies limit nothing where none was asked for (RFC 5280, 6.1). */
const heeded = new Set([...Object.values(extensions), '2.5.29.32']);

/** What Node tells nothing of: how it is signed, which extensions it has, how many may stand below it. */
function partsOf(certificate) {
  const [signed, algorithm] = within(only(certificate.raw, tags.sequence));
  const list = within(signed).find(({ tag }) => tag === 0xa3);
  const found = new Map();
  for (const extension of list === undefined ? [] : within(only(list.content, tags.sequence))) {
    const [name, second, third] = within(extension);
    const critical = second?.tag === 0x01 && second.content[0] === 0xff;
    found.set(oidOf(name), { critical, value: expectTag(third ?? second, tags.octets).content });
  }
  const basic = found.get(extensions.basicConstraints);
  const limit =
    basic && within(only(basic.value, tags.sequence)).find(({ tag }) => tag === tags.integer)?.content;
  return {
    strong: certificateSignatures.has(oidOf(within(algorithm)[0])),
    understood: [...found].every(([name, { critical }]) => !critical || heeded.has(name)),
    critical: (name) => found.get(name)?.critical === true,
    below: limit === undefined ? Number.POSITIVE_INFINITY : limit.length === 1 ? limit[0] : 0,
  };
}

const validAt = (certificate, at) =>
  Date.parse(certificate.validFrom) <= at && at <= Date.parse(certificate.validTo);
const alike = (one, other) => one.fingerprint256 === other.fingerprint256;
/** More than any authority's chain has; a hostile token can't make the search long. */
const mostCertificates = 16;

/** Whether one was issued by the other, as one of at most so many below it. */
function issuedBy(certificate, issuer, below) {
  try {
    return (
      issuer.ca &&
      certificate.checkIssued(issuer) &&
      certificate.verify(issuer.publicKey) &&
      partsOf(issuer).below >= below
    );
  } catch {
    return false;
  }
}

/** Whether a chain leads from a certificate to a pinned one, each valid then and issued by the next (RFC 5280, 6.1). */
function leads(signer, given, pinned, at) {
  const seen = new Set();
  // Level by level, so that each is met where the fewest stand below it.
  for (let [level, below] = [[signer], 0]; level.length > 0; below += 1) {
    const next = [];
    for (const certificate of level.filter((each) => validAt(each, at))) {
      if (pinned.some((anchor) => alike(anchor, certificate))) return true;
      const { understood, strong } = partsOf(certificate);
      if (!understood || !strong) continue;
      for (const issuer of [...pinned, ...given]) {
        if (seen.has(issuer.fingerprint256) || !issuedBy(certificate, issuer, below)) continue;
        seen.add(issuer.fingerprint256);
        next.push(issuer);
      }
    }
    level = next;
  }
  return false;
}

/** The signer's certificate: for time-stamping alone, valid then, and pinned itself or by whoever stands above it. */
function trusted(signers, given, pinned, at) {
  const signer = signers.find((each) => leads(each, given, pinned, at));
  ensure(signer !== undefined, 'is signed by a certificate that no pinned one vouches for');
  const purposes = signer.keyUsage ?? [];
  ensure(
    purposes.length === 1 &&
      purposes[0] === oids.timeStamping &&
      partsOf(signer).critical(extensions.extendedKeyUsage),
    'is signed by a certificate that is not made for time-stamping',
  );
  return signer;
}

function certificatesIn(values) {
  return values.map(({ whole }) => {
    try {
      return new X509Certificate(whole);
    } catch {
      throw new StampError(malformed);
    }
  });
}

function signedBy(key, name, text, signature) {
  try {
    return createVerify(name).update(text).verify(key, signature);
  } catch {
    return false;
  }
}

export function checkStamp(token, { hash, certificates, nonce, policy }) {
  const signed = signedData(token);
  const info = infoOf(signed.info);
  ensure(info.hashName === oids.sha256 && same(info.hash, hash), 'is of something else');
  ensure(policy === undefined || info.policy === policy, 'is under another policy');
  ensure(
    nonce === undefined || (info.nonce !== undefined && same(info.nonce, positive(nonce))),
    'answers another question',
  );
  const parts = within(expectTag(signed.signer, tags.sequence));
  const [, , digestAlgorithm, signedAttributes, , signature] = parts;
  const name = digests.get(oidOf(within(expectTag(digestAlgorithm, tags.sequence))[0]));
  ensure(name !== undefined, 'is signed with a hash that is not good enough');
  ensure(signedAttributes?.tag === 0xa0, malformed);
  const attributes = attributesOf(signedAttributes);
  ensure(oidOf(attributes.get(oids.contentType)) === oids.tstInfo, malformed);
  const covered = expectTag(attributes.get(oids.messageDigest), tags.octets).content;
  ensure(same(covered, digest(name, signed.info)), 'was altered');
  const pinned = pinnedOf(certificates);
  const text = Buffer.concat([Buffer.from([tags.set]), signedAttributes.whole.subarray(1)]);
  ensure(signed.certificates.length <= mostCertificates, malformed);
  const given = certificatesIn(signed.certificates);
  const signers = [...given, ...pinned].filter(({ raw }) => namesCertificate(attributes, raw));
  const signer = trusted(signers, given, pinned, info.at);
  ensure(
    signedBy(signer.publicKey, name, text, expectTag(signature, tags.octets).content),
    'has no valid signature',
  );
  return {
    at: info.at,
    policy: info.policy,
    certificate: signer.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}
