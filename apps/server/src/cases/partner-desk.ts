import { randomUUID } from 'node:crypto';
import type { CaseState } from '@accord/case-model';
import { Refusal } from '../platform/refusal.ts';
import { ask, type FollowUp, followUpOf, phasesOf, type ReporterRow } from './follow.ts';
import { type Filed, type Filing, fileRequest } from './intake.ts';
import type { Parts } from './parts.ts';

/**
 * Requests that another platform files and follows, by the desk's own number. The platform is known by its key, so that no PIN
 * is asked; whose a number is, `partners` looks after.
 */
export interface PartnerDesk {
  file(filing: Filing): Promise<Filed>;
  /** @throws {Refusal} `not_found` for these and those below */
  read(number: string): Promise<FollowUp>;
  /** Where each of these stands; one that is not there is not among them. */
  phases(numbers: readonly string[]): Promise<ReadonlyMap<string, CaseState['phase']>>;
  say(number: string, words: string): Promise<void>;
  appeal(number: string, words: string): Promise<void>;
  withdraw(number: string): Promise<void>;
}

export function createPartnerDesk(parts: Parts): PartnerDesk {
  const find = async (number: string): Promise<ReporterRow> => {
    const row = await parts.platform.db
      .selectFrom('case_reporter')
      .selectAll()
      .where('number', '=', number)
      .executeTakeFirst();
    if (row === undefined) throw new Refusal('not_found');
    return row;
  };
  return {
    file: (filing) => fileRequest(parts, filing),
    phases: (numbers) => phasesOf(parts, numbers),
    read: async (number) => followUpOf(parts, await find(number)),
    say: async (number, words) => ask(parts, await find(number), { kind: 'message', to: 'desk', words }),
    async appeal(number, words) {
      await ask(parts, await find(number), {
        kind: 'appeal',
        appealId: randomUUID(),
        side: 'reporter',
        words,
      });
    },
    async withdraw(number) {
      const reporter = await find(number);
      await ask(parts, reporter, { kind: 'withdraw', reporterId: reporter.id });
    },
  };
}
