import { openIsoMdoc, readVpToken, verifyProofOfAge } from '@accord/age-proof';
import { nodePrimitives } from '@accord/age-proof/node';
import { makeCast, mutants, now, present } from '@accord/age-proof/testing';
import { readPin } from '@accord/age-proof/trust';

/** Everything that stands at the edge, over bytes that somebody sends. Each resolves to a verdict or throws. */
async function edges() {
  const cast = await makeCast();
  const recipient = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, [
    'deriveBits',
  ]);
  const session = { origin: 'https://accord.example', encryptionInfo: 'AAAA' };
  const base64Url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  const { anchors, transcript: sessionTranscript } = cast;
  const verify = (bytes: Uint8Array) =>
    verifyProofOfAge(bytes, { anchors, sessionTranscript, now, primitives: nodePrimitives });
  return {
    good: await present(cast),
    every: [
      verify,
      verify,
      verify,
      (bytes: Uint8Array) => openIsoMdoc({ response: base64Url(bytes) }, recipient as CryptoKeyPair, session),
      (bytes: Uint8Array) => readVpToken(Buffer.from(bytes).toString('latin1')),
      (bytes: Uint8Array) => readPin(Buffer.from(bytes).toString('latin1')),
    ],
  };
}

/** Mangles a good response `count` times. @throws whatever an edge throws: that is the finding */
export async function fuzz(count: number, say: (line: string) => void): Promise<void> {
  const { good, every } = await edges();
  const digit = Buffer.from(good).indexOf('1.0') + 2;
  const codes = new Map<string, number>();
  let index = 0;
  for (const mutant of mutants(good, Date.now(), count)) {
    const verdict = await (every[index++ % every.length] as (typeof every)[number])(mutant);
    // A change may give back what was there, or write a 1 for the version's 0; nothing else may pass.
    if (verdict.ok && Buffer.compare(mutant.with(digit, 0x30), good) !== 0)
      throw new Error('a mutant passed');
    const code = verdict.ok ? 'unchanged' : verdict.code;
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  const most = [...codes].sort(([, a], [, b]) => b - a).map(([code, times]) => `${code} ${times}`);
  say(
    `fuzz: ${count} inputs, 0 untyped throws, 0 changed ones accepted, ${codes.size} outcomes: ${most.join(', ')}`,
  );
}
