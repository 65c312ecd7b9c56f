import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withOpenDatabase, yearlyReport } from '@accord/server/operations';
import { type Command, UsageError } from '../command.ts';

const day = /^\d{4}-\d\d-\d\d$/;

interface Asked {
  readonly year: number;
  readonly folder: string;
  readonly provider: string | undefined;
  readonly previous: string;
}

function read(args: readonly string[], now: number): Asked {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      year: { type: 'string' },
      provider: { type: 'string' },
      previous: { type: 'string' },
    },
  });
  const [what, folder, ...rest] = positionals;
  const year = Number(values.year);
  const past = /^20\d\d$/.test(values.year ?? '') && year <= new Date(now).getUTCFullYear();
  if (what !== 'yearly' || folder === undefined || rest.length > 0 || !past) {
    throw new UsageError(
      'transparency has one form; --year is a year that has begun, and FOLDER is made where it is not there.',
    );
  }
  if (values.previous !== undefined && !day.test(values.previous)) {
    throw new UsageError('--previous is the day of the last report, as 2026-02-28.');
  }
  return { year, folder, provider: values.provider, previous: values.previous ?? '' };
}

export const transparency: Command = {
  summary:
    'The yearly report of the Digital Services Act as the CSV files of Implementing Regulation (EU) 2024/2835.',
  usage: 'yearly --year YYYY [--provider NAME] [--previous YYYY-MM-DD] FOLDER',
  async run(args, around) {
    const { year, folder, provider, previous } = read(args, around.now());
    const config = await around.config();
    return withOpenDatabase(config, async (db) => {
      const { files, smallCells } = await yearlyReport(
        { db },
        {
          year,
          provider: provider ?? config.publicUrl.host,
          service: 'Accord',
          publishedOn: new Date(around.now()).toISOString().slice(0, 10),
          previousOn: previous,
        },
      );
      await mkdir(folder, { recursive: true });
      for (const { name, text } of files) await writeFile(join(folder, name), text);
      around.out(`${files.length} files for ${year} are in ${folder}.`);
      if (new Date(around.now()).getUTCFullYear() === year) around.err(`${year} is not over yet.`);
      if (smallCells > 0) {
        around.err(
          `${smallCells} cells are between one and four: look whether somebody could be found by them before you publish.`,
        );
      }
      return 0;
    });
  },
};
