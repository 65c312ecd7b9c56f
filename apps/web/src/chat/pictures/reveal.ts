import { compareHash, SealedMediaError } from '@accord/sealed-media';
import type { Asked, PictureRefusal, PicturesApi } from '../engine/pictures-api.ts';
import type { Studio } from './studio/client.ts';

/** What the studio does for a receiver; in tests, another decoder does it. */
export type Eye<B> = {
  readonly draw: (
    bytes: Uint8Array<ArrayBuffer>,
    asked: boolean,
  ) => Promise<{
    readonly bitmap: B;
    readonly hash: Uint8Array;
    readonly quality: number;
    readonly asked: Asked | null;
  }>;
  readonly ask: Studio['ask'];
};

export type Revealed<B> =
  | {
      readonly outcome: 'shown';
      readonly bitmap: B;
      readonly viewsLeft: number | null;
      readonly expiresAt: number | null;
    }
  | { readonly outcome: 'refused'; readonly code: PictureRefusal };

type Opening = Pick<PicturesApi, 'open' | 'askAgain' | 'refused'>;

/** What is wrong with the picture; that it took too long says more of the device, and may be tried again. */
const studioCodes: ReadonlySet<unknown> = new Set(['picture_unreadable', 'not_canonical']);

function codeOf(error: unknown): PictureRefusal | null {
  const code = (error as { code?: unknown } | null)?.code;
  if (error instanceof SealedMediaError) return error.code;
  if (code === 'picture_too_large') return 'too_large';
  return studioCodes.has(code) ? (code as PictureRefusal) : null;
}

/**
 * Opens a picture that came, up to the very pixels that are drawn: they are hashed and held against what was attested. The
 * matching service is asked with the own hashes before the first view, and between the two distances.
 * @throws {EngineError} where trying again may help
 */
export async function reveal<B>(engine: Opening, eye: Eye<B>, messageId: string): Promise<Revealed<B>> {
  const opened = await engine.open({ messageId });
  if (opened.outcome === 'refused') return opened;
  try {
    const { bitmap, hash, quality, asked: known } = await eye.draw(opened.bytes, opened.askAgain);
    const sure = compareHash({ h: opened.hash }, hash) === 'same' && !opened.askAgain;
    if (!sure) {
      const asked = known ?? (await eye.ask(opened.bytes));
      const verdict = await engine.askAgain({ messageId, hash, quality, asked });
      if (verdict === 'hide') return { outcome: 'refused', code: 'no_longer_allowed' };
    }
    return { outcome: 'shown', bitmap, viewsLeft: opened.viewsLeft, expiresAt: opened.expiresAt };
  } catch (error) {
    const code = codeOf(error);
    if (code === null) throw error;
    await engine.refused({ messageId, code });
    return { outcome: 'refused', code };
  }
}
