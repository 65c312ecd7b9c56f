import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cell, emptyCell, merge, type Said, settle, targetOf, view } from './cell.ts';
import { decodeContent, encodeContent } from './content.ts';

const me = '00000000-0000-4000-8000-0000000000aa';
const peer = '00000000-0000-4000-8000-0000000000bb';
const uuid = (n: number) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

const messageId = fc.integer({ min: 1, max: 4 }).map(uuid);
const eventId = fc.integer({ min: 100, max: 110 }).map(uuid);
const words = fc.constantFrom('a valley', 'a river', 'a hill');
const content = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), id: messageId, text: words }),
  fc.record({ kind: fc.constant('edit' as const), id: eventId, target: messageId, text: words }),
  fc.record({ kind: fc.constant('delete' as const), id: eventId, target: messageId }),
  fc.record({
    kind: fc.constant('reaction' as const),
    id: eventId,
    target: messageId,
    emoji: fc.constantFrom('👍', '❤️', null),
  }),
);
const said: fc.Arbitrary<Said> = fc.record({
  author: fc.constantFrom(me, peer),
  at: fc.integer({ min: 1, max: 30 }),
  content,
});

const eye = {
  me,
  now: 1000,
  delivered: { at: 10, id: uuid(2) },
  read: { at: 5, id: uuid(2) },
  quote: (id: string) => ({ id, mine: false, text: null }),
};

function fold(events: readonly Said[]): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  for (const event of events) {
    const target = targetOf(event.content);
    if (target !== null) cells.set(target, merge(cells.get(target) ?? emptyCell(target), event));
  }
  return cells;
}

const shown = (events: readonly Said[]) =>
  [...fold(events)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => view(cell, 0, eye));

describe('a timeline', () => {
  it('is the same for the same events in any order, however often each arrives', () => {
    const shuffled = fc
      .array(said, { maxLength: 14 })
      .chain((events) =>
        fc.tuple(
          fc.constant(events),
          fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([events, again]) => {
        expect(shown(again)).toEqual(shown(events));
      }),
      { numRuns: 400 },
    );
  });

  it('counts an edit or a deletion of the author only', () => {
    const text = { author: me, at: 1, content: { kind: 'text' as const, id: uuid(1), text: 'a hill' } };
    const foreign = [
      text,
      {
        author: peer,
        at: 2,
        content: { kind: 'edit' as const, id: uuid(100), target: uuid(1), text: 'a sea' },
      },
      { author: peer, at: 3, content: { kind: 'delete' as const, id: uuid(101), target: uuid(1) } },
    ];
    expect(shown(foreign)).toMatchObject([{ text: 'a hill', kind: 'text', history: [] }]);
    const own = [
      ...foreign,
      { author: me, at: 4, content: { ...foreign[1]?.content, text: 'a dune' } as Said['content'] },
    ];
    expect(shown(own)).toMatchObject([{ text: 'a dune', history: [{ at: 1, text: 'a hill' }], editedAt: 4 }]);
    const gone = [
      ...own,
      { author: me, at: 5, content: { kind: 'delete' as const, id: uuid(102), target: uuid(1) } },
    ];
    expect(shown(gone)).toMatchObject([{ kind: 'deleted', text: null, history: [], reactions: [] }]);
  });

  it('shows the last reaction of each person and forgets one that was taken back', () => {
    const text: Said = { author: me, at: 1, content: { kind: 'text', id: uuid(1), text: 'a hill' } };
    const react = (author: string, at: number, emoji: string | null): Said => ({
      author,
      at,
      content: { kind: 'reaction', id: uuid(100 + at), target: uuid(1), emoji },
    });
    expect(
      shown([text, react(peer, 2, '👍'), react(peer, 3, '❤️'), react(me, 4, '👍'), react(me, 5, null)]),
    ).toMatchObject([{ reactions: [{ emoji: '❤️', mine: false }] }]);
  });

  it('says how far a message got, and lets it vanish when its time is up', () => {
    const text: Said = {
      author: me,
      at: 4,
      content: { kind: 'text', id: uuid(1), text: 'a hill', expires: 1 },
    };
    const [cell] = fold([text]).values();
    if (cell === undefined) throw new Error('no cell');
    expect(view(cell, 0, eye)).toMatchObject({ state: 'read', expiresAt: 1004 });
    expect(view(settle(cell, uuid(1), me, 9), 0, eye)).toMatchObject({ state: 'delivered', at: 9 });
    expect(view(settle(cell, uuid(1), me, 11), 0, eye)).toMatchObject({ state: 'sent' });
    expect(view(cell, 0, { ...eye, now: 1004 })).toBeNull();
  });
});

describe('content', () => {
  it('comes back as it was written, and refuses what no version would send', () => {
    fc.assert(
      fc.property(content, (value) => {
        expect(decodeContent(encodeContent(value))).toEqual(value);
      }),
    );
    const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
    expect(decodeContent(bytes({ kind: 'text', id: uuid(1), text: 'x'.repeat(4001) }))).toBeNull();
    expect(decodeContent(bytes({ kind: 'text', id: uuid(1), text: 'bell \u0007' }))).toBeNull();
    expect(decodeContent(bytes({ kind: 'edit', id: uuid(1), target: 'me', text: 'x' }))).toBeNull();
    expect(decodeContent(Uint8Array.of(0xff, 0xfe))).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (garbage) => {
        expect(() => decodeContent(garbage)).not.toThrow();
      }),
    );
  });

  it('keeps an unknown kind as something of a newer version', () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ kind: 'clip', id: uuid(1), blob: 'x' }));
    expect(decodeContent(bytes)).toEqual({ kind: 'newer', id: uuid(1) });
  });
});
