import { acts } from './acts.ts';
import { one } from './one.ts';
import { queue } from './queue.ts';

/** The console's texts in English; the type that French satisfies. Kept apart, so that no member's page carries them. */
export const en = { ...queue, ...one, ...acts };
