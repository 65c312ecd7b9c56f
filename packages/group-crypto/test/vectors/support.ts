import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js';
import {
  type CiphersuiteId,
  getCiphersuiteFromId,
  getCiphersuiteNameFromId,
} from 'ts-mls/crypto/ciphersuite.js';
import { getCiphersuiteImpl } from 'ts-mls/crypto/getCiphersuiteImpl.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import { describe, expect, it } from 'vitest';
import { FALLBACK_SUITE } from '../../src/limits.ts';
import { suiteImplementation } from '../../src/suite.ts';
import { random } from '../people.ts';

/** Vectors per file of mlswg/mls-implementations: a file that shrinks or is forgotten is noticed. */
export const VECTOR_COUNTS = {
  'crypto-basics': 7,
  deserialization: 14,
  'key-schedule': 7,
  'message-protection': 7,
  messages: 300,
  'passive-client-handling-commit': 91,
  'passive-client-random': 1,
  'passive-client-welcome': 56,
  psk_secret: 77,
  'secret-tree': 21,
  'transcript-hashes': 7,
  'tree-math': 10,
  'tree-operations': 5,
  'tree-validation': 98,
  treekem: 77,
  welcome: 7,
} as const;

export type VectorFile = keyof typeof VECTOR_COUNTS;

const beside = fileURLToPath(new URL('../../../../../shared/vectors', import.meta.url));
const folder = `${process.env.ACCORD_VECTORS ?? beside}/mls`;

const vectorsPresent = existsSync(folder);

/** One test per vector of a file, and one for their number; all skipped by name where the vectors are absent. */
export function describeVectors<T>(
  file: VectorFile,
  run: (vector: T, index: number) => Promise<void> | void,
): void {
  describe.skipIf(!vectorsPresent)(`RFC 9420 vectors: ${file}`, () => {
    const vectors: T[] = vectorsPresent ? load(file) : [];
    it(`are ${VECTOR_COUNTS[file]}`, () => {
      expect(vectors).toHaveLength(VECTOR_COUNTS[file]);
    });
    for (const [index, vector] of vectors.entries()) it(`number ${index}`, () => run(vector, index));
  });
}

function load<T>(file: VectorFile): T[] {
  return JSON.parse(gunzipSync(readFileSync(`${folder}/${file}.json.gz`)).toString('utf8'));
}

export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
export const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

/** The primitives of a suite: ours where we ship it, ts-mls's own for the other six. */
export async function implementation(id: number): Promise<CiphersuiteImpl> {
  const suite = id as CiphersuiteId;
  if (getCiphersuiteNameFromId(suite) === FALLBACK_SUITE) return suiteImplementation(FALLBACK_SUITE, random);
  return getCiphersuiteImpl(getCiphersuiteFromId(suite));
}

/** The value that a decoder must find, and nothing after it. */
export function decoded<T>(
  decode: (b: Uint8Array, offset: number) => [T, number] | undefined,
  value: string,
): T {
  const input = bytes(value);
  const result = decode(input, 0);
  if (result === undefined || result[1] !== input.length) throw new Error('vector does not decode');
  return result[0];
}

export function groupContext(
  cs: CiphersuiteImpl,
  fields: { group_id: string; epoch: number; tree_hash: string; confirmed_transcript_hash: string },
): GroupContext {
  return {
    version: 'mls10',
    cipherSuite: cs.name,
    groupId: bytes(fields.group_id),
    epoch: BigInt(fields.epoch),
    treeHash: bytes(fields.tree_hash),
    confirmedTranscriptHash: bytes(fields.confirmed_transcript_hash),
    extensions: [],
  };
}
