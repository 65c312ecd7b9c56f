import type { en } from '../en/index.ts';
import { acts } from './acts.ts';
import { one } from './one.ts';
import { queue } from './queue.ts';

/** Les textes de la console en français. */
export const fr: typeof en = { ...queue, ...one, ...acts };
