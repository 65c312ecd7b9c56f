import { account } from './account.ts';
import { common } from './common.ts';
import { errors, waits } from './errors.ts';
import { gate } from './gate.ts';
import { help, landing } from './landing.ts';
import { people, requests, time } from './people.ts';
import { pictures } from './pictures.ts';
import { talk } from './talk.ts';
import { you } from './you.ts';

/** Every text in English; the type that other languages satisfy. */
export const en = {
  account,
  common,
  errors,
  gate,
  help,
  landing,
  people,
  pictures,
  requests,
  talk,
  time,
  waits,
  you,
};
