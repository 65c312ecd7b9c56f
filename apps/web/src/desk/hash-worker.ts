/// <reference lib="webworker" />
import { bankHashes, PdqEngine } from '@accord/perceptual';
import { decodeBlob } from '@accord/perceptual/decode-browser';
import { kernelBytes } from '@accord/perceptual/kernel';

/** A picture as the desk takes it: fingerprints, no byte of it. */
export interface Fingerprint {
  readonly h: string;
  readonly q: number;
  readonly parts: string;
  /** Of each part, a byte. */
  readonly anchors: string;
  readonly regions: string;
}

export type Hashed = { readonly id: number } & (
  | { readonly print: Fingerprint }
  | { readonly fault: 'failed' | 'flat' }
);

const scope = self as unknown as DedicatedWorkerGlobalScope;
let loading: Promise<PdqEngine> | undefined;

/** Unpadded base64url. */
function base64url(pieces: readonly Uint8Array[]): string {
  const bytes = pieces.flatMap((piece) => [...piece]);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

async function hash(file: Blob): Promise<Fingerprint | null> {
  loading ??= PdqEngine.load(kernelBytes);
  const [engine, picture] = await Promise.all([loading, decodeBlob(file)]);
  const { quality, hashes } = bankHashes(engine, picture);
  const of = (kind: string) => hashes.filter((each) => each.kind === kind).map((each) => each.hash);
  const [whole] = of('whole');
  if (whole === undefined) return null;
  return {
    h: base64url([whole]),
    q: quality,
    parts: base64url(of('part')),
    anchors: base64url([Uint8Array.from(hashes.flatMap(({ anchor }) => anchor ?? []))]),
    regions: base64url(of('region')),
  };
}

scope.addEventListener('message', ({ data }: MessageEvent<{ readonly id: number; readonly file: Blob }>) => {
  const { id, file } = data;
  hash(file).then(
    (print) => scope.postMessage((print === null ? { id, fault: 'flat' } : { id, print }) satisfies Hashed),
    () => scope.postMessage({ id, fault: 'failed' } satisfies Hashed),
  );
});
