import { settingsOf } from '@accord/server/operations';
import { type Command, UsageError } from '../command.ts';

export const config: Command = {
  summary: 'Shows the settings that hold, passwords left out; fails on one that can’t be read.',
  usage: 'check',
  async run(args, around) {
    if (args.length !== 1 || args[0] !== 'check') throw new UsageError('config has one form:');
    for (const [name, value] of Object.entries(settingsOf(await around.config())))
      around.out(`${name}=${value}`);
    return 0;
  },
};
