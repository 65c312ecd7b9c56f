import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { computeVectors, vectorsFile } from '../scripts/vectors.ts';

it('computes what is published, to the byte', async () => {
  const published: unknown = JSON.parse(await readFile(vectorsFile, 'utf8'));
  const computed = await computeVectors();
  expect(computed).toEqual(published);
  // Every structure of the protocol has its vector.
  expect(Object.keys(computed as object)).toEqual(
    expect.arrayContaining([
      'cbor',
      'seal',
      'franking',
      'report',
      'consent',
      'commitment',
      'attestation',
      'grant',
      'profile',
    ]),
  );
});
