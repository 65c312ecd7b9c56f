import { type Command, type Surroundings, UsageError } from '../command.ts';

type Part = (args: readonly string[], around: Surroundings) => Promise<number>;

/** Loaded when called: a trusted list's XML has no part in checking a presentation. */
const parts: Readonly<Record<string, () => Promise<Part>>> = {
  check: async () => (await import('./age-check.ts')).check,
  trust: async () => (await import('./age-trust.ts')).trust,
};

export const age: Command = {
  summary:
    'Checks presentations of a proof of age; imports the list of those who may issue them. Needs no server.',
  usage: 'check FILE [--json] | trust import FILE --signer SHA256 [--out FILE] | trust show',
  async run([name = '', ...args], around) {
    const load = Object.hasOwn(parts, name) ? parts[name] : undefined;
    if (load === undefined) throw new UsageError('age has two parts, check and trust:');
    return (await load())(args, around);
  },
};
