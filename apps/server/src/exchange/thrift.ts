import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * How much the old generation may grow beyond what is in use before it is looked through, in percent. V8's own is as much again,
 * and more.
 */
const growPercent = 20;

type Collect = (how: { type: 'major'; execution: 'async' }) => Promise<void>;

let under = 0;

/** A fetch that goes on for long is about to begin: from now on garbage is collected sooner. Returns how to say that it ended. */
export function beThrifty(): () => void {
  under += 1;
  if (under === 1) {
    setFlagsFromString(`--heap-growing-percent=${growPercent}`);
    setFlagsFromString('--expose-gc');
    // The limit that it holds for is drawn at a collection. A few dozen milliseconds, once in a long fetch.
    const collect = runInNewContext('gc') as Collect;
    void collect({ type: 'major', execution: 'async' });
  }
  let over = false;
  return () => {
    if (over) return;
    over = true;
    under -= 1;
    if (under === 0) setFlagsFromString('--heap-growing-percent=0');
  };
}
