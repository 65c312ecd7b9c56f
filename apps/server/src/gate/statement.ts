import type { Reply } from '@accord/protocol';
import type { Parts } from './parts.ts';
import { type AgePolicy, policyFor } from './policy.ts';

type Statement = Reply<'gate.statement'>;

/** The methods as a person is told of them. */
export async function toldMethods({ methods, platform }: Parts): Promise<Statement['methods']> {
  const now = platform.clock();
  return Promise.all(
    [...methods.values()].map(async (method) => {
      const { id, kind, name, learns, doubleBlind, assurance } = method;
      return { id, kind, name, learns, doubleBlind, assurance, available: await method.available(now) };
    }),
  );
}

export const termsOf = ({ reopen, idleMinutes, openHours, days, tries }: AgePolicy): Statement['terms'] => ({
  reopen,
  idleMinutes,
  openHours,
  days,
  tries,
});

/** The practice statement that ISO/IEC 27566-1 asks a relying party to publish, from what holds here. */
export async function statement(parts: Parts): Promise<Statement> {
  const { platform, setup, list } = parts;
  const { policy } = setup;
  const { age } = platform.config;
  const state = await list?.state(platform.clock());
  return {
    jurisdictions: [...age.policy],
    version: policy.version,
    terms: termsOf(policy),
    methods: await toldMethods(parts),
    asks: {
      methods: policy.minMethods,
      doubleBlind: policy.doubleBlind,
      estimates: policy.estimates,
      // An operator may take the passkey where the policy asks for a proof: both are said.
      reopen: policyFor(age.policy).reopen,
    },
    listUntil: state !== undefined && 'until' in state ? state.until : null,
    listGraceDays: age.listGraceDays,
  };
}
