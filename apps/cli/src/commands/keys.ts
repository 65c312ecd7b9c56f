import { dataFolder, type KeyPurpose, keyPurposes, listKeys, rotateKey } from '@accord/server/operations';
import { type Command, UsageError } from '../command.ts';

const meaning: Readonly<Record<KeyPurpose, string>> = {
  franking: 'tags of delivered messages; a new one every month by itself',
  moderation: 'what reports are sealed to',
};

const isPurpose = (word: string | undefined): word is KeyPurpose =>
  (keyPurposes as readonly string[]).includes(word ?? '');

export const keys: Command = {
  summary:
    'The keys in the data folder: lists them by id and day, or makes a new one of a kind. Never shows a secret.',
  usage: `list | rotate ${keyPurposes.join('|')}`,
  async run(args, around) {
    const [what, purpose, ...rest] = args;
    const listing = what === 'list' && purpose === undefined;
    const rotating = what === 'rotate' && isPurpose(purpose) && rest.length === 0;
    if (!listing && !rotating) throw new UsageError('keys has two forms.');
    const folder = await dataFolder(await around.config());
    if (rotating) {
      const { kid } = await rotateKey(folder, purpose, around.now());
      around.out(`The new ${purpose} key is ${kid}. Older ones still open or check what they made.`);
      around.out('Restart the server to use it at once.');
      return 0;
    }
    for (const kind of keyPurposes) {
      around.out(`${kind}: ${meaning[kind]}`);
      const found = await listKeys(folder, kind);
      for (const { kid, madeAt } of found) around.out(`    ${kid}  since ${new Date(madeAt).toISOString()}`);
      if (found.length === 0) around.out('    none yet: the first npm start makes one');
    }
    return 0;
  },
};
