import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { type Checkpoint, ExchangeError, listReader, type Update } from '@accord/hash-exchange';
import { OutsideError } from '../platform/outside.ts';
import { type Asking, askOnce, faultOf, SyncError } from './ask.ts';
import { keysOfKind, type ListPlace } from './kinds.ts';
import type { Parts } from './parts.ts';
import type { ExchangeRow } from './store.ts';

/** A list as it was found: its lines, and what tells whether it has changed since. */
interface Found {
  readonly body: Readable;
  readonly mark: Checkpoint;
}

/** It is kept while it comes: a hundred million lines in a night. */
const bounds = { mostBytes: 8 * 1024 ** 3, headMs: 60_000, wholeMs: 6 * 60 * 60_000 };
const linesAtOnce = 1000;
const longestLine = 64 * 1024;
/** One line in a hundred may be unreadable; a file of another kind is refused before much of it was taken. */
const mostBad = 0.01;
const leastForShare = 100;

async function fromFile(path: string, since: Checkpoint | null): Promise<Found | null> {
  const found = await stat(path).catch(() => {
    throw new SyncError('away');
  });
  const mark = { size: found.size, changed: Math.floor(found.mtimeMs) };
  if (since?.size === mark.size && since.changed === mark.changed) return null;
  return { body: createReadStream(path), mark };
}

async function fromAddress(
  parts: Parts,
  asking: Asking,
  url: string,
  since: Checkpoint | null,
): Promise<Found | null> {
  const headers = {
    ...(typeof since?.etag === 'string' && { 'if-none-match': since.etag }),
    ...(typeof since?.modified === 'string' && { 'if-modified-since': since.modified }),
  };
  const request = { method: 'GET', url, headers, door: 'fetch' } as const;
  const answer = await askOnce(parts, asking, request, bounds, [200, 304]);
  if (answer.status === 304) {
    answer.body.destroy();
    return null;
  }
  const { etag = null, 'last-modified': modified = null } = answer.headers;
  return { body: answer.body, mark: { etag, modified } };
}

/** The list, or null when it is the one that `since` marks. @throws {SyncError} */
export async function findList(
  parts: Parts,
  row: ExchangeRow,
  {
    keys,
    signal,
    since,
  }: { readonly keys: unknown; readonly signal: AbortSignal; readonly since: Checkpoint | null },
): Promise<Found | null> {
  const { url, path } = row.settings as unknown as ListPlace;
  if (path !== undefined) return fromFile(path, since);
  const { authorization } = keysOfKind.list.parse(keys);
  const sign = () => (authorization === undefined ? {} : { authorization });
  return fromAddress(parts, { kind: 'list', sign, signal }, url ?? '', since);
}

async function* linesOf(body: Readable): AsyncGenerator<string> {
  let rest = '';
  body.setEncoding('utf8');
  for await (const part of body as AsyncIterable<string>) {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw new SyncError('bad_answer');
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** A part of a list. */
export interface ListPart {
  readonly updates: readonly Update[];
  readonly unread: number;
  /** Of the whole list, up to the end of this part. */
  readonly lines: number;
}

/**
 * The list's records, some at a time; `at` is when it was fetched. The first `skip` lines were told before: they are read, as the
 * names of columns are among them, and not told again. @throws {SyncError} for what is no list, or half of one
 */
export async function* readList(
  row: ExchangeRow,
  found: Found,
  { at, skip }: { readonly at: number; readonly skip: number },
): AsyncGenerator<ListPart> {
  const { type, category } = row.settings as unknown as ListPlace;
  const reader = listReader({ type, category, source: 'list' }, at);
  let updates: Update[] = [];
  let [unread, lines, good] = [0, 0, 0];
  try {
    for await (const line of linesOf(found.body)) {
      lines += 1;
      try {
        const update = reader.line(line);
        if (update !== null && lines > skip) updates.push(update);
        if (update !== null) good += 1;
      } catch (error) {
        if (!(error instanceof ExchangeError)) throw error;
        unread += 1;
      }
      const bad = unread > mostBad * Math.max(lines, leastForShare) || (unread > 0 && lines === unread);
      if (bad) throw new SyncError('bad_answer');
      if (updates.length < linesAtOnce) continue;
      yield { updates, unread, lines };
      updates = [];
    }
  } catch (error) {
    throw error instanceof SyncError
      ? error
      : new SyncError(error instanceof OutsideError ? faultOf(error) : 'away');
  } finally {
    found.body.destroy();
  }
  if (good === 0) throw new SyncError('empty_list');
  yield { updates, unread, lines };
}
