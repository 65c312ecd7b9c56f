import { type LookupAddress, lookup as resolve } from 'node:dns';
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { isLoopback } from './config.ts';

/** Why nothing was fetched. The message holds no address: those of peers may carry tokens. */
export class OutsideError extends Error {
  override readonly name = 'OutsideError';
  /** `not_allowed`: the policy says no; `away`: no answer, or one that broke off; `too_large`: more than the limit. */
  readonly code: 'not_allowed' | 'away' | 'too_large';

  constructor(code: OutsideError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Where requests of ours may go. */
export interface OutsidePolicy {
  /** Whether an address may be asked at all. Private ranges are refused besides, after the name was resolved. */
  readonly allows: (url: URL) => boolean;
  /** This machine may be asked, without TLS: tests alone say so. */
  readonly loopback: boolean;
}

export interface OutsideRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** No byte for so long: it is away. In ms. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
}

const patience = 60_000;

/** What is not of the public internet (IANA's special-purpose registries, IPv4). */
const notPublic4 = new BlockList();
for (const range of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]) {
  const [net = '', prefix = ''] = range.split('/');
  notPublic4.addSubnet(net, Number(prefix), 'ipv4');
}
/** Of IPv6 the global unicast range, without what is for documents or carries an IPv4 address inside. */
const public6 = new BlockList();
public6.addSubnet('2000::', 3, 'ipv6');
const notPublic6 = new BlockList();
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  notPublic6.addSubnet(net, prefix, 'ipv6');
}

/** Whether an address belongs to the public internet: neither this machine, nor a network around it, nor a cloud's metadata. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !notPublic4.check(address, 'ipv4');
  return family === 6 && public6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6');
}

const mayConnect = (address: string, { loopback }: OutsidePolicy): boolean =>
  isPublicAddress(address) || (loopback && isLoopback(address));

/** Resolves a name and refuses all of it when one address is not public: the address that is checked is the one that is used. */
const guardedLookup =
  (policy: OutsidePolicy): LookupFunction =>
  (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      const addresses = found as LookupAddress[] | undefined;
      if (error !== null || addresses === undefined) return done(error, []);
      if (!addresses.every(({ address }) => mayConnect(address, policy))) {
        return done(new OutsideError('not_allowed', 'the name leads to a private address'), []);
      }
      if (options.all === true) return done(null, addresses);
      const [first] = addresses;
      return done(null, first?.address ?? '', first?.family ?? 4);
    });
  };

function checkUrl(url: URL, policy: OutsidePolicy): void {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const local = policy.loopback && isLoopback(host);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) {
    throw new OutsideError('not_allowed', 'the address is not https');
  }
  if (url.username !== '' || url.password !== '' || !policy.allows(url)) {
    throw new OutsideError('not_allowed', 'the address is not among those that are allowed');
  }
  // A literal is never resolved, and so never seen by the lookup.
  if (isIP(host) !== 0 && !mayConnect(host, policy)) {
    throw new OutsideError('not_allowed', 'the address is private');
  }
}

const settings = { keepAlive: true, maxSockets: 8, timeout: patience };
const secureAgent = new SecureAgent(settings);
const plainAgent = new PlainAgent(settings);

/**
 * Asks somebody outside. No redirect is followed, no cookie kept. The answer's body is a stream: whoever reads it bounds it
 * (`textOf`), whoever does not destroys it. @throws {OutsideError}
 */
export async function askOutside(
  address: string,
  asked: OutsideRequest,
  policy: OutsidePolicy,
): Promise<IncomingMessage> {
  let url: URL;
  try {
    url = new URL(address);
  } catch (error) {
    throw new OutsideError('not_allowed', 'the address is none', error);
  }
  checkUrl(url, policy);
  const secure = url.protocol === 'https:';
  const { method, headers, body, patienceMs = patience, signal } = asked;
  return new Promise((answered, failed) => {
    const fail = (cause: unknown) =>
      failed(cause instanceof OutsideError ? cause : new OutsideError('away', 'no answer', cause));
    const request = (secure ? secureRequest : plainRequest)(
      url,
      {
        method,
        headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
        agent: secure ? secureAgent : plainAgent,
        lookup: guardedLookup(policy),
        timeout: patienceMs,
        ...(signal !== undefined && { signal }),
      },
      answered,
    );
    request.on('timeout', () => request.destroy(new OutsideError('away', 'no answer in time')));
    request.on('error', fail);
    request.end(body);
  });
}

/** The whole body as text, of at most so many bytes. @throws {OutsideError} `too_large`, `away` when it breaks off */
export async function textOf(answer: IncomingMessage, mostBytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of answer as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > mostBytes) throw new OutsideError('too_large', 'an endless answer');
      parts.push(part);
    }
  } catch (error) {
    answer.destroy();
    throw error instanceof OutsideError ? error : new OutsideError('away', 'the answer broke off', error);
  }
  // A connection that is cut ends a stream like any other; the message alone tells.
  if (!answer.complete) throw new OutsideError('away', 'the answer broke off');
  return Buffer.concat(parts).toString('utf8');
}
