import { scene } from '@accord/perceptual/testing';
import sharp from 'sharp';
import { isLike } from '../../../apps/web/src/chat/engine/core/pictures/likeness.ts';
import { applyEdit, EDITS } from '../perceptual/edits.ts';
import { inStudio } from './studio.ts';

/** What the worker says of one picture: as bytes in plain arrays, which come out of a page. */
type Said = Readonly<Record<(typeof fields)[number], number[]>>;
const fields = ['h', 'turned', 'parts', 'against', 'wholes', 'kept', 'anchors'] as const;

/** Runs in the page: each picture is opened and made ready to be sent, as for a person. */
async function prepare(task: { worker: string; pictures: number }): Promise<Said[]> {
  const worker = new Worker(task.worker, { type: 'module' });
  let answered: (value: unknown) => void = () => {};
  worker.onmessage = ({ data }) => answered(data.value);
  const ask = <T>(call: object): Promise<T> =>
    new Promise((resolve) => {
      answered = resolve as (value: unknown) => void;
      worker.postMessage(call);
    });
  const edits = { turns: 0, crop: { x: 0, y: 0, w: 1, h: 1 }, marks: [] };
  const said: Said[] = [];
  for (let index = 0; index < task.pictures; index += 1) {
    const file = await (await fetch(`/picture/${index}`)).blob();
    await ask({ kind: 'open', id: `open ${index}`, file });
    const made = await ask<{
      hash: Uint8Array;
      asked: Record<'turned' | 'parts' | 'against' | 'wholes', Uint8Array>;
      kept: Uint8Array;
      anchors: Uint8Array;
    }>({ kind: 'finish', id: `finish ${index}`, source: `open ${index}`, edits });
    await ask({ kind: 'close', id: `close ${index}`, source: `open ${index}` });
    const { asked, kept, anchors } = made;
    const bytes = { h: made.hash, ...asked, kept, anchors };
    said.push(Object.fromEntries(Object.entries(bytes).map(([name, of]) => [name, Array.from(of)])) as Said);
  }
  worker.terminate();
  return said;
}

const hashed = (said: Said) =>
  Object.fromEntries(fields.map((name) => [name, Uint8Array.from(said[name])])) as Record<
    (typeof fields)[number],
    Uint8Array
  >;

/**
 * Every edit of the engine's own table on a few drawn scenes, by the way that a person's picture takes: file, decoder of the browser,
 * worker, canonical JPEG, the questions of a sending. Prints what is found of each edit, and pairs of unlike scenes said to be alike.
 */
export async function recallOnThePage(scenes: number, width: number, height: number): Promise<void> {
  const files: Buffer[] = [];
  const whole = (index: number) => ({
    width,
    height,
    format: 'rgb' as const,
    data: scene(200 + index, width, height).data,
  });
  const jpeg = (picture: { width: number; height: number; data: Uint8Array | Uint8ClampedArray }) =>
    sharp(Buffer.from(picture.data), { raw: { width: picture.width, height: picture.height, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer();
  for (let index = 0; index < scenes; index += 1) {
    files.push(await jpeg(whole(index)));
    for (const [at, edit] of EDITS.entries())
      files.push(await jpeg(await applyEdit(edit, whole(index), index * 7 + at)));
  }
  const said = (await inStudio(files, prepare, { pictures: files.length })).map(hashed);
  const each = EDITS.length + 1;
  let found = 0;
  let unlike = 0;
  const rows: Record<string, string> = {};
  for (const [at, { name }] of EDITS.entries()) {
    const hits = Array.from({ length: scenes }, (_, index) => {
      const asked = said[index * each + at + 1];
      return said
        .filter((_, place) => place % each === 0)
        .map((known) => asked !== undefined && isLike(asked, known));
    });
    const own = hits.filter((of, index) => of[index]).length;
    found += own;
    unlike += hits.flatMap((of, index) => of.filter((hit, other) => hit && other !== index)).length;
    if (own < scenes) rows[name] = `${own}/${scenes}`;
  }
  console.log(
    `\nthe page's own questions: ${found} of ${scenes * EDITS.length} edited copies of ${scenes} drawn scenes found (${EDITS.length} edits), ${unlike} of ${scenes * EDITS.length * (scenes - 1)} unlike pairs; not all found:`,
  );
  console.table(rows);
}
