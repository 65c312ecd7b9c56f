import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from '../platform/config.ts';
import { isLoopback } from '../platform/loopback.ts';

const inWords = z.strictObject({ en: z.string().min(1).max(400), fr: z.string().min(1).max(400) });
const httpUrl = z.url({ protocol: /^https?$/ });

/** An OpenID Connect provider of proofs of age, as the operator describes it. */
const profile = z.strictObject({
  /** What `ACCORD_AGE_METHODS` calls it. */
  id: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  name: inWords,
  /** What the provider learns about a person, said before they go there. */
  learns: inWords,
  issuer: httpUrl,
  /** Other origins of the issuer's that its discovery document may name. */
  origins: z.array(httpUrl).default([]),
  clientId: z.string().min(1).max(500),
  /** None for a public client: PKCE then stands alone. */
  clientSecret: z.string().min(1).max(500).optional(),
  scope: z
    .string()
    .max(500)
    .regex(/^openid( |$)/)
    .default('openid'),
  /** Further parameters of the authorization request, as `claims` or `acr_values`. */
  parameters: z.record(z.string().regex(/^[a-z_]{1,40}$/), z.string().max(2000)).default({}),
  /** `code` with PKCE; `id_token` where the provider knows the implicit flow alone. */
  flow: z.enum(['code', 'id_token']).default('code'),
  /** Where the claim is. */
  from: z.enum(['id_token', 'userinfo']).default('id_token'),
  /** The claim, by the names that lead to it, and the one value that says "adult". */
  expect: z.strictObject({
    path: z.array(z.string().min(1)).min(1).max(8),
    value: z.union([z.boolean(), z.string(), z.number()]),
  }),
  doubleBlind: z.boolean(),
  assurance: z.enum(['verified', 'estimated']),
});

const file = z.strictObject({ providers: z.array(profile).max(20) });

export type ProviderProfile = z.output<typeof profile>;

/** Parameters that are ours alone: a profile that named one could switch a check off. */
const reserved = new Set([
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'request',
  'request_uri',
]);

/** Names under which birth dates travel. A method that asks for one learns what nobody needs to know. */
const birth = /birth|dob\b|naissance|geburt|nacimiento/i;

/** Scopes and claims of OpenID Connect Core 1.0 (5.1, 5.4) that say who somebody is; the first brings a birth date unasked. */
const identifyingScopes = new Set(['profile', 'email', 'phone', 'address']);
const identifyingClaims =
  /"(name|(given|family|middle)_name|nickname|preferred_username|profile|picture|email|phone_number|address)"/;

/** What a provider says of somebody who is no adult, or of whom it knows nothing. */
const saysNo = /^$|^(0|none|null|unknown)$|\b(false|no)$/i;

/**
 * Reads the file of providers.
 * @param trial on this machine alone a provider may be reached without TLS
 * @throws {ConfigError}
 */
export function readProfiles(path: string, trial: boolean): readonly ProviderProfile[] {
  const say = (why: string): never => {
    throw new ConfigError(`ACCORD_AGE_PROVIDERS: ${path} ${why}.`);
  };
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return say(code === undefined ? 'is not JSON' : `can't be read (${code})`);
  }
  const parsed = file.safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return say(`is not a list of providers: ${issue?.path.join('.') || 'it'}: ${issue?.message}`);
  }
  const secret = parsed.data.providers.some(({ clientSecret }) => clientSecret !== undefined);
  if (secret && (statSync(path).mode & 0o077) !== 0)
    return say('holds a secret that others can read: chmod 600 it');
  for (const one of parsed.data.providers) {
    const wrong = mistakeOf(one, trial);
    if (wrong !== undefined) return say(`describes ${one.id} in an unsafe way: ${wrong}`);
  }
  return parsed.data.providers;
}

function mistakeOf(one: ProviderProfile, trial: boolean): string | undefined {
  if (one.id === 'wallet' || one.id === 'test') return 'wallet and test are names of ours';
  for (const address of [one.issuer, ...one.origins]) {
    const { protocol, hostname } = new URL(address);
    if (protocol !== 'https:' && !(trial && isLoopback(hostname))) return `${address} is not https`;
  }
  const named = Object.keys(one.parameters).find((name) => reserved.has(name));
  if (named !== undefined) return `${named} is set by Accord`;
  const asked = [one.scope, ...Object.values(one.parameters), ...one.expect.path];
  if (asked.some((words) => birth.test(words))) {
    return 'it asks for a date of birth, and only "adult or not" may reach us';
  }
  const who = one.scope.split(' ').find((scope) => identifyingScopes.has(scope));
  if (who !== undefined || asked.some((words) => identifyingClaims.test(words))) {
    return `it asks who somebody is${who === undefined ? '' : ` (${who})`}, and only "adult or not" may reach us`;
  }
  if (saysNo.test(String(one.expect.value))) {
    return `the value expected of an adult is ${JSON.stringify(one.expect.value)}`;
  }
  if (!/^\d{1,9}$/.test(one.parameters.max_age ?? '0')) return 'max_age is no number of seconds';
  if (one.flow === 'id_token' && one.from === 'userinfo') return 'the id_token flow has no userinfo';
  return undefined;
}
