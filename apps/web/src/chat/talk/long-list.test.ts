import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LongList } from './long-list.ts';

interface Item {
  readonly key: string;
}
const keyOf = ({ key }: Item) => key;

let made = 0;
const items = (count: number): Item[] =>
  Array.from({ length: count }, () => {
    made += 1;
    return { key: `k${made}` };
  });

const place = fc.double({ min: 0, max: 1, noNaN: true });
const change = fc.record({ at: place, count: fc.nat({ max: 300 }), added: fc.nat({ max: 300 }) });

it('changes as an array does, and leaves what was as it was', () => {
  fc.assert(
    fc.property(fc.nat({ max: 600 }), fc.array(change, { maxLength: 8 }), (start, changes) => {
      let plain = items(start);
      let list = LongList.of(keyOf, plain);
      for (const { at, count, added } of changes) {
        const [oldPlain, old] = [plain, list];
        const index = Math.floor(at * plain.length);
        const gone = Math.min(count, plain.length - index);
        const fresh = items(added);
        list = list.splice(index, gone, fresh);
        plain = plain.toSpliced(index, gone, ...fresh);
        expect([...list]).toEqual(plain);
        expect([...old]).toEqual(oldPlain);
        expect(list.length).toBe(plain.length);
        const shared = oldPlain.findIndex((item, i) => item !== plain[i]);
        expect(old.sharedWith(list)).toBe(shared < 0 ? oldPlain.length : shared);
      }
    }),
  );
});

it('finds by place, by key and from the end', () => {
  fc.assert(
    fc.property(fc.nat({ max: 600 }), place, (length, at) => {
      const plain = items(length);
      const list = LongList.of(keyOf, plain);
      const index = Math.floor(at * length);
      expect(list.at(index)).toBe(plain[index]);
      expect(list.at(-1 - index)).toBe(plain.at(-1 - index));
      expect(list.at(length)).toBeUndefined();
      expect(list.slice(index)).toEqual(plain.slice(index));
      expect(list.indexOf('none')).toBe(-1);
      expect(list.find('none')).toBeUndefined();
      const wanted = plain[index];
      if (wanted === undefined) return;
      expect(list.indexOf(wanted.key)).toBe(index);
      expect(list.find(wanted.key)).toBe(wanted);
      expect(list.findLast((item) => item.key <= wanted.key)).toBe(
        plain.findLast((item) => item.key <= wanted.key),
      );
    }),
  );
});
