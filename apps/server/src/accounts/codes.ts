import { createHash } from 'node:crypto';
import type { Tx } from '../platform/database.ts';
import type { Handlers } from '../platform/http.ts';
import { lockAccount, type SealedIdentity } from './enrolment.ts';
import { fromBase64url } from './keys.ts';
import { type Parts, refusingCollisions } from './parts.ts';

/** Milliseconds in which a link code brings in the next device. */
const linkMs = 10 * 60_000;

/** Under what a code is found. The code itself never reaches us, and its id is not kept. */
export const codeHash = (id: string): Buffer => createHash('sha256').update(fromBase64url(id)).digest();

/** Stores a code in place of the account's other one of that kind. Hold the account's row. */
export async function replaceCode(
  tx: Tx,
  accountId: string,
  code: SealedIdentity & { readonly kind: 'recovery' | 'link'; readonly expiresAt: Date | null },
): Promise<void> {
  await tx
    .deleteFrom('return_code')
    .where('account_id', '=', accountId)
    .where('kind', '=', code.kind)
    .execute();
  await tx
    .insertInto('return_code')
    .values({
      id_hash: codeHash(code.id),
      kind: code.kind,
      account_id: accountId,
      sealed_identity: fromBase64url(code.sealedIdentity),
      expires_at: code.expiresAt,
    })
    .execute();
}

export function codeHandlers({
  platform,
}: Parts): Handlers<'accounts.links.create' | 'accounts.recovery.replace'> {
  const store = (accountId: string, code: Parameters<typeof replaceCode>[2]) =>
    refusingCollisions(() =>
      platform.db.transaction().execute(async (tx) => {
        await lockAccount(tx, accountId);
        await replaceCode(tx, accountId, code);
      }),
    );
  return {
    async 'accounts.links.create'({ caller, body }) {
      const expiresAt = platform.clock() + linkMs;
      await store(caller.accountId, { ...body, kind: 'link', expiresAt: new Date(expiresAt) });
      return { expiresAt };
    },
    async 'accounts.recovery.replace'({ caller, body }) {
      await store(caller.accountId, { ...body, kind: 'recovery', expiresAt: null });
      return {};
    },
  };
}
