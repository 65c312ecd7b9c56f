import { sql } from 'kysely';
import { beginChange, findBank } from './bank-store.ts';
import type { Parts } from './parts.ts';
import { say, wordOf } from './signal-store.ts';
import { type BankMatch, type Claims, ownBanks } from './types.ts';

/** Each case is a source of its own: what one claims, no other can release. */
const sourcePrefix = 'case:';
const sourceOf = (caseId: string): string => sourcePrefix + caseId;

/** Cases whose claims stand on these pictures. */
export const claimants = (matches: readonly BankMatch[]): string[] => [
  ...new Set(
    matches
      .flatMap(({ opinions }) => opinions)
      .filter(
        ({ bank, source, withdrawn }) =>
          !withdrawn && bank === ownBanks.claimed && source.startsWith(sourcePrefix),
      )
      .map(({ source }) => source.slice(sourcePrefix.length)),
  ),
];

export function createClaims({ platform, library }: Parts): Claims {
  const { db, clock } = platform;
  return {
    async claim(caseId, signals) {
      const opinion = { category: 'positive', at: new Date(clock()) } as const;
      const words = signals.map((signal) => wordOf({ ...signal, opinion }));
      await say(db, ownBanks.claimed, words, { source: sourceOf(caseId), now: clock() });
      await library.changed();
    },

    async release(caseId, outcome) {
      const source = sourceOf(caseId);
      const now = new Date(clock());
      await db.transaction().execute(async (tx) => {
        await beginChange(tx);
        const claimed = (await findBank(tx, ownBanks.claimed)).id;
        if (outcome === 'decided') {
          const decided = (await findBank(tx, ownBanks.decided)).id;
          await sql`
            insert into bank_opinion (signal_id, bank_id, source, category, tags, confidence, at, withdrawn)
            select signal_id, ${sql.lit(decided)}, source, 'positive', tags, confidence, ${now}, false from bank_opinion
            where bank_id = ${sql.lit(claimed)} and source = ${source} and not withdrawn
            on conflict (signal_id, bank_id, source) do update
              set category = 'positive', at = excluded.at, withdrawn = false`.execute(tx);
        }
        await tx
          .updateTable('bank_opinion')
          .set({ withdrawn: true, at: now })
          .where('bank_id', '=', claimed)
          .where('source', '=', source)
          .execute();
      });
      await library.changed();
    },
  };
}
