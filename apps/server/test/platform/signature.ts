import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/*
 * AWS Signature Version 4 as a store reads it, from AWS's description ("Authenticating Requests: Using the Authorization Header",
 * "Create a signed AWS API request"), and from nothing that the client under test has.
 */

/** A request as it came: its path and query as they stood in the first line. */
export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Secret {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export type SignatureFault =
  | 'AccessDenied'
  | 'AuthorizationHeaderMalformed'
  | 'InvalidAccessKeyId'
  | 'RequestTimeTooSkewed'
  | 'SignatureDoesNotMatch';

const header =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;
const skewMs = 15 * 60_000;

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Encoded as RFC 3986 asks: everything but letters, digits and `-._~`. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function canonicalQuery(search: string): string {
  const pairs = [...new URLSearchParams(search)].map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  return pairs.sort((one, other) => (one < other ? -1 : 1)).join('&');
}

/** What is wrong with a request's signature; undefined when it is good. `now` in milliseconds since 1970 UTC. */
export function signatureFault(
  { method, url, headers }: SignedRequest,
  { accessKeyId, secretAccessKey }: Secret,
  now: number,
): SignatureFault | undefined {
  if (headers.authorization === undefined) return 'AccessDenied';
  const [, id, day = '', region = '', list = '', signature = ''] = header.exec(headers.authorization) ?? [];
  const at = String(headers['x-amz-date'] ?? '');
  const moment = Date.parse(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (id === undefined || Number.isNaN(moment) || !at.startsWith(day)) return 'AuthorizationHeaderMalformed';
  if (id !== accessKeyId) return 'InvalidAccessKeyId';
  if (Math.abs(moment - now) > skewMs) return 'RequestTimeTooSkewed';
  const signed = list.split(';');
  const due = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  if (due.some((name) => !signed.includes(name))) return 'AccessDenied';
  const [path = '', search = ''] = url.split('?');
  const canonical = [
    method,
    path,
    canonicalQuery(search),
    ...signed.map(
      (name) =>
        `${name}:${String(headers[name] ?? '')
          .trim()
          .replaceAll(/ +/g, ' ')}`,
    ),
    '',
    list,
    headers['x-amz-content-sha256'],
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n');
  const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), 's3'), 'aws4_request');
  const good = timingSafeEqual(hmac(key, toSign), Buffer.from(signature, 'hex'));
  return good ? undefined : 'SignatureDoesNotMatch';
}
