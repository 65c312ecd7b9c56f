import type { Parts } from './parts.ts';
import type { Exchange } from './types.ts';

/*
 * What may be told to peers at all: pictures of cases of ours, never what a peer sent. There is no other way in.
 */

export const sharesOf = ({ db }: Parts): Pick<Exchange, 'share' | 'takeBack'> => ({
  async share(caseId, about, hashes) {
    if (hashes.length === 0) return;
    await db
      .insertInto('exchange_share')
      .values(hashes.map((hash) => ({ case_id: caseId, hash: Buffer.from(hash), about })))
      .onConflict((conflict) => conflict.columns(['case_id', 'hash']).doUpdateSet({ about }))
      .execute();
  },
  async takeBack(caseId) {
    await db.deleteFrom('exchange_share').where('case_id', '=', caseId).execute();
  },
});
