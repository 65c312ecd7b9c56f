import { type Command, type Surroundings, UsageError } from '../command.ts';

type Part = (args: readonly string[], around: Surroundings) => Promise<number>;

/** Loaded when called: a trusted list's XML has no part in checking a presentation. */
const parts: Readonly<Record<string, () => Promise<Part>>> = {
  check: async () => (await import('./age-check.ts')).check,
  pepper: async () => (await import('./age-pepper.ts')).pepper,
  trust: async () => (await import('./age-trust.ts')).trust,
};

export const age: Command = {
  summary:
    'Checks presentations of a proof of age; imports the list of those who may issue them; forgets a pepper that is lost.',
  usage: 'check FILE [--json] | trust import FILE --signer SHA256 [--out FILE] | trust show | pepper forget',
  async run([name = '', ...args], around) {
    const load = Object.hasOwn(parts, name) ? parts[name] : undefined;
    if (load === undefined) throw new UsageError('age has three parts, check, trust and pepper:');
    return (await load())(args, around);
  },
};
