import type { Franking } from '@accord/protocol/socket';
import { checkFranking, frankingCommitment } from '@accord/sealed-media';
import { concat, fromBase64Url, toBase64Url, utf8 } from './bytes.ts';
import type { Content, Newer } from './content.ts';

/*
 * Every message that says something carries a commitment to it, which the delivery service tags: a receiver can then prove to
 * the desk what was sent, by whom and when, and to nobody else.
 */

/** What a receiver keeps of a message so that it can be reported with proof; bytes as base64url. */
export interface Proof {
  readonly kf: string;
  readonly c: string;
  readonly deviceId: string;
  readonly groupId: string;
  readonly epoch: number;
  readonly n: number;
  readonly at: number;
  readonly kid: string;
  readonly tag: string;
}

const version = 1;

/** The bytes that a commitment covers; null where a content carries none. */
function committed(content: Content | Newer): { kf: Uint8Array; bytes: Uint8Array } | null {
  if (content.kind === 'picture')
    return { kf: fromBase64Url(content.kf), bytes: fromBase64Url(content.descriptor) };
  if (content.kind !== 'text' || content.kf === undefined) return null;
  return { kf: fromBase64Url(content.kf), bytes: utf8(content.text) };
}

/** MLS authenticated data of a content: `01 ‖ c`, or nothing. */
export async function commitmentData(content: Content): Promise<Uint8Array | undefined> {
  const covered = committed(content);
  if (covered === null) return undefined;
  return concat(Uint8Array.of(version), await frankingCommitment(covered.kf, covered.bytes));
}

interface Taken {
  readonly authenticatedData: Uint8Array;
  readonly franking: Franking | undefined;
  readonly deviceId: string;
  readonly groupId: string;
  readonly epoch: number;
  readonly at: number;
}

/** The proof of a message that came; null where its commitment does not fit, or the service did not vouch. */
export async function proofOf(content: Content | Newer, taken: Taken): Promise<Proof | null> {
  const { authenticatedData, franking, deviceId, groupId, epoch, at } = taken;
  const covered = committed(content);
  if (covered === null || franking === undefined || authenticatedData[0] !== version) return null;
  const c = authenticatedData.slice(1);
  try {
    await checkFranking(c, covered.kf, covered.bytes);
  } catch {
    return null;
  }
  return {
    kf: toBase64Url(covered.kf),
    c: toBase64Url(c),
    deviceId,
    groupId,
    epoch,
    n: franking.n,
    at,
    kid: toBase64Url(franking.kid),
    tag: toBase64Url(franking.tag),
  };
}
