import { randomBytes } from 'node:crypto';
import type { Queries } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import { addAnswers } from './answers.ts';
import { gateHandlers } from './handlers.ts';
import { dayOf, endOf, mayTalk, type Rules, skewMs } from './may-talk.ts';
import { countOutcomes } from './metrics.ts';
import type { Parts } from './parts.ts';
import { openPepper, pepperPath } from './pepper.ts';
import { holdTo } from './pepper-mark.ts';
import { createProviderMethod } from './provider.ts';
import { type AgeSetup, provesAge, readAgeSetup, rulesOf } from './setup.ts';
import { spentPurges } from './spent.ts';
import { createTestMethod } from './test-wallet.ts';
import { countTries, triesPurge } from './tries.ts';
import { openTrustedList, type TrustedList } from './trusted-list.ts';
import type { AdultState, AgeMethod, Gate } from './types.ts';
import { readVisit, readVisits } from './visits.ts';
import { createWalletMethod } from './wallet.ts';

export { pepperPath, readPepper } from './pepper.ts';
export { forgetPepper, isOfPepper } from './pepper-mark.ts';
export { provesAge, readAgeSetup } from './setup.ts';
export { openTrustedList } from './trusted-list.ts';
export type { Gate } from './types.ts';

/** The gate with the policy and the methods that the configuration names. @throws {ConfigError} */
export function createGate(platform: Platform): Gate {
  const { config } = platform;
  const setup = readAgeSetup(config);
  // Where nothing is spent, nothing needs to outlive the process.
  const pepper = provesAge(setup) ? openPepper(platform.folder) : randomBytes(32);
  const list = setup.wallet ? openTrustedList(platform.folder, config.age.listGraceDays) : undefined;
  const methods = createMethods(platform, { setup, pepper, list });
  const taken = new Map(
    [...methods.values()].map(({ kind }) => [kind as string, rulesOf(kind, setup.policy)]),
  );
  const rules: Rules = { taken, policy: setup.policy };
  const adultState = readAdultState(platform, rules);
  const count = countOutcomes(platform.metrics);
  const { db, clock } = platform;
  const tries = countTries({ db, clock, pepper, most: setup.policy.tries });
  const parts: Parts = { platform, setup, methods, rules, pepper, list, adultState, count, tries };
  return {
    adultState,
    async assertMayTalk(caller) {
      if ((await adultState(caller)) === null) throw new Refusal('proof_required');
    },
    async whoMayTalk(callers) {
      const now = platform.clock();
      const found = await readVisits(platform.db, callers);
      return found.map(({ proof, visit }) => mayTalk(proof, visit, now, rules));
    },
    async forget(tx, accountId) {
      await tx.deleteFrom('adult').where('account_id', '=', accountId).execute();
    },
    async passkeysWent(tx, accountId) {
      const { numDeletedRows } = await tx
        .deleteFrom('adult')
        .where('account_id', '=', accountId)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('proof_passkey')
                .innerJoin('passkey', 'passkey.credential_id', 'proof_passkey.credential_id')
                .select('passkey.credential_id')
                .where('passkey.account_id', '=', accountId),
            ),
          ),
        )
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
    async start() {
      if (provesAge(setup)) await holdTo(db, pepper, pepperPath(platform.folder));
    },
    handlers: gateHandlers(parts),
    purges: [...gatePurges(platform, setup.policy), ...spentPurges(platform), triesPurge(db)],
    registerPages(app) {
      for (const method of methods.values()) method.pages?.(app);
      if (setup.wallet) addAnswers(app, parts);
    },
    adults(queries) {
      const now = platform.clock();
      return queries
        .selectFrom('adult')
        .select('account_id')
        .where('until', '>=', dayOf(now))
        .where('verified_on', '>=', firstDay(now, setup.policy))
        .where('verified_on', '<=', dayOf(now + skewMs))
        .where((where) => where.or([...taken].map(([method, policy]) => where.and({ method, policy }))));
    },
  };
}

function createMethods(
  { config, clock }: Platform,
  needs: {
    readonly setup: AgeSetup;
    readonly pepper: Uint8Array;
    readonly list: TrustedList | undefined;
  },
): ReadonlyMap<string, AgeMethod> {
  const { publicUrl } = config;
  const { setup, pepper, list } = needs;
  const make = (name: string): AgeMethod => {
    if (name === 'test') return createTestMethod({ publicUrl, clock });
    if (name === 'wallet' && list !== undefined) return createWalletMethod({ publicUrl, pepper, list });
    const profile = setup.providers.find(({ id }) => id === name);
    if (profile === undefined) throw new Error(`no method ${name}`);
    return createProviderMethod(profile, { publicUrl, clock });
  };
  return new Map(config.ageMethods.map((name) => [name, make(name)]));
}

function readAdultState(platform: Platform, rules: Rules): Gate['adultState'] {
  return async (caller, queries: Queries = platform.db): Promise<AdultState | null> => {
    const { proof, visit } = await readVisit(queries, caller);
    if (proof === null || !mayTalk(proof, visit, platform.clock(), rules)) return null;
    return { until: endOf(proof, rules.policy.days), method: proof.method };
  };
}

/** The first day of which a proof would still be good. */
const firstDay = (now: number, { days }: AgeSetup['policy']): string => dayOf(now - days * 86_400_000);

function gatePurges({ db, bus }: Platform, policy: AgeSetup['policy']): Gate['purges'] {
  return [
    {
      name: 'proof requests',
      async run(now) {
        const gone = await db
          .deleteFrom('proof_request')
          .where('expires_at', '<=', new Date(now))
          .executeTakeFirst();
        return Number(gone.numDeletedRows);
      },
    },
    {
      name: 'proofs that ran out',
      async run(now) {
        const ended = await db
          .deleteFrom('adult')
          .where((where) =>
            where.or([where('until', '<', dayOf(now)), where('verified_on', '<', firstDay(now, policy))]),
          )
          .returning('account_id')
          .execute();
        if (ended.length > 0) {
          const accountIds = ended.map((row) => row.account_id);
          bus.publish('notice', { accountIds, notice: { kind: 'proof_required' } });
        }
        return ended.length;
      },
    },
  ];
}
