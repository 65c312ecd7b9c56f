import { BlockList, isIP, isIPv6 } from 'node:net';
import { isPublicAddress } from './outside.ts';

/* Which addresses the outside may name: those of the public internet, and of the operator's own networks where they say so. */

/** @throws {Error} for what is no network */
export function networks(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits = ''] = range.split('/');
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** An IPv4 address that is written as an IPv6 one, as itself. */
function plain(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const halves = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return halves.flatMap((half) => [half >> 8, half & 255]).join('.');
}

/** Whether an address may be connected to. */
export function mayConnect(address: string, own: BlockList): boolean {
  const known = plain(address.replace(/%.*$/, ''));
  const family = isIP(known);
  if (family === 0) return false;
  return own.check(known, family === 6 ? 'ipv6' : 'ipv4') || isPublicAddress(known);
}
