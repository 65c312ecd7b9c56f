import { BlockList, isIP, isIPv6 } from 'node:net';

/*
 * Which addresses the outside may name. Everything that is not for the whole internet is refused, by IANA's registries of
 * special addresses (RFC 6890 and its updates); in IPv6 all but the global unicast block 2000::/3.
 */

const special4 = [
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
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Within 2000::/3: protocol assignments with Teredo, documentation, and 6to4, which carries an IPv4 address. */
const special6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** @throws {Error} for what is no network */
export function networks(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits = ''] = range.split('/');
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}

const refused4 = networks(special4);
const global6 = networks(['2000::/3']);
const refused6 = networks(special6);

/** An IPv4 address that is written as an IPv6 one, as itself. */
function plain(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const bits = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return bits.flatMap((half) => [half >> 8, half & 255]).join('.');
}

/** Whether an address may be connected to: one of the whole internet, or of the operator's own networks. */
export function mayConnect(address: string, own: BlockList): boolean {
  const known = plain(address.replace(/%.*$/, ''));
  const family = isIP(known);
  if (family === 0) return false;
  const kind = family === 6 ? 'ipv6' : 'ipv4';
  if (own.check(known, kind)) return true;
  return family === 4
    ? !refused4.check(known, kind)
    : global6.check(known, kind) && !refused6.check(known, kind);
}
