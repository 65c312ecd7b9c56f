import { common } from './common.ts';
import { errors, waits } from './errors.ts';
import { talk } from './talk.ts';

/** Every text in English; the type that other languages satisfy. */
export const en = { common, errors, waits, talk };
