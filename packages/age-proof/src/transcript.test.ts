import { describe, expect, it } from 'vitest';
import { toHex } from './bytes.ts';
import { dcApiTranscript, isoMdocTranscript, redirectTranscript } from './transcript.ts';

/** Values of the examples in OpenID4VP 1.0, appendix B.2.6. */
const nonce = 'exc7gBkxjx1rdc9udRrveKvSsJIq80avlXeLHhGwqtA';
const jwkThumbprint = Uint8Array.from(
  Buffer.from('4283ec927ae0f208daaa2d026a814f2b22dca52cf85ffa8f3f8626c6bd669047', 'hex'),
);

describe('a session transcript is that of the specification', () => {
  it('by redirect', async () => {
    const transcript = await redirectTranscript({
      clientId: 'x509_san_dns:example.com',
      nonce,
      responseUri: 'https://example.com/response',
      jwkThumbprint,
    });
    expect(toHex(transcript)).toBe(
      '83f6f682714f70656e494434565048616e646f7665725820048bc053c00442af9b8eed494cefdd9d95240d254b046b11b68013722aad38ac',
    );
  });

  it('over the Digital Credentials API', async () => {
    const transcript = await dcApiTranscript({ origin: 'https://example.com', nonce, jwkThumbprint });
    expect(toHex(transcript)).toBe(
      '83f6f682764f70656e4944345650444341504948616e646f7665725820fbece366f4212f9762c74cfdbf83b8c69e371d5d68cea09cb4c48ca6daab761a',
    );
  });
});

describe('a session transcript differs with each thing that it binds', () => {
  const differ = async (make: (...parts: readonly [string, string, string]) => Promise<Uint8Array>) => {
    const all = await Promise.all([
      make('a', 'b', 'c'),
      make('x', 'b', 'c'),
      make('a', 'x', 'c'),
      make('a', 'b', 'x'),
    ]);
    return new Set(all.map(toHex)).size;
  };

  it('by redirect', async () => {
    expect(
      await differ((clientId, n, responseUri) => redirectTranscript({ clientId, nonce: n, responseUri })),
    ).toBe(4);
  });

  it('for org-iso-mdoc, and never equals that of the other protocol', async () => {
    expect(await differ((origin, encryptionInfo) => isoMdocTranscript({ origin, encryptionInfo }))).toBe(3);
    const other = await dcApiTranscript({ origin: 'a', nonce: 'b' });
    expect(toHex(await isoMdocTranscript({ origin: 'a', encryptionInfo: 'b' }))).not.toBe(toHex(other));
  });
});
