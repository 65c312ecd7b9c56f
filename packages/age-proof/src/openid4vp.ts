import { fromBase64Url } from './bytes.ts';
import { maxResponseBytes } from './examine.ts';
import { refuse, type Verdict, verdict } from './refusals.ts';
import { type AgeProfile, euProofOfAge } from './verify.ts';

/** Id of our one question within a query. */
const questionId = 'age';
const es256 = -7;

/** The query (DCQL, OpenID4VP 1.0 §6): one document, one claim, not kept. */
const ageQuery = ({ docType, nameSpace, element }: AgeProfile) => ({
  credentials: [
    {
      id: questionId,
      format: 'mso_mdoc',
      meta: { doctype_value: docType },
      claims: [{ path: [nameSpace, element], intent_to_retain: false }],
    },
  ],
});

const clientMetadata = {
  vp_formats_supported: { mso_mdoc: { issuerauth_alg_values: [es256], deviceauth_alg_values: [es256] } },
};

/** What a redirect carries. `nonce` and `state` are fresh, at least 128 bits each. */
export interface RedirectRequest {
  /** Absolute HTTPS address that the wallet posts to. */
  readonly responseUri: string;
  readonly nonce: string;
  readonly state: string;
}

/** Client id of the prefix `redirect_uri`, as it stands in the request and in the transcript. */
export const redirectClientId = (responseUri: string): string => `redirect_uri:${responseUri}`;

/** Address that opens the wallet: OpenID4VP by value, `direct_post`, scheme `av` (EU profile annex A). */
export function redirectAddress(request: RedirectRequest, profile: AgeProfile = euProofOfAge): string {
  const parameters = new URLSearchParams({
    client_id: redirectClientId(request.responseUri),
    response_type: 'vp_token',
    response_mode: 'direct_post',
    response_uri: request.responseUri,
    nonce: request.nonce,
    state: request.state,
    dcql_query: JSON.stringify(ageQuery(profile)),
    client_metadata: JSON.stringify(clientMetadata),
  });
  return `av://?${parameters}`;
}

/** Member of `digital.requests` for `navigator.credentials.get`, protocol `openid4vp-v1-unsigned`. */
export const openid4vpDcRequest = (nonce: string, profile: AgeProfile = euProofOfAge) => ({
  protocol: 'openid4vp-v1-unsigned' as const,
  data: {
    response_type: 'vp_token',
    response_mode: 'dc_api',
    nonce,
    dcql_query: ageQuery(profile),
    client_metadata: clientMetadata,
  },
});

/**
 * Takes the DeviceResponse out of a `vp_token` (OpenID4VP 1.0 §8.1): an object, or its JSON as a form carries it,
 * with one presentation for our one question.
 */
export function readVpToken(vpToken: unknown): Promise<Verdict<{ readonly response: Uint8Array }>> {
  return verdict(async () => {
    const token = typeof vpToken === 'string' ? parsed(vpToken) : vpToken;
    if (typeof token !== 'object' || token === null || Array.isArray(token)) refuse('answer_shape');
    const [entry, ...more] = Object.entries(token);
    if (entry === undefined || more.length > 0 || entry[0] !== questionId) refuse('answer_shape');
    const presentations: unknown = entry[1];
    if (!Array.isArray(presentations) || presentations.length !== 1) refuse('answer_shape');
    const [one]: unknown[] = presentations;
    if (typeof one !== 'string') refuse('answer_shape');
    if (one.length > 1.4 * maxResponseBytes) refuse('too_large');
    return { response: fromBase64Url(one) };
  });
}

function parsed(text: string): unknown {
  if (text.length > 2 * maxResponseBytes) refuse('too_large');
  try {
    return JSON.parse(text);
  } catch {
    return refuse('answer_shape');
  }
}
