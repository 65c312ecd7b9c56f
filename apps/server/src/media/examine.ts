import {
  checkFranking,
  type Descriptor,
  decodeDescriptor,
  openPicture,
  type Report,
  type ReportedMessage,
  SealedMediaError,
} from '@accord/sealed-media';
import { blobName, type Parts } from './parts.ts';
import type { ReportedItem } from './types.ts';
import { uuidOf } from './uuid.ts';

/** What the server found of a report's messages. */
export interface Examined {
  readonly items: readonly { readonly item: ReportedItem; readonly bytes?: Uint8Array }[];
}

type Proof = ReportedItem['proof'];

/** First the tag, which is ours, then the sender's commitment: "this device sent exactly this, then". */
async function prove({ franking }: Parts, message: ReportedMessage): Promise<Proof> {
  const found = await franking.check(message.kid, message.context, message.tag);
  if (found === 'unknown_key') return 'unknown_key';
  if (found === 'not_ours') return 'tag_not_authentic';
  try {
    await checkFranking(message.context.c, message.kf, message.content);
    return 'verified';
  } catch (error) {
    if (error instanceof SealedMediaError) return 'franking_mismatch';
    throw error;
  }
}

/** Examines every message of a report. Only of what is proved is the sender named and the picture opened. */
export async function examine(parts: Parts, report: Report): Promise<Examined> {
  const items: { item: ReportedItem; bytes?: Uint8Array }[] = [];
  for (const message of report.messages) items.push(await examineOne(parts, message));
  return { items };
}

async function examineOne(
  parts: Parts,
  message: ReportedMessage,
): Promise<{ item: ReportedItem; bytes?: Uint8Array }> {
  const proof = await prove(parts, message);
  const proved = proof === 'verified';
  const deviceId = uuidOf(message.context.deviceId);
  const owners = proved ? await parts.accounts.ownersOf([deviceId]) : new Map<string, string>();
  const common = {
    kind: message.kind,
    proof,
    senderId: owners.get(deviceId) ?? null,
    sentAt: proved ? message.context.at : null,
  };
  if (message.kind === 'text') {
    const text = Buffer.from(message.content).toString('utf8');
    return { item: { ...common, text, picture: null } };
  }
  const descriptor = readDescriptor(message.content);
  if (descriptor === undefined) {
    return { item: { ...common, proof: proved ? 'malformed' : proof, text: null, picture: null } };
  }
  const { found, bytes } = proved
    ? await openReported(parts, descriptor, message.ks)
    : { found: 'gone' as const, bytes: undefined };
  const picture = {
    blobId: uuidOf(descriptor.blobId),
    found,
    pdq: Buffer.from(descriptor.h).toString('hex'),
    quality: descriptor.q,
    type: descriptor.type,
    place: null,
  };
  return { item: { ...common, text: null, picture }, ...(bytes !== undefined && { bytes }) };
}

function readDescriptor(content: Uint8Array): Descriptor | undefined {
  try {
    return decodeDescriptor(content);
  } catch (error) {
    if (error instanceof SealedMediaError) return undefined;
    throw error;
  }
}

/**
 * Opens the stored ciphertext with both halves and holds it to the hashes that the sender committed to. The server's half is the
 * one that it still holds, or the one that the reporting device had while it looked.
 */
async function openReported(
  { blobs, halfKeys, platform }: Parts,
  descriptor: Descriptor,
  seen: Uint8Array | null,
): Promise<{ found: 'opened' | 'gone' | 'mismatch'; bytes?: Uint8Array }> {
  const blobId = uuidOf(descriptor.blobId);
  const ciphertext = await blobs.get(blobName(blobId));
  const held = await halfKeys.read(platform.db, blobId);
  const halves = [held, seen].filter((ks) => ks !== undefined && ks !== null);
  if (ciphertext === undefined || halves.length === 0) return { found: 'gone' };
  for (const ks of halves) {
    try {
      return { found: 'opened', bytes: await openPicture(descriptor, ciphertext, ks) };
    } catch (error) {
      if (!(error instanceof SealedMediaError)) throw error;
    }
  }
  return { found: 'mismatch' };
}
