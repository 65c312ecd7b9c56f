import * as oidc from 'openid-client';
import { Refusal } from '../platform/refusal.ts';
import { guardedFetch, ProviderAway } from './guarded-fetch.ts';
import type { ProviderProfile } from './profiles.ts';
import type { AgeMethod, AgeVerdict, ProofRequest } from './types.ts';

const hourMs = 3_600_000;
const patienceMs = 5 * 60_000;
const longestAnswer = 16_384;

const text = (secret: Buffer): string => secret.toString('base64url');

/** `state` names the request, so that the page that comes back knows which one to finish, and carries its secret. */
const stateOf = (request: ProofRequest): string => `${request.proofId}.${text(request.secret('state'))}`;

/**
 * A generic OpenID Connect relying party (code flow with PKCE, or the implicit flow for an ID token): state, nonce
 * and verifier are the request's secrets. Of what comes back one claim is compared with one value, and all of it is
 * forgotten.
 */
export function createProviderMethod(
  profile: ProviderProfile,
  needs: { readonly publicUrl: URL; readonly clock: () => number },
): AgeMethod {
  const redirectUri = new URL('/gate', needs.publicUrl).href;
  const configuration = keptConfiguration(profile, needs.clock);
  return {
    id: profile.id,
    kind: 'provider',
    name: profile.name,
    learns: profile.learns,
    doubleBlind: profile.doubleBlind,
    assurance: profile.assurance,
    ways: ['page'],
    patienceMs: () => patienceMs,
    available: async () => true,
    async present(request) {
      const config = await unavailableIfAway(configuration);
      const ofFlow = profile.flow === 'id_token' ? {} : await codeParameters(config, request);
      const url = oidc.buildAuthorizationUrl(config, {
        ...profile.parameters,
        ...ofFlow,
        redirect_uri: redirectUri,
        scope: profile.scope,
        state: stateOf(request),
        nonce: text(request.secret('nonce')),
      });
      return { kind: 'redirect', url: url.href };
    },
    async judge(response, request): Promise<AgeVerdict> {
      if (typeof response !== 'string' || response.length > longestAnswer || !/^[?#]/.test(response)) {
        return { ok: false, code: 'provider_answer' };
      }
      const config = await unavailableIfAway(configuration);
      try {
        const claims = await claimsOf(config, profile, new URL(response, redirectUri), request);
        const adult = valueAt(claims, profile.expect.path) === profile.expect.value;
        // The ID token is for our one nonce, so that no other request and no other account can show it.
        return adult ? { ok: true, spent: null } : { ok: false, code: 'provider_claim' };
      } catch (error) {
        if (isNotThePersons(error)) throw new Refusal('unavailable', { retryAfter: 10 });
        const declined = error instanceof oidc.AuthorizationResponseError;
        return { ok: false, code: declined ? 'declined' : 'provider_answer' };
      }
    },
  };
}

/** PKCE, and where the provider can, an answer in the fragment: a code in the query would be in the log of a proxy. */
async function codeParameters(
  config: oidc.Configuration,
  request: ProofRequest,
): Promise<Record<string, string>> {
  const modes = config.serverMetadata().response_modes_supported;
  return {
    code_challenge: await oidc.calculatePKCECodeChallenge(text(request.secret('verifier'))),
    code_challenge_method: 'S256',
    ...(modes?.includes('fragment') === true && { response_mode: 'fragment' }),
  };
}

async function claimsOf(
  config: oidc.Configuration,
  profile: ProviderProfile,
  address: URL,
  request: ProofRequest,
): Promise<unknown> {
  const [expectedState, expectedNonce] = [stateOf(request), text(request.secret('nonce'))];
  const { max_age } = profile.parameters;
  // What was asked of the provider is asked of its answer too.
  const fresh = max_age === undefined ? {} : { maxAge: Number(max_age) };
  if (profile.flow === 'id_token') {
    return oidc.implicitAuthentication(config, address, expectedNonce, { expectedState, ...fresh });
  }
  if (address.search === '') [address.search, address.hash] = [address.hash.slice(1), ''];
  const tokens = await oidc.authorizationCodeGrant(config, address, {
    pkceCodeVerifier: text(request.secret('verifier')),
    expectedState,
    expectedNonce,
    idTokenExpected: true,
    ...fresh,
  });
  const claims = tokens.claims();
  if (profile.from === 'id_token' || claims === undefined) return claims;
  return oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
}

/** The value at the end of a path of own members, or nothing. */
function valueAt(claims: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, name)
        ? (at as Readonly<Record<string, unknown>>)[name]
        : undefined,
    claims,
  );
}

