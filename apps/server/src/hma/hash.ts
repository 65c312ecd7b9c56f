import { createHash } from 'node:crypto';
import type { Hma } from '@accord/protocol/partners';
import type { FastifyRequest } from 'fastify';
import { leastQuality } from '../matching/index.ts';
import type { HashOutcome, PartnerHandlers } from '../partners/index.ts';
import { OutsideError, wholeOf } from '../platform/outside.ts';
import type { Parts } from './parts.ts';
import { assertSelected, type ContentType, contentTypes, refuse, type SignalType } from './signals.ts';

/** The largest picture that is decoded; HMA's limit of 100 MB stands for files of video, which are not held. */
const pictureBytes = 32 * 1024 * 1024;
const fetchMs = 30_000;
const redirects = 3;

/** What became of a file: its type, its hash in digits ('' for a picture too flat to be told apart), and what a bank keeps. */
export interface HashedFile {
  readonly type: SignalType;
  readonly digits: string;
  readonly outcome: Extract<HashOutcome, { readonly pdq: string }> | undefined;
}

/** The fields of a form beside its file. */
export interface Form {
  readonly file: HashedFile | undefined;
  readonly fields: ReadonlyMap<string, string>;
}

async function hashPicture(
  { hasher }: Parts,
  bytes: Uint8Array,
  depth: 'plain' | 'bank',
): Promise<HashedFile> {
  const outcome = await hasher.hash(bytes, depth);
  if ('refused' in outcome) throw refuse(400, `the picture can't be hashed: ${outcome.refused}`);
  return { type: 'pdq', digits: outcome.quality < leastQuality ? '' : outcome.pdq, outcome };
}

const videoOf = (digits: string): HashedFile => ({ type: 'video_md5', digits, outcome: undefined });

function readContentType(name: string): ContentType {
  const type = contentTypes.find((one) => one === name);
  if (type === undefined) throw refuse(400, `no such content_type: '${name}'`);
  return type;
}

interface Asked {
  readonly content_type?: string | undefined;
  readonly types?: string | undefined;
}

/** Fetches an address within the operator's policy and hashes what is there. */
export async function hashAddress(
  parts: Parts,
  address: string,
  asked: Asked,
  depth: 'plain' | 'bank' = 'plain',
): Promise<HashedFile> {
  const hint = asked.content_type ? readContentType(asked.content_type) : undefined;
  const answer = await parts
    .outside(address, { mostBytes: pictureBytes, wholeMs: fetchMs, redirects })
    .then(async (answer) => ({ ...answer, body: await wholeOf(answer) }))
    .catch((error: unknown) => {
      if (!(error instanceof OutsideError)) throw error;
      if (error.code === 'too_large') throw refuse(413, 'Content too large');
      // What is not allowed and what leads inside are refused alike.
      if (error.code !== 'away') throw refuse(400, 'Invalid or unsafe URL provided');
      throw refuse(400, 'Failed to fetch URL');
    });
  if (answer.status < 200 || answer.status >= 300) throw refuse(400, `Failed to fetch URL: ${answer.status}`);
  const kind = answer.headers['content-type']?.toLowerCase() ?? '';
  const guessed = kind.startsWith('image') ? 'photo' : kind.startsWith('video') ? 'video' : undefined;
  const content = hint ?? guessed;
  if (content === undefined) {
    throw refuse(
      400,
      `unsupported url ContentType: '${kind.slice(0, 80)}', if you know the expected type, provide it with the content_type query param`,
    );
  }
  assertSelected(content, asked.types);
  return content === 'photo'
    ? hashPicture(parts, answer.body, depth)
    : videoOf(createHash('md5').update(answer.body).digest('hex'));
}

/** Reads a form with one file, whose field names its type of content, and hashes it as it comes. */
export async function hashForm(
  parts: Parts,
  request: FastifyRequest,
  { types, depth = 'plain' }: { readonly types?: string | undefined; readonly depth?: 'plain' | 'bank' },
): Promise<Form> {
  if (!request.isMultipart()) throw refuse(400, 'Missing multipart/form-data file upload');
  const fields = new Map<string, string>();
  let file: HashedFile | undefined;
  for await (const part of request.parts()) {
    if (part.type === 'field') {
      fields.set(part.fieldname, String(part.value));
      continue;
    }
    if (file !== undefined) throw refuse(400, 'Only one file allowed per request');
    const content = readContentType(part.fieldname);
    assertSelected(content, types);
    if (content === 'photo') {
      const bytes: Buffer[] = [];
      let size = 0;
      for await (const piece of part.file as AsyncIterable<Buffer>) {
        size += piece.length;
        if (size > pictureBytes) throw refuse(413, 'Content too large');
        bytes.push(piece);
      }
      file = await hashPicture(parts, Buffer.concat(bytes), depth);
    } else {
      const md5 = createHash('md5');
      for await (const piece of part.file as AsyncIterable<Buffer>) md5.update(piece);
      if (part.file.truncated) throw refuse(413, 'Content too large');
      file = videoOf(md5.digest('hex'));
    }
  }
  return { file, fields };
}

/** The same, of a form that must have a file. */
export async function hashUpload(
  parts: Parts,
  request: FastifyRequest,
  types: string | undefined,
): Promise<HashedFile> {
  const { file } = await hashForm(parts, request, { types });
  if (file === undefined) throw refuse(400, 'Missing multipart/form-data file upload');
  return file;
}

export function hashHandlers(parts: Parts): Pick<PartnerHandlers<Hma>, 'hash.url' | 'hash.file'> {
  return {
    async 'hash.url'({ query }) {
      const { type, digits } = await hashAddress(parts, query.url, query);
      return { [type]: digits };
    },
    async 'hash.file'({ query, request }) {
      const { type, digits } = await hashUpload(parts, request, query.types);
      return { [type]: digits };
    },
  };
}
