import { type IncomingHttpHeaders, type RequestOptions, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { type BlockList, isIP, type Socket } from 'node:net';
import { checkedLookup, mayConnect, networks, type Resolve } from './address-policy.ts';

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

/** Makes the one way out to addresses that others name. Nothing is kept open, sent along or unpacked. */
export function createFetcher({ hosts, privateNetworks, resolve }: Policy): Fetcher {
  const own = networks(privateNetworks);
  const lookUp = checkedLookup(own, () => new FetchRefused('host'), resolve);
  const once = (url: URL, asking: Asking, deadline: number): Promise<Answer> =>
    new Promise((done, fail) => {
      const options: RequestOptions = {
        method: asking.method ?? 'GET',
        agent: false,
        lookup: lookUp,
        headers: { accept: '*/*', 'accept-encoding': 'identity', ...asking.headers },
        signal: AbortSignal.timeout(Math.max(1, deadline - Date.now())),
      };
      const away = (cause: unknown) =>
        fail(cause instanceof FetchRefused ? cause : new FetchRefused('away', { cause }));
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
