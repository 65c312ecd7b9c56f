import { type ChildProcess, fork } from 'node:child_process';
import type { VariantKind } from '@accord/perceptual';
import { Refusal } from '../platform/refusal.ts';

/** `plain`: the PDQ alone. `bank`: with the further hashes that a bank keeps. `query`: with those that find edited copies. */
type Depth = 'plain' | 'bank' | 'query';

export interface HashQuestion {
  readonly call: number;
  readonly file: Uint8Array;
  readonly depth: Depth;
}

export interface Hashed {
  readonly pdq: string;
  readonly quality: number;
  readonly variants: readonly {
    readonly kind: VariantKind;
    readonly hash: Buffer;
    readonly anchor?: number;
  }[];
}

export type HashReply =
  | { readonly call: number; readonly hashed: Hashed }
  | { readonly call: number; readonly refused: string };

/** What came of a picture: its hashes, or the code of why it has none. */
export type HashOutcome = Hashed | { readonly refused: string };

/** Pictures that wait at most; who comes later is asked to come again. */
const mostWaiting = 64;
/** One picture takes seconds at worst; a process that is silent for longer hangs. */
const patienceMs = 30_000;
/** A process that had nothing to do for so long ends. */
const idleMs = 60_000;

interface Waiting {
  readonly file: Uint8Array;
  readonly depth: Depth;
  readonly done: (outcome: HashOutcome) => void;
  readonly failed: (error: unknown) => void;
}

/** Hashes pictures one after another in a process of its own, which is started at the first one. */
export class Hasher {
  readonly #queue: Waiting[] = [];
  #child: ChildProcess | undefined;
  #busy = false;
  #calls = 0;
  #idle: NodeJS.Timeout | undefined;

  /** @throws {Refusal} `slow_down` when too many wait, `unavailable` when the process broke on this one */
  hash(file: Uint8Array, depth: Depth): Promise<HashOutcome> {
    if (this.#queue.length >= mostWaiting) throw new Refusal('slow_down', { retryAfter: 5 });
    return new Promise((done, failed) => {
      this.#queue.push({ file, depth, done, failed });
      void this.#next();
    });
  }

  close(): void {
    clearTimeout(this.#idle);
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  async #next(): Promise<void> {
    if (this.#busy) return;
    const one = this.#queue.shift();
    if (one === undefined) return;
    this.#busy = true;
    clearTimeout(this.#idle);
    try {
      one.done(await this.#ask(one));
    } catch (error) {
      one.failed(error);
    } finally {
      this.#busy = false;
      this.#idle = setTimeout(() => this.close(), idleMs).unref();
      void this.#next();
    }
  }

  #ask({ file, depth }: Waiting): Promise<HashOutcome> {
    this.#child ??= started();
    const child = this.#child;
    const call = ++this.#calls;
    return new Promise((resolve, reject) => {
      const end = (outcome: () => void) => {
        clearTimeout(timer);
        child.off('message', told);
        child.off('exit', broken);
        outcome();
      };
      const broken = () => {
        if (this.#child === child) this.#child = undefined;
        end(() => reject(new Refusal('unavailable', { retryAfter: 2 })));
      };
      const told = (reply: HashReply) => {
        if (reply.call !== call) return;
        end(() => resolve('refused' in reply ? { refused: reply.refused } : reply.hashed));
      };
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      child.on('message', told);
      child.once('exit', broken);
      child.send({ call, file, depth } satisfies HashQuestion, (error) => {
        if (error !== null) child.kill('SIGKILL');
      });
    });
  }
}

function started(): ChildProcess {
  const child = fork(new URL('./hasher-child.ts', import.meta.url), {
    serialization: 'advanced',
    // Nothing of our settings: a decoder that is taken over finds no password.
    env: {},
    execArgv: [],
    stdio: 'ignore',
  });
  child.on('error', () => child.kill('SIGKILL'));
  // Does not keep the server from ending.
  child.unref();
  child.channel?.unref();
  return child;
}
