import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { type IncomingHttpHeaders, type RequestOptions, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { type BlockList, isIP, type LookupFunction, type Socket } from 'node:net';
import { mayConnect, networks } from './address-policy.ts';

/** Why an address that somebody named was not fetched. */
export type FetchRefusal = 'address' | 'host' | 'redirects' | 'too_large' | 'away';

export class FetchRefused extends Error {
  override readonly name = 'FetchRefused';
  readonly code: FetchRefusal;
  constructor(code: FetchRefusal, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

interface Asking {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes of the answer; a longer one is refused. */
  readonly mostBytes: number;
  readonly timeoutMs: number;
  /** How many redirects are followed; each is judged as the first address was. */
  readonly redirects?: number;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Fetches an address that somebody else named. @throws {FetchRefused} and nothing else */
export type Fetcher = (address: string, asking: Asking) => Promise<Answer>;

type Resolve = (
  host: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** By the operator's word: where to, and which networks of theirs too. `resolve` is the system's but in tests. */
interface Policy {
  readonly hosts: readonly string[];
  readonly privateNetworks: readonly string[];
  readonly resolve?: Resolve;
}

const defaultPort = (url: URL): string => url.port || (url.protocol === 'https:' ? '443' : '80');

/** Whether a host and port are on the list; without a port in the list the usual ones of the scheme. */
function isListed(url: URL, hosts: readonly string[]): boolean {
  const host = url.hostname.replace(/\.$/, '');
  return hosts.some((entry) => {
    if (entry === '*') return url.port === '';
    const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (port === undefined ? url.port !== '' : defaultPort(url) !== port) return false;
    return name.startsWith('.') ? host.endsWith(name) : host === name;
  });
}

/** @throws {FetchRefused} */
function judged(address: string, hosts: readonly string[], own: BlockList): URL {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new FetchRefused('address');
  }
  if (!isListed(url, hosts)) throw new FetchRefused('host');
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) !== 0 && !mayConnect(literal, own)) throw new FetchRefused('host');
  return url;
}

/** Whether an address could be fetched, as far as its text tells. */
export function mayName(
  address: string,
  { hosts, privateNetworks }: Pick<Policy, 'hosts' | 'privateNetworks'>,
): boolean {
  try {
    return judged(address, hosts, networks(privateNetworks)).href !== '';
  } catch {
    return false;
  }
}

/**
 * Looks a name up and hands on what was checked: the socket connects to one of these very addresses, so that a name that
 * points elsewhere a moment later gains nothing. One refused address refuses the name.
 */
const checkedLookup =
  (own: BlockList, resolve: Resolve): LookupFunction =>
  (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, []);
      if (addresses.length === 0 || !addresses.every(({ address }) => mayConnect(address, own))) {
        return done(Object.assign(new Error('refused'), { code: 'REFUSED' }), []);
      }
      if (options.all === true) return done(null, addresses);
      const [first] = addresses;
      return done(null, first?.address ?? '', first?.family);
    });
  };

/** Makes the one way out to addresses that others name. Nothing is kept open, sent along or unpacked. */
export function createFetcher({ hosts, privateNetworks, resolve = lookup as Resolve }: Policy): Fetcher {
  const own = networks(privateNetworks);
  const lookUp = checkedLookup(own, resolve);
  const once = (url: URL, asking: Asking, deadline: number): Promise<Answer> =>
    new Promise((done, fail) => {
      const options: RequestOptions = {
        method: asking.method ?? 'GET',
        agent: false,
        lookup: lookUp,
        headers: { accept: '*/*', 'accept-encoding': 'identity', ...asking.headers },
        signal: AbortSignal.timeout(Math.max(1, deadline - Date.now())),
      };
      const away = (error: NodeJS.ErrnoException) =>
        fail(
          error instanceof FetchRefused
            ? error
            : new FetchRefused(error.code === 'REFUSED' ? 'host' : 'away', { cause: error }),
        );
      const send = url.protocol === 'https:' ? requestTls : requestPlain;
      const call = send(url, options, (answer) => {
        const parts: Buffer[] = [];
        let size = 0;
        if (Number(answer.headers['content-length'] ?? 0) > asking.mostBytes) {
          answer.destroy(new FetchRefused('too_large'));
        }
        answer.on('data', (part: Buffer) => {
          size += part.length;
          if (size > asking.mostBytes) answer.destroy(new FetchRefused('too_large'));
          else parts.push(part);
        });
        answer.on('error', away);
        answer.on('end', () =>
          done({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }),
        );
      });
      // What was connected to is looked at once more, whatever the way there.
      call.on('socket', (socket: Socket) =>
        socket.once('connect', () => {
          if (!mayConnect(socket.remoteAddress ?? '', own)) call.destroy(new FetchRefused('host'));
        }),
      );
      call.on('error', away);
      call.end(asking.body);
    });
  return async (address, asking) => {
    const deadline = Date.now() + asking.timeoutMs;
    let url = judged(address, hosts, own);
    for (let left = asking.redirects ?? 0; ; left -= 1) {
      const answer = await once(url, asking, deadline);
      const { location } = answer.headers;
      if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer;
      if (left <= 0) throw new FetchRefused('redirects');
      const next = URL.parse(location, url);
      if (next === null) throw new FetchRefused('address');
      url = judged(next.href, hosts, own);
    }
  };
}
