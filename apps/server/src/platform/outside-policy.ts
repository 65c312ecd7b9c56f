import { type BlockList, isIP } from 'node:net';
import { mayConnect, networks, type Resolve } from './address-policy.ts';
import { isLoopback } from './loopback.ts';

/** Where requests of ours may go. */
export interface OutsidePolicy {
  /** Whether an address may be asked at all; each redirect is judged as the first address was. */
  readonly allows: (url: URL) => boolean;
  /** Networks that may be connected to besides the public internet, whatever a name leads to. */
  readonly own: BlockList;
  /** Whether connections are kept for the next question. */
  readonly keeps?: boolean;
  /** The system's, but in tests. */
  readonly resolve?: Resolve;
}

const nobody = networks([]);
const thisMachine = networks(['127.0.0.0/8', '::1/128']);
const everybody = networks(['0.0.0.0/0', '::/0']);

/**
 * Services that the operator's configuration names: these origins alone, in whichever network they are. A name that is pointed at
 * another machine inside fails there by TLS, as that has no certificate for it.
 */
export function operatorsOrigins(addresses: readonly string[], { keeps = false } = {}): OutsidePolicy {
  const origins = new Set(addresses.map((address) => new URL(address).origin));
  return { allows: ({ origin }) => origins.has(origin), own: everybody, keeps };
}

/** Peers on the public internet, by TLS. This machine may be asked, and without TLS, where a test's configuration says so alone. */
export const publicOrigins = (
  isOurs: (origin: string) => boolean,
  { loopback }: { readonly loopback: boolean },
): OutsidePolicy => ({
  allows: ({ protocol, hostname, origin }) =>
    isOurs(origin) && (protocol === 'https:' || (loopback && isLoopback(hostname))),
  own: loopback ? thisMachine : nobody,
  keeps: true,
});

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

/** Addresses that somebody else names, by the operator's word: these hosts, and which networks of theirs too. */
export const listedHosts = (
  hosts: readonly string[],
  privateNetworks: readonly string[],
  resolve?: Resolve,
): OutsidePolicy => ({
  allows: (url) => isListed(url, hosts),
  own: networks(privateNetworks),
  ...(resolve !== undefined && { resolve }),
});

/** The address, where it may be asked as far as its text tells. */
export function judged(address: string, { allows, own }: OutsidePolicy): URL | undefined {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    return undefined;
  }
  // A literal is never resolved, and so never seen by the lookup.
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  return allows(url) && (isIP(literal) === 0 || mayConnect(literal, own)) ? url : undefined;
}
