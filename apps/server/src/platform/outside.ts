import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { isIP } from 'node:net';
import { checkedLookup, mayConnect, networks } from './address-policy.ts';
import { isLoopback } from './loopback.ts';

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
  /** Private ranges may be asked as well, with TLS: for addresses that the operator named, never for one that others did. */
  readonly ownNetworks?: boolean;
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

const thisMachine = networks(['127.0.0.0/8', '::1/128']);
const nobody = networks([]);
const everybody = networks(['0.0.0.0/0', '::/0']);

const own = ({ loopback, ownNetworks }: OutsidePolicy) =>
  ownNetworks === true ? everybody : loopback ? thisMachine : nobody;

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
  if (isIP(host) !== 0 && !mayConnect(host, own(policy))) {
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
        lookup: checkedLookup(
          own(policy),
          () => new OutsideError('not_allowed', 'the name leads to a private address'),
        ),
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