/** Discovery once an hour, of the issuer that the operator named; one that failed is tried at the next call. */
function keptConfiguration(profile: ProviderProfile, clock: () => number): () => Promise<oidc.Configuration> {
  let known: { readonly at: number; readonly config: Promise<oidc.Configuration> } | undefined;
  return () => {
    const now = clock();
    if (known === undefined || Math.abs(now - known.at) > hourMs) {
      const config = discover(profile);
      known = { at: now, config };
      config.catch(() => {
        if (known?.config === config) known = undefined;
      });
    }
    return known.config;
  };
}

async function discover(profile: ProviderProfile): Promise<oidc.Configuration> {
  const issuer = new URL(profile.issuer);
  const config = await oidc.discovery(
    issuer,
    profile.clientId,
    profile.clientSecret,
    profile.clientSecret === undefined ? oidc.None() : bySecret(profile.clientSecret),
    {
      [oidc.customFetch]: guardedFetch([profile.issuer, ...profile.origins]) as oidc.CustomFetch,
      // Without TLS on this machine alone: the profile was refused otherwise.
      ...(issuer.protocol === 'http:' && { execute: [oidc.allowInsecureRequests] }),
    },
  );
  if (profile.flow === 'id_token') oidc.useIdTokenResponseType(config);
  // The code flow may believe TLS alone; signed by the provider's own key it is by no algorithm of the token's choice.
  else oidc.enableNonRepudiationChecks(config);
  assertReachable(config, profile);
  return config;
}

/** Before anybody goes to a provider from which they could not come back. */
function assertReachable(config: oidc.Configuration, { issuer, origins, flow, from }: ProviderProfile): void {
  const { authorization_endpoint, jwks_uri, token_endpoint, userinfo_endpoint } = config.serverMetadata();
  const asked = [
    jwks_uri,
    ...(flow === 'code' ? [token_endpoint] : []),
    ...(from === 'userinfo' ? [userinfo_endpoint] : []),
  ];
  const named = new Set([issuer, ...origins].map((address) => new URL(address).origin));
  const all = asked.every((address) => address !== undefined && named.has(new URL(address).origin));
  if (authorization_endpoint === undefined || !all) throw new ProviderAway('an address that is not named');
}

/** By the provider's choice; without one it is in the header (OpenID Connect Discovery 1.0 §3). */
const bySecret =
  (secret: string): oidc.ClientAuth =>
  (server, ...rest) => {
    const inBody = server.token_endpoint_auth_methods_supported?.includes('client_secret_post') === true;
    return (inBody ? oidc.ClientSecretPost(secret) : oidc.ClientSecretBasic(secret))(server, ...rest);
  };

async function unavailableIfAway<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch {
    throw new Refusal('unavailable', { retryAfter: 10 });
  }
}

/** What a person may say to a provider by going away from it again. */
const declining = new Set([
  'access_denied',
  'account_selection_required',
  'consent_required',
  'interaction_required',
  'login_required',
]);

/** Whether an answer says that the provider is away or set up otherwise than we are: a code of a person's own making is neither. */
function isNotThePersons(error: unknown): boolean {
  if (error instanceof oidc.AuthorizationResponseError) return !declining.has(error.error);
  if (error instanceof oidc.ResponseBodyError) return error.error !== 'invalid_grant';
  return isAway(error);
}

/** Whether somewhere under an error a provider did not answer. */
function isAway(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    if (at instanceof ProviderAway) return true;
  }
  return false;
}
