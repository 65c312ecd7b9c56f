import type { Config } from '@accord/server/operations';

/** The world as a command sees it; tests give their own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The configuration, read when it is first asked for. @throws {ConfigError} */
  config(): Promise<Config>;
  readonly now: () => number;
  /** One line of what was asked for. */
  out(line: string): void;
  /** One line about what went wrong. */
  err(line: string): void;
  /** How far long work has come, and of how much where that is known; absent where nobody looks. */
  readonly progress?: (done: number, total?: number) => void;
}

/** One command of `accord`, in a file of its own under `commands/`. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the command's name, for its own help. */
  readonly usage: string;
  /** Returns the exit code. @throws {UsageError} when the arguments make no sense */
  run(args: readonly string[], around: Surroundings): Promise<number>;
}

/** Arguments that make no sense. The message is a sentence; the usage follows it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
