import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { nodePrimitives } from './node/primitives.ts';
import { forgeries } from './test-support/forgeries.ts';
import { type Cast, makeCast, now, present } from './test-support/presentation.ts';
import { verifyProofOfAge } from './verify.ts';

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
});

describe('a forgery is refused', () => {
  it('not because everything is', async () => {
    const { anchors, transcript: sessionTranscript } = cast;
    expect(await verifyProofOfAge(await present(cast), { anchors, sessionTranscript, now })).toMatchObject({
      ok: true,
    });
  });

  it('in as many ways as are known', () => {
    expect(new Set(forgeries.map(({ name }) => name)).size).toBe(forgeries.length);
    expect(forgeries.length).toBeGreaterThanOrEqual(134);
  });

  it('as the documentation says', () => {
    const page = readFileSync(new URL('../../../docs/age-proof.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z\d_]+)` \| (.+) \|$/gm)].flatMap(([, code, names = '']) =>
      names
        .replaceAll('*', '')
        .split(' · ')
        .map((name) => ({ code, name })),
    );
    const byName = (all: readonly { name: string; code?: string | undefined }[]) =>
      all.map(({ name, code }) => `${name}: ${code}`).toSorted();
    expect(byName(rows)).toEqual(byName(forgeries));
  });

  it.each(forgeries.map((forgery) => [forgery.name, forgery] as const))('%s', async (_, { code, make }) => {
    const { response, terms } = await make(cast);
    const { anchors, transcript: sessionTranscript } = cast;
    const all = { anchors, sessionTranscript, now, ...terms };
    expect(await verifyProofOfAge(response, all)).toEqual({ ok: false, code });
    expect(await verifyProofOfAge(response, { ...all, primitives: nodePrimitives })).toEqual({
      ok: false,
      code,
    });
  });
});
