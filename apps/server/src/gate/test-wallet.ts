import { createHash, generateKeyPairSync } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { type Language, preferredLanguage } from '../platform/language.ts';
import { Refusal } from '../platform/refusal.ts';
import { declinedResponse, isAdultByTest, issueTestDocument } from './test-document.ts';
import type { AgeMethod, ProofRequest } from './types.ts';

const pagePath = '/test-wallet';
const answerPath = '/test-wallet/answer';

const request = z.strictObject({
  proof: z.uuid().lowercase(),
  nonce: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
const answer = request.extend({ over18: z.enum(['true', 'false', 'declined']) });

const nonceOf = (request: ProofRequest): string => request.secret('nonce').toString('base64url');

/**
 * A stand-in for a wallet, for trying Accord out: it believes whatever it is told. Its key is made when the
 * process starts and never leaves it. The configuration allows it on a loopback address only.
 */
export function createTestMethod(settings: {
  readonly publicUrl: URL;
  readonly clock: () => number;
}): AgeMethod {
  const issuer = generateKeyPairSync('ed25519');
  const returnTo = (proof: string, response: string): string => {
    const url = new URL(`/gate?proof=${proof}`, settings.publicUrl);
    url.hash = `response=${response}`;
    return url.href;
  };
  return {
    id: 'test',
    kind: 'test',
    name: null,
    learns: null,
    doubleBlind: false,
    assurance: 'estimated',
    ways: ['page'],
    patienceMs: () => 5 * 60_000,
    available: async () => true,
    async present(request) {
      const url = new URL(pagePath, settings.publicUrl);
      url.search = new URLSearchParams({ proof: request.proofId, nonce: nonceOf(request) }).toString();
      return { kind: 'redirect', url: url.href };
    },
    async judge(response, request, now) {
      const expected = { key: issuer.publicKey, nonce: nonceOf(request), now };
      return isAdultByTest(response, expected)
        ? { ok: true, spent: null }
        : { ok: false, code: 'test_document' };
    },
    pages(app) {
      app.get(pagePath, async (call, reply) => {
        const { proof, nonce } = read(request, call.query);
        return page(reply, walletPage(proof, nonce, preferredLanguage(call.headers['accept-language'])));
      });
      app.get(answerPath, async (call, reply) => {
        const { proof, nonce, over18 } = read(answer, call.query);
        const response =
          over18 === 'declined'
            ? declinedResponse
            : issueTestDocument(issuer.privateKey, {
                nonce,
                over18: over18 === 'true',
                now: settings.clock(),
              });
        return reply
          .code(303)
          .header('cache-control', 'no-store')
          .header('referrer-policy', 'no-referrer')
          .header('location', returnTo(proof, response))
          .send();
      });
    },
  } satisfies AgeMethod & { pages(app: FastifyInstance): void };
}

function read<T>(shape: z.ZodType<T>, query: unknown): T {
  const parsed = shape.safeParse(query);
  if (!parsed.success) throw new Refusal('invalid_input', { field: 'query' });
  return parsed.data;
}

const words = {
  en: {
    title: 'Test wallet',
    warning: 'This proves nothing.',
    explanation:
      'This page stands in for a real proof of age while Accord is tried out on one machine. It believes whatever it is told.',
    question: 'Which answer shall it give?',
    adult: 'I am over 18',
    minor: 'I am under 18',
    decline: 'Do not answer',
  },
  fr: {
    title: 'Portefeuille d’essai',
    warning: 'Ceci ne prouve rien.',
    explanation:
      'Cette page tient lieu de vraie preuve d’âge pendant que l’on essaie Accord sur une seule machine. Elle croit tout ce qu’on lui dit.',
    question: 'Quelle réponse doit-elle donner ?',
    adult: 'J’ai plus de 18 ans',
    minor: 'J’ai moins de 18 ans',
    decline: 'Ne pas répondre',
  },
} as const;

const style = `
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
body { margin: 0; display: grid; min-height: 100dvh; place-items: center; background: Canvas; color: CanvasText; }
main { max-width: 26rem; padding: 1.5rem; }
.warning { border: 3px dashed currentColor; border-radius: .75rem; padding: 1rem; font-weight: 700; font-size: 1.25rem; text-align: center; }
form { display: grid; gap: .75rem; }
button { font: inherit; padding: .8rem 1rem; min-height: 3rem; border-radius: .75rem; border: 2px solid currentColor; background: ButtonFace; color: ButtonText; cursor: pointer; }
button:focus-visible { outline: 3px solid Highlight; outline-offset: 3px; }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** `proof` and `nonce` have been read as a UUID and base64url: nothing in them needs escaping. */
function walletPage(proof: string, nonce: string, language: Language): string {
  const text = words[language];
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>${text.title} · Accord</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${text.title}</h1>
<p class="warning" role="note">${text.warning}</p>
<p>${text.explanation}</p>
<h2 id="question">${text.question}</h2>
<form action="${answerPath}" method="get" aria-labelledby="question">
<input type="hidden" name="proof" value="${proof}">
<input type="hidden" name="nonce" value="${nonce}">
<button name="over18" value="true">${text.adult}</button>
<button name="over18" value="false">${text.minor}</button>
<button name="over18" value="declined">${text.decline}</button>
</form>
</main>
</body>
</html>
`;
}

function page(reply: FastifyReply, html: string): FastifyReply {
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header(
      'content-security-policy',
      `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    )
    .header('cache-control', 'no-store')
    .header('vary', 'accept-language')
    .header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff')
    .send(html);
}
