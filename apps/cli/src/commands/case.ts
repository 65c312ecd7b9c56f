import { verifyFolder } from '@accord/server/operations';
import { type Command, UsageError } from '../command.ts';

export const caseCommand: Command = {
  summary:
    'Verifies an exported evidence folder, offline; names the first entry that is not what was signed.',
  usage: 'verify FOLDER',
  async run(args, around) {
    const [what, folder, ...rest] = args;
    if (what !== 'verify' || folder === undefined || rest.length > 0) {
      throw new UsageError('case has one form, and FOLDER is where the evidence lies:');
    }
    const { ok, sentence } = verifyFolder(folder);
    (ok ? around.out : around.err)(sentence);
    return ok ? 0 : 1;
  },
};
