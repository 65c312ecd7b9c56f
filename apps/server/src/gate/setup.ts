import { type Config, ConfigError } from '../platform/config.ts';
import { isLoopback } from '../platform/loopback.ts';
import { type AgePolicy, policyFor, trialPolicy } from './policy.ts';
import { type ProviderProfile, readProfiles } from './profiles.ts';

/** What the configuration comes to: the policy that holds and the methods that are on. */
export interface AgeSetup {
  readonly policy: AgePolicy;
  readonly wallet: boolean;
  readonly test: boolean;
  /** Those that `ACCORD_AGE_METHODS` names, in its order. */
  readonly providers: readonly ProviderProfile[];
}

/** Whether a setup has anything that proves an age. */
export const provesAge = (setup: AgeSetup): boolean => setup.wallet || setup.providers.length > 0;

/**
 * Reads what the gate is to be. What the law of the named jurisdictions does not allow is refused here, before
 * anything starts, by a sentence that names the setting.
 * @throws {ConfigError}
 */
export function readAgeSetup({ ageMethods, age, publicUrl }: Config): AgeSetup {
  const profiles = age.providersFile === undefined ? [] : readProfiles(age.providersFile, age.trial);
  const ids = profiles.map(({ id }) => id);
  if (new Set(ids).size !== ids.length) {
    throw new ConfigError(`ACCORD_AGE_PROVIDERS: ${age.providersFile} describes a provider twice.`);
  }
  const named = ageMethods.filter((name) => name !== 'wallet' && name !== 'test');
  const providers = named.map((name) => {
    const found = profiles.find(({ id }) => id === name);
    if (found !== undefined) return found;
    throw new ConfigError(
      `ACCORD_AGE_METHODS names ${name}, which ${age.providersFile ?? 'no file'} does not describe.`,
    );
  });
  const asked = policyFor(age.policy);
  const policy: AgePolicy = {
    ...asked,
    reopen: age.reopen ?? asked.reopen,
    days: shorter('ACCORD_AGE_DAYS', age.days, asked.days),
    idleMinutes: shorter('ACCORD_AGE_IDLE_MINUTES', age.idleMinutes, asked.idleMinutes),
  };
  const setup = {
    policy,
    providers,
    wallet: ageMethods.includes('wallet'),
    test: ageMethods.includes('test'),
  };
  if (provesAge(setup)) checkLaw(setup, age.policy, publicUrl);
  return setup;
}

/** A limit of the operator's, which may only be stricter than the policy's. */
function shorter<L extends number | null>(name: string, given: number | undefined, limit: L): number | L {
  if (given === undefined) return limit;
  if (limit !== null && given > limit) {
    throw new ConfigError(`${name} is ${given}, and ACCORD_AGE_POLICY allows ${limit} at most.`);
  }
  return given;
}

/** Whether a host is of the same name as ours, above or below it: then it is the operator's own. */
function isOurs(host: string, { hostname }: URL): boolean {
  if (isLoopback(hostname)) return false;
  return host === hostname || host.endsWith(`.${hostname}`) || hostname.endsWith(`.${host}`);
}

function checkLaw({ policy, wallet, providers }: AgeSetup, names: readonly string[], publicUrl: URL): void {
  const where = `ACCORD_AGE_POLICY is ${names.join(',')}`;
  // One provider that is described twice is one that can be away.
  const issuers = new Set(providers.map(({ issuer }) => new URL(issuer).origin));
  const count = (wallet ? 1 : 0) + issuers.size;
  if (count < policy.minMethods) {
    throw new ConfigError(
      `${where}, which asks for ${policy.minMethods} methods of proof, and ACCORD_AGE_METHODS names ${count} that prove${count === 1 ? 's' : ''} anything${issuers.size < providers.length ? ' (descriptions of one issuer are one)' : ''}.`,
    );
  }
  if (policy.doubleBlind && !wallet && !providers.some((one) => one.doubleBlind)) {
    throw new ConfigError(
      `${where}, which asks for a double-blind method, and ACCORD_AGE_METHODS names none: add wallet.`,
    );
  }
  const own = providers.find(({ issuer }) => isOurs(new URL(issuer).hostname, publicUrl));
  if (own !== undefined && policy.independent) {
    throw new ConfigError(
      `${where}, which asks for proofs by a third party, and ${own.id} is of our own address: ${own.issuer}.`,
    );
  }
  const estimate = providers.find((one) => one.assurance === 'estimated');
  if (estimate !== undefined && !policy.estimates) {
    throw new ConfigError(
      `${where}, which takes no estimated age, and ACCORD_AGE_METHODS names ${estimate.id}, which estimates.`,
    );
  }
}

/** The rules by which a kind of method is judged: what `adult.policy` keeps. */
export const rulesOf = (kind: 'test' | 'wallet' | 'provider', policy: AgePolicy): string =>
  kind === 'test' ? trialPolicy.version : policy.version;
