import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Picture } from '@accord/perceptual';
import { scene } from '@accord/perceptual/testing';
import sharp from 'sharp';

/** A picture of the recall run, and whether a camera made it. */
export interface Named {
  readonly name: string;
  readonly photo: boolean;
  readonly picture: Picture;
}

/**
 * `count` drawn scenes, `edited` of which will be edited, after the photographs of the folder `ACCORD_PICTURES` names, if it names one (for instance a set
 * of holiday pictures; none come with the repository). All at most 640 pixels a side.
 */
export async function corpus(count: number, edited: number): Promise<Named[]> {
  const folder = process.env.ACCORD_PICTURES;
  const files =
    folder === undefined ? [] : (await readdir(folder)).filter((f) => /\.(jpe?g|png|webp)$/i.test(f)).sort();
  const photos: Named[] = [];
  for (const file of files) {
    const { data, info } = await sharp(join(folder ?? '', file))
      .resize(640, 640, { fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    photos.push({
      name: file,
      photo: true,
      picture: { width: info.width, height: info.height, format: 'rgb', data },
    });
  }
  const scenes = Array.from({ length: count }, (_, i) => {
    // Those that are only there to be mistaken for are drawn at half the size: drawing is most of the time.
    const side = i < 2 * edited ? 560 : 280;
    const { kind, ...picture } = scene(i, side, side * 0.75);
    return { name: `${kind} ${i}`, photo: false, picture };
  });
  return [...photos, ...scenes];
}
