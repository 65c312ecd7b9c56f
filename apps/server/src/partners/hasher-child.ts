/**
 * A process of its own that decodes and hashes pictures of strangers: what breaks a decoder breaks nothing else, and it holds
 * no secret. Pictures live in its memory for as long as they are hashed.
 */
import { bankHashes, PdqEngine, type Picture, queryHashes, toHex } from '@accord/perceptual';
import { decodePicture, PictureRefused } from '@accord/perceptual/decode-node';
import { kernelBytes } from '@accord/perceptual/kernel';
import type { Hashed, HashQuestion, HashReply } from './hasher.ts';

const loading = PdqEngine.load(kernelBytes);

function hashedOf(engine: PdqEngine, picture: Picture, depth: HashQuestion['depth']): Hashed {
  const { hash, quality } = engine.hash(picture);
  const variants =
    depth === 'plain'
      ? []
      : depth === 'bank'
        ? bankHashes(engine, picture).hashes
        : queryHashes(engine, picture).hashes;
  return {
    pdq: toHex(hash),
    quality,
    variants: variants.map(({ kind, hash: other, anchor }) => ({
      kind,
      hash: Buffer.from(other),
      ...(anchor !== undefined && { anchor }),
    })),
  };
}

async function answer({ call, file, depth }: HashQuestion): Promise<HashReply> {
  try {
    // As it is stored: by the reference's rule, and so by that of everybody whose hashes are compared with it.
    const picture = await decodePicture(file, { orientation: 'stored' });
    return { call, hashed: hashedOf(await loading, picture, depth) };
  } catch (error) {
    if (error instanceof PictureRefused) return { call, refused: error.code };
    throw error;
  }
}

process.on('message', (question: HashQuestion) => {
  answer(question).then(
    (reply) => process.send?.(reply),
    // Nothing of a picture may reach a log: whoever asked sees that this process ended.
    () => process.exit(1),
  );
});
process.on('disconnect', () => process.exit(0));
