import { sealToBox } from '@accord/group-crypto';
import { encodeReport, reportContext } from '@accord/sealed-media';
import { fromBase64Url, uuidBytes } from '../bytes.ts';
import type { Proof } from '../franking.ts';
import type { Http } from '../ports.ts';

/** The key of the desk to which reports are sealed. */
export interface ModerationKey {
  readonly kid: string;
  readonly publicKey: Uint8Array;
}

/** @throws {ApiError} */
export async function readModerationKey(http: Http): Promise<ModerationKey> {
  const { moderation } = await http.call('media.keys.read');
  return { kid: moderation.kid, publicKey: fromBase64Url(moderation.publicKey) };
}

/** A message as it is reported: its own bytes, and what proves who sent it. */
export interface Provable {
  readonly kind: 'picture' | 'text';
  readonly content: Uint8Array;
  readonly proof: Proof;
  readonly ks: Uint8Array | null;
}

/** A report that the desk alone can open (HPKE). */
export function sealReport(
  { publicKey }: ModerationKey,
  report: { readonly reason: string; readonly words: string; readonly messages: readonly Provable[] },
): Promise<Uint8Array> {
  const messages = report.messages.map(({ kind, content, proof, ks }) => ({
    kind,
    content,
    ks,
    kf: fromBase64Url(proof.kf),
    kid: fromBase64Url(proof.kid),
    tag: fromBase64Url(proof.tag),
    context: {
      c: fromBase64Url(proof.c),
      deviceId: uuidBytes(proof.deviceId),
      groupId: uuidBytes(proof.groupId),
      epoch: proof.epoch,
      n: proof.n,
      at: proof.at,
    },
  }));
  return sealToBox(publicKey, encodeReport({ ...report, messages }), reportContext);
}
