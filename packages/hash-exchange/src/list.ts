import { type Fields, isFields, isPdq, plainValue, textOf, textsOf } from './read.ts';
import { bad, type Category, type Update } from './types.ts';

/*
 * A list of hashes that somebody publishes: a hash on each line, a table (RFC 4180, no line breaks in cells) whose first line names
 * its columns, or a JSON object on each line. Each fetch is the whole list: what is no longer on it was taken back.
 */

export interface ListSettings {
  /** What the values are where a line does not say; `pdq` by default. */
  readonly type: string;
  /** What a line says where it names no category. */
  readonly category: Category;
  /** In whose name it speaks. */
  readonly source: string;
}

const categories: readonly Category[] = ['positive', 'seed', 'negative'];
/** Columns under which a value may stand. */
const valueColumns = ['hash', 'pdq', 'value', 'indicator'] as const;
const takenBack = new Set(['withdrawn', 'deleted', 'removed']);

/** The cells of one line; quotes as RFC 4180 has them. */
export function cellsOf(line: string): string[] {
  const cells: string[] = [];
  for (const [, quoted, plain] of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    cells.push(quoted?.replaceAll('""', '"') ?? plain?.trim() ?? '');
  }
  return cells;
}

const tagsOf = (value: unknown): string[] =>
  Array.isArray(value) ? textsOf(value) : (textOf(value) ?? '').split(';').filter((tag) => tag !== '');

/** What of a type we know must look like. */
const shapes: Readonly<Record<string, (value: string) => boolean>> = {
  pdq: isPdq,
  md5: (value) => /^[0-9a-f]{32}$/.test(value),
  sha1: (value) => /^[0-9a-f]{40}$/.test(value),
  sha256: isPdq,
};

/** Reads a list, a line at a time. */
export interface ListReader {
  /** The record of a line; null for one that is none (empty, a comment, the names of columns). @throws {ExchangeError} for a line that can't be read */
  line(text: string): Update | null;
}

/** `at`: when the list was fetched, in ms; it has no other clock. */
export function listReader(settings: ListSettings, at: number): ListReader {
  let names: readonly string[] | undefined;
  const fieldsOf = (line: string): Fields | null => {
    if (line.startsWith('{')) {
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        bad('a line is no JSON');
      }
      return isFields(value) ? value : bad('a line is no JSON object');
    }
    const cells = cellsOf(line);
    if (names === undefined && cells.some((cell) => (valueColumns as readonly string[]).includes(cell))) {
      names = cells;
      return null;
    }
    return names === undefined
      ? { hash: line.split(/[\s,;]+/)[0] }
      : Object.fromEntries(names.map((name, place) => [name, cells[place] ?? '']));
  };
  return {
    line(text) {
      const line = text.trim();
      if (line === '' || line.startsWith('#')) return null;
      const fields = fieldsOf(line);
      return fields === null ? null : updateOf(fields, settings, at);
    },
  };
}

function updateOf(fields: Fields, settings: ListSettings, at: number): Update {
  const column = valueColumns.find((name) => (textOf(fields[name]) ?? '') !== '');
  const value = plainValue(textOf(column === undefined ? undefined : fields[column])?.trim() ?? '');
  const type = textOf(fields.type) || settings.type;
  if (value === '' || shapes[type]?.(value) === false) bad(`a line has no ${type}`);
  const said = textOf(fields.category) ?? textOf(fields.status) ?? '';
  const source = textOf(fields.source) || settings.source;
  const category =
    said === '' ? settings.category : (categories.find((one) => one === said) ?? ('seed' as const));
  return {
    key: `${type}:${value}:${source}`,
    at,
    withdrawn: takenBack.has(said.toLowerCase()) || fields.withdrawn === true || fields.withdrawn === 'true',
    signals: [{ type, value }],
    opinions: [{ source, category, tags: tagsOf(fields.tags), said }],
  };
}
