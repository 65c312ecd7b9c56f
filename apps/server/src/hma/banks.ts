import type { Hma } from '@accord/protocol/partners';
import type { Bank } from '../matching/types.ts';
import type { PartnerHandlers } from '../partners/index.ts';
import { Refusal } from '../platform/refusal.ts';
import { bankOf, ownBankOf, type Parts } from './parts.ts';
import { contentTypes, readSignalType, refuse, signalTypes } from './signals.ts';

export const shownBank = ({ name, enabled }: Bank) => ({ name, matching_enabled_ratio: enabled ? 1 : 0 });

/** On or off. A share of lookups that miss by chance is not to be had. @throws {HmaRefusal} 400 */
function isOn(enabled: boolean | null | undefined, ratio: number | null | undefined): boolean | undefined {
  if (ratio === null || ratio === undefined) return enabled ?? undefined;
  if (ratio === 0 || ratio === 1) return ratio === 1;
  throw refuse(400, 'a bank matches (1) or it does not (0): no share of lookups is left to chance');
}

/** By HMA's rule, which is stricter than ours. @throws {HmaRefusal} 400 */
function assertName(name: string): void {
  if (!/^[A-Z_][A-Z0-9_]{0,63}$/.test(name)) {
    throw refuse(400, 'Bank names must be UPPER_WITH_UNDERSCORE: /^[A-Z_][A-Z0-9_]*$/');
  }
}

const tooMany = (error: unknown): never => {
  if (error instanceof Refusal && error.code === 'invalid_input')
    throw refuse(400, 'there are 31 banks at most');
  throw error;
};

type BankRoute =
  | 'banks.list'
  | 'banks.create'
  | 'bank.read'
  | 'bank.update'
  | 'bank.delete'
  | 'signalTypes.list'
  | 'signalTypes.update'
  | 'contentTypes.list';

export function bankHandlers(parts: Parts): Pick<PartnerHandlers<Hma>, BankRoute> {
  const { banks } = parts.matching;
  const taken = (name: string) => banks.known().some((bank) => bank.name === name);
  return {
    'banks.list': async ({ partner }) => parts.seen(partner.key).map(shownBank),
    async 'banks.create'({ body, partner }) {
      assertName(body.name);
      const on = isOn(body.enabled, body.enabled_ratio) ?? true;
      if (partner.key.banks !== null) throw refuse(403, 'this key is for banks that are there');
      if (taken(body.name)) throw refuse(403, 'Bank already exists');
      const { name, purpose = 'review' } = body;
      const bank = await banks.create({ name, purpose, source: 'hma', owner: 'own' }).catch(tooMany);
      if (!on) await banks.enable(name, false);
      return shownBank({ ...bank, enabled: on });
    },
    'bank.read': async ({ params, partner }) => shownBank(bankOf(parts, partner.key, params.bankName)),
    async 'bank.update'({ params, body, partner }) {
      const bank = ownBankOf(parts, partner.key, params.bankName);
      const on = isOn(body.enabled, body.enabled_ratio) ?? bank.enabled;
      const name = body.name ?? bank.name;
      assertName(name);
      if (name !== bank.name && taken(name)) throw refuse(403, 'Bank name already exists');
      if (name !== bank.name) await banks.rename(bank.name, name);
      if (on !== bank.enabled) await banks.enable(name, on);
      return shownBank({ ...bank, name, enabled: on });
    },
    async 'bank.delete'({ params, partner }) {
      const there = parts.seen(partner.key).some(({ name }) => name === params.bankName);
      if (there) await banks.remove(ownBankOf(parts, partner.key, params.bankName).name);
      return { message: 'Done' };
    },
    'signalTypes.list': async () => signalTypes.map((name) => ({ name, enabled_ratio: 1 })),
    async 'signalTypes.update'({ params, body }) {
      readSignalType(params.signalType);
      if (Number(body.enabled_ratio) !== 1) throw refuse(400, 'a type of hash is always on');
      return undefined;
    },
    'contentTypes.list': async () => contentTypes.map((name) => ({ name, enabled: true })),
  };
}
