import { closeReport, type WaitingReport, waitingReports, withOpenDatabase } from '@accord/server/operations';
import { type Command, UsageError } from '../command.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a member typed can't steer a terminal: control characters are shown as what they are. */
const harmless = (text: string): string =>
  text.replaceAll(/\p{Cc}/gu, (char) =>
    char === '\n' ? '\n    ' : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );

function show(report: WaitingReport): string {
  const about =
    report.about === null
      ? 'an account that is gone'
      : `${harmless(report.about.pseudonym)} (${report.about.id})`;
  const proof =
    report.proof === null ? '' : `\n    from an encrypted conversation, ${report.proof}; read at the desk`;
  const head = `${report.id}  ${report.createdAt.toISOString()}  ${report.reason}\n    about ${about}${proof}`;
  return report.words === '' ? head : `${head}\n    ${harmless(report.words)}`;
}

export const reports: Command = {
  summary: 'Members’ reports that wait for the operator: lists them, or closes one.',
  usage: 'list | close ID',
  async run(args, around) {
    const [what, id, ...rest] = args;
    const listing = what === 'list' && id === undefined;
    const closing = what === 'close' && id !== undefined && uuid.test(id) && rest.length === 0;
    if (!listing && !closing) throw new UsageError('reports has two forms; an ID is as list shows it.');
    return withOpenDatabase(await around.config(), async (db) => {
      if (closing) {
        const closed = await closeReport(db, id, new Date(around.now()));
        around.out(closed ? `Closed ${id}.` : `No report ${id} is waiting.`);
        return closed ? 0 : 1;
      }
      const waiting = await waitingReports(db);
      for (const report of waiting) around.out(show(report));
      around.out(waiting.length === 0 ? 'No report is waiting.' : `${waiting.length} waiting.`);
      return 0;
    });
  },
};
