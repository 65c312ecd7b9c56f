import { parseArgs } from 'node:util';
import { bankHashes, DIHEDRALS, toHex } from '@accord/perceptual';
import { type Command, UsageError } from '../command.ts';
import { forEachPicture, isRefused, table } from '../pictures.ts';

export const hash: Command = {
  summary:
    'PDQ of picture files: a table, with --json an array with the eight dihedral hashes, with --bank the lines of a bank.',
  usage: 'FILE… [--json | --bank]',
  async run(args, around) {
    const { values, positionals: files } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean', default: false }, bank: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    if (files.length === 0) throw new UsageError('hash wants the names of one or more picture files.');
    if (values.json && values.bank) throw new UsageError('--json and --bank exclude each other.');
    const outcomes = await forEachPicture(files, around, (engine, picture) => {
      const { hashes, quality } = engine.dihedral(picture);
      const dihedral = DIHEDRALS.map((name) => toHex(hashes[name]));
      const banked = values.bank ? bankHashes(engine, picture).hashes.map((one) => toHex(one.hash)) : [];
      return { pdq: toHex(hashes.original), quality, dihedral, banked };
    });
    const refused = outcomes.filter(isRefused);
    if (values.json) {
      const shown = outcomes.map((one) => (isRefused(one) ? one : { ...one, banked: undefined }));
      around.out(JSON.stringify(shown, null, 2));
    } else if (values.bank) {
      for (const one of outcomes)
        if (!isRefused(one)) for (const line of one.banked) around.out(`${line} ${one.file}`);
    } else {
      const rows = outcomes.map((one) =>
        isRefused(one) ? [one.file, one.error, ''] : [one.file, one.pdq, `${one.quality}`],
      );
      for (const line of table([['file', 'pdq', 'quality'], ...rows])) around.out(line);
    }
    for (const { file, why } of refused) around.err(`${file}: ${why}`);
    return refused.length === 0 ? 0 : 1;
  },
};
