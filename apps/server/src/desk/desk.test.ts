import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carried, requestOf, steps } from './answers.ts';
import { html } from './html.ts';
import { en } from './words-en.ts';
import { fr } from './words-fr.ts';

describe('markup', () => {
  it('never lets what somebody typed become markup, in text or in an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (typed) => {
        const { html: drawn } = html`<p title="${typed}">${typed}</p>`;
        expect(drawn.slice(0, 10)).toBe('<p title="');
        expect(drawn.match(/[<>"]/g)?.join('')).toBe('<""><>');
      }),
    );
  });
  it('draws lists and leaves out what is not there', () => {
    expect(html`<ul>${[1, 2].map((n) => html`<li>${n}</li>`)}${null}${false}</ul>`.html).toBe(
      '<ul><li>1</li><li>2</li></ul>',
    );
  });
});

describe('answers', () => {
  it('of any shape make a request, and garbage counts as not given', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('capacity', 'minor', 'kind', 'pictures', 'places', 'words', 'contact'),
          fc.string({ unit: 'binary' }),
        ),
        (fields) => {
          const request = requestOf(new Map(Object.entries(fields)));
          expect(request.pictures.length).toBeLessThanOrEqual(8);
          expect(['self', 'representative', 'guardian', null]).toContain(request.capacity);
        },
      ),
    );
  });

  it('of the other questions travel on, those of the one at hand do not', () => {
    const fields = new Map([
      ['capacity', 'self'],
      ['minor', 'no'],
      ['words', ''],
      ['contact', 'a@example.org'],
    ]);
    expect(carried(fields, 'minor')).toEqual([
      ['capacity', 'self'],
      ['contact', 'a@example.org'],
    ]);
    expect(steps).toHaveLength(6);
  });
});

describe('texts', () => {
  const leaves = (value: unknown, at = ''): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${at}.${key}`))
      : [`${at} ${value === ''}`];
  it('are there in both languages, and none is empty', () => {
    const shape = (words: unknown) => leaves(words).map((leaf) => leaf.split(' ')[0]);
    expect(shape(fr)).toEqual(shape(en));
    expect([...leaves(fr), ...leaves(en)].filter((leaf) => leaf.endsWith(' true'))).toEqual([]);
  });
});
