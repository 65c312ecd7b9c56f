import { writeUuid } from '@accord/protocol/socket';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binaryArray, putCount } from './statement.ts';

describe('binary parameters', () => {
  it('take a UUID as the protocol writes it, and a count as 64 bits', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.maxSafeNat(), (uuid, count) => {
        const bytes = Buffer.alloc(16);
        writeUuid(bytes, 0, uuid);
        expect(bytes.toString('hex')).toBe(uuid.replaceAll('-', ''));
        putCount(bytes, 3, count);
        expect(bytes.readBigInt64BE(3)).toBe(BigInt(count));
      }),
    );
  });

  it('stand in an array as PostgreSQL reads it', () => {
    const two = binaryArray('int4', 2, (out, at, i) => out.writeInt32BE(i + 7, at));
    const words = Array.from({ length: two.length / 4 }, (_, i) => two.readInt32BE(4 * i));
    // Dimensions, nulls, type, elements, first index; length and value of each.
    expect(words).toEqual([1, 0, 23, 2, 1, 4, 7, 4, 8]);
    expect(binaryArray('uuid', 0, () => {}).readInt32BE(0)).toBe(0);
  });
});
