import { forgetPepper, withOpenDatabase } from '@accord/server/operations';
import { type Surroundings, UsageError } from '../command.ts';

/** `age pepper forget`, when the file is lost: what was spent under it can't be told any more. */
export async function pepper(args: readonly string[], around: Surroundings): Promise<number> {
  if (args.length !== 1 || args[0] !== 'forget') throw new UsageError('age pepper has one part, forget.');
  const count = await withOpenDatabase(await around.config(), (db) => forgetPepper(db));
  around.out(
    `Forgotten: ${count} ${count === 1 ? 'proof that was shown' : 'proofs that were shown'} can be shown once more.`,
  );
  around.out('The next npm start takes the pepper of its data folder, or makes one.');
  return 0;
}
