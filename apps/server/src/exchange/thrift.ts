import { setFlagsFromString } from 'node:v8';

/** How much the old generation may grow beyond what is in use before it is looked through. V8's own: as much again, and more. */
const growPercent = 20;

let under = 0;

/**
 * Has garbage collected sooner while the work is under way. A fetch of a million records leaves some of each page in the old
 * generation, and V8 would let that pile up to what the whole server uses.
 */
export async function thriftily<T>(work: () => Promise<T>): Promise<T> {
  if (under === 0) setFlagsFromString(`--heap-growing-percent=${growPercent}`);
  under += 1;
  try {
    return await work();
  } finally {
    under -= 1;
    if (under === 0) setFlagsFromString('--heap-growing-percent=0');
  }
}
