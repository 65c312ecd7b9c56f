import type { Messages } from '../index.ts';
import { common } from './common.ts';
import { errors, waits } from './errors.ts';
import { talk } from './talk.ts';

/** Every text in French. */
export const fr: Messages = { common, errors, waits, talk };
