import { timingSafeEqual } from 'node:crypto';
import {
  dcApiTranscript,
  isoMdocRequest,
  openIsoMdoc,
  openid4vpDcRequest,
  type RedirectSession,
  readVpToken,
  redirectAddress,
  redirectClientId,
  redirectTranscript,
  spentTag,
  type Verdict,
  verifyProofOfAge,
} from '@accord/age-proof';
import { nodePrimitives } from '@accord/age-proof/node';
import { z } from 'zod';
import { recipientOf } from './pepper.ts';
import type { TrustedList } from './trusted-list.ts';
import type { AgeMethod, AgeVerdict, Present, ProofRequest } from './types.ts';

const minuteMs = 60_000;

/** Where a wallet posts its answer to a request (`response_uri`). */
export const answerPath = (proofId: string): string => `/api/gate/answers/${proofId}`;

/** What the page brings back from `navigator.credentials.get`. */
const credential = z.object({ protocol: z.string(), data: z.unknown() });

/** A presentation with the transcript that it must be signed for. */
type Shown = Verdict<{ readonly response: Uint8Array; readonly sessionTranscript: Uint8Array }>;

const text = (secret: Buffer): string => secret.toString('base64url');

/**
 * The EU's proof of age from a wallet: by the Digital Credentials API with both protocols, by a link on the same
 * device, or by a code that another device reads. Everything it is bound to (origin, response address, nonce, key)
 * is ours, from the configuration and the request's secrets.
 */
export function createWalletMethod(needs: {
  readonly publicUrl: URL;
  readonly pepper: Uint8Array;
  readonly list: TrustedList;
}): AgeMethod {
  const { publicUrl, pepper, list } = needs;
  const { origin } = publicUrl;

  const redirectOf = (request: ProofRequest): RedirectSession & { readonly state: string } => {
    const responseUri = new URL(answerPath(request.proofId), publicUrl).href;
    const clientId = redirectClientId(responseUri);
    return {
      clientId,
      responseUri,
      nonce: text(request.secret('nonce')),
      state: text(request.secret('state')),
    };
  };
  const isoRequest = async (request: ProofRequest) => {
    const recipient = await recipientOf(request);
    return { recipient, asked: await isoMdocRequest(recipient.publicKey, request.secret('nonce')) };
  };

  const read = async (response: unknown, request: ProofRequest): Promise<Shown> => {
    if (request.way !== 'browser') {
      const answer = await readVpToken(response);
      if (!answer.ok) return answer;
      return { ...answer, sessionTranscript: await redirectTranscript(redirectOf(request)) };
    }
    const parsed = credential.safeParse(parsedJson(response));
    if (!parsed.success) return { ok: false, code: 'answer_shape' };
    const { protocol, data } = parsed.data;
    if (protocol === 'org-iso-mdoc') {
      const { recipient, asked } = await isoRequest(request);
      return openIsoMdoc(data, recipient, { origin, encryptionInfo: asked.data.encryptionInfo });
    }
    if (protocol !== 'openid4vp-v1-unsigned') return { ok: false, code: 'answer_shape' };
    const answer = await readVpToken((data as { vp_token?: unknown } | null)?.vp_token);
    if (!answer.ok) return answer;
    const nonce = text(request.secret('nonce'));
    return { ...answer, sessionTranscript: await dcApiTranscript({ origin, nonce }) };
  };

  return {
    id: 'wallet',
    kind: 'wallet',
    name: null,
    learns: null,
    doubleBlind: true,
    assurance: 'verified',
    ways: ['browser', 'link', 'code'],
    // What opens an app, by a link or a code, is what a relay would pass on: it is good for two minutes.
    patienceMs: (way) => (way === 'browser' ? 5 : 2) * minuteMs,
    available: async (now) => (await list.anchors(now)).length > 0,
    async present(request): Promise<Present> {
      const { way } = request;
      if (way === 'link' || way === 'code') {
        return { kind: way, url: redirectAddress(redirectOf(request)) };
      }
      const { asked } = await isoRequest(request);
      return { kind: 'browser', requests: [openid4vpDcRequest(text(request.secret('nonce'))), asked] };
    },
    async judge(response, request, now): Promise<AgeVerdict> {
      const anchors = await list.anchors(now);
      if (anchors.length === 0) return { ok: false, code: 'list_missing' };
      const shown = await read(response, request);
      if (!shown.ok) return shown;
      const { sessionTranscript } = shown;
      const terms = { sessionTranscript, anchors, now, primitives: nodePrimitives };
      const verdict = await verifyProofOfAge(shown.response, terms);
      if (!verdict.ok) return verdict;
      const tag = await spentTag(pepper, verdict.msoDigest);
      return { ok: true, spent: { tag, notAfter: verdict.validUntil } };
    },
  };
}

function parsedJson(response: unknown): unknown {
  if (typeof response !== 'string') return undefined;
  try {
    return JSON.parse(response);
  } catch {
    return undefined;
  }
}

/** Whether a text is a request's secret, in a time that tells nothing of it. */
export function isSecret(given: string, secret: Buffer): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(text(secret))];
  return one.length === other.length && timingSafeEqual(one, other);
}
