import type { Clock, Ports } from './core/ports.ts';
import { IdbBackend } from './idb-backend.ts';

/** What the core takes from the browser alone, without the server. */
export type OwnPorts = Pick<Ports, 'backend' | 'clock' | 'random'>;

const clock: Clock = {
  now: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

export const ownPorts = (): OwnPorts => ({
  backend: new IdbBackend(),
  clock,
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
});
