import { caseRequest } from '@accord/protocol/cases';
import { type CaseRequest, emptyRequest } from '../cases/index.ts';

/** One question at a time, in this order. */
export const steps = ['who', 'minor', 'what', 'consent', 'where', 'sign'] as const;
export type Step = (typeof steps)[number];

/** What a page of the form carries: texts by name, as a form sends them. */
export type Fields = ReadonlyMap<string, string>;

/** Every answer, in the order in which it is asked. All but those of the step at hand travel as hidden fields. */
const fieldsOf: Readonly<Record<Step, readonly string[]>> = {
  who: ['capacity'],
  minor: ['minor'],
  what: ['kind', 'intimate'],
  consent: ['consent'],
  where: ['places', 'pictures'],
  sign: ['words', 'signature', 'contact', 'byPage', 'goodFaith', 'share'],
};

/** What the other pages of the form said, to be carried on. */
export const carried = (fields: Fields, step: Step): [string, string][] =>
  steps
    .filter((other) => other !== step)
    .flatMap((other) => fieldsOf[other])
    .flatMap((name): [string, string][] => {
      const value = fields.get(name);
      return value === undefined || value === '' ? [] : [[name, value]];
    });

export function readFields(body: unknown): Fields {
  return body instanceof URLSearchParams ? new Map(body) : new Map();
}

const linesOf = (value: string | undefined): string[] =>
  (value ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

function picturesOf(value: string | undefined): unknown {
  try {
    return JSON.parse(value || '[]');
  } catch {
    return [];
  }
}

/**
 * The request as far as it was answered. An answer that is none, or too long, counts as not given: the page then says what
 * is missing, and nothing that was typed is lost.
 */
export function requestOf(fields: Fields): CaseRequest {
  const value = (name: string) => fields.get(name)?.replaceAll('\r\n', '\n').trim() ?? '';
  const raw: Record<keyof CaseRequest, unknown> = {
    capacity: value('capacity') || null,
    kind: value('kind') || null,
    minor: value('minor') || null,
    consent: value('consent') || null,
    intimate: value('intimate') === 'yes',
    pictures: picturesOf(fields.get('pictures')),
    places: linesOf(fields.get('places')).slice(0, 20),
    words: value('words'),
    signature: value('signature'),
    contact: value('contact'),
    byPage: value('byPage') === 'yes',
    goodFaith: value('goodFaith') === 'yes',
    share: value('share') === 'yes',
  };
  const shape = caseRequest.shape;
  const read = Object.entries(raw).flatMap(([name, given]) => {
    const result = shape[name as keyof CaseRequest].safeParse(given);
    return result.success ? [[name, result.data]] : [];
  });
  return { ...emptyRequest, ...Object.fromEntries(read) };
}
