/**
 * The frames of the socket: fixed binary layouts, big-endian, one frame to a WebSocket message.
 * Ids of groups are the 16 bytes of their UUID, instants are milliseconds since 1970 UTC.
 *
 * client → server
 * ```
 * 01 send       n:u64 oldest:u64 group:16 epoch:u64 body:rest   answered by `sent` or `refused`, in order
 * 02 ack        count:u16 id:u64 … [send]            the device has stored these items for good; a `send` may ride along
 * 03 ephemeral  group:16 body:rest                   typing: never stored, dropped under load
 * ```
 * server → client
 * ```
 * 81 sent       n:u64 at:u64
 * 82 refused    n:u64 code:u8 epoch:u64
 * 83 item       id:u64 at:u64 kind:u8 group:16 epoch:u64 body:rest
 *               kind 3 is a message that carried a franking commitment; its body: kid:8 n:u64 tag:32 message:rest
 * 84 ephemeral  group:16 body:rest
 * 85 notice     JSON:rest
 * 86 caught-up  everything that was waiting has been sent
 * ```
 */

/** Why a `send` was refused; the byte is the place in this list. */
export const sendRefusals = [
  'invalid_input',
  'not_found',
  'wrong_epoch',
  'removal_pending',
  'unavailable',
  'too_large',
] as const;
export type SendRefusal = (typeof sendRefusals)[number];

export const itemKinds = ['message', 'commit', 'welcome', 'franked'] as const;
export type ItemKind = (typeof itemKinds)[number];

/** What the delivery service says of a message whose sender committed to it: shown again when it is reported. */
export interface Franking {
  /** Which of the service's keys made the tag, 8 bytes. */
  readonly kid: Uint8Array;
  /** The sender's send number. */
  readonly n: number;
  /** `t`, 32 bytes, over commitment, device, group, epoch, `n` and the item's `at`. */
  readonly tag: Uint8Array;
}

/** Bytes before the message in a franked body. */
export const frankingBytes = 48;
/** A commitment is MLS authenticated data of exactly this length: `01 ‖ c`. */
export const commitmentDataBytes = 33;

/** Takes apart the body of a franked item. @throws {FrameError} */
export function splitFranked(body: Uint8Array): {
  readonly franking: Franking;
  readonly message: Uint8Array;
} {
  if (body.length <= frankingBytes) throw new FrameError('truncated franking');
  return {
    franking: {
      kid: body.subarray(0, 8),
      n: readCount(body, 8),
      tag: body.subarray(16, frankingBytes),
    },
    message: body.subarray(frankingBytes),
  };
}

/** `message` behind its franking. */
export function joinFranked({ kid, n, tag }: Franking, message: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(frankingBytes + message.length);
  out.set(kid);
  writeCount(view(out), 8, n);
  out.set(tag, 16);
  out.set(message, frankingBytes);
  return out;
}

/** Something that happened; ids only. `to` leave it to the client to fetch what it may see. */
export type Notice =
  | { readonly kind: 'requests' }
  | { readonly kind: 'conversations' }
  | { readonly kind: 'devices' }
  | { readonly kind: 'removal'; readonly groupId: string }
  /**
   * These pictures went dark. An empty list: many did, or one's own was seen; ask `media.pictures.check` about those that are open,
   * `media.pictures.list` about one's own.
   */
  | { readonly kind: 'pictures'; readonly ended: readonly string[] }
  /** A question about a picture, or an answer to one. */
  | { readonly kind: 'consents' }
  | { readonly kind: 'session_ended' }
  | { readonly kind: 'proof_required' }
  | { readonly kind: 'replaced' };

export type ClientFrame =
  | {
      readonly type: 'send';
      readonly n: number;
      /** The device's lowest `n` that has no answer yet, at most this one: of what is older no resend will come. */
      readonly oldest: number;
      readonly groupId: string;
      readonly epoch: number;
      readonly body: Uint8Array;
    }
  | { readonly type: 'ack'; readonly ids: readonly bigint[]; readonly send?: SendFrame }
  | { readonly type: 'ephemeral'; readonly groupId: string; readonly body: Uint8Array };

export type SendFrame = Extract<ClientFrame, { readonly type: 'send' }>;

export type ServerFrame =
  | { readonly type: 'sent'; readonly n: number; readonly at: number }
  | { readonly type: 'refused'; readonly n: number; readonly code: SendRefusal; readonly epoch: number }
  | {
      readonly type: 'item';
      readonly id: bigint;
      readonly at: number;
      readonly kind: Exclude<ItemKind, 'franked'>;
      readonly groupId: string;
      readonly epoch: number;
      readonly body: Uint8Array;
      /** Of a message whose sender committed to it. */
      readonly franking?: Franking;
    }
  | { readonly type: 'ephemeral'; readonly groupId: string; readonly body: Uint8Array }
  | { readonly type: 'notice'; readonly notice: Notice }
  | { readonly type: 'caught-up' };

/** WebSocket close codes of ours. */
export const closeCodes = {
  malformed: 4400,
  sessionEnded: 4401,
  proofRequired: 4403,
  replaced: 4409,
  tooSlow: 4429,
} as const;

/** A frame that does not have its layout. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

const maxAcks = 1000;
const tag = {
  send: 1,
  ack: 2,
  ephemeral: 3,
  sent: 0x81,
  refused: 0x82,
  item: 0x83,
  typing: 0x84,
  notice: 0x85,
  caughtUp: 0x86,
} as const;

const digits = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** A UUID's characters on their way: written anew by each call, but for the four dashes. */
const characters: number[] = new Array(36).fill('-'.charCodeAt(0));

/** 16 bytes at `at` as a lower-case UUID. */
export function readUuid(bytes: Uint8Array, at: number): string {
  if (bytes.length < at + 16) throw new FrameError('truncated id');
  let to = 0;
  for (let i = 0; i < 16; i += 1) {
    if (i === 4 || i === 6 || i === 8 || i === 10) to += 1;
    const byte = bytes[at + i] as number;
    characters[to] = digits[byte >> 4] as number;
    characters[to + 1] = digits[byte & 15] as number;
    to += 2;
  }
  return String.fromCharCode(...characters);
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Of a lower-case hexadecimal digit. */
function valueAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 58 ? code - 48 : code - 87;
}

/** Writes the 16 bytes of a lower-case UUID at `at`. @throws {FrameError} */
export function writeUuid(bytes: Uint8Array, at: number, uuid: string): void {
  if (!uuidForm.test(uuid)) throw new FrameError('not a UUID');
  let from = 0;
  for (let i = 0; i < 16; i += 1) {
    if (i === 4 || i === 6 || i === 8 || i === 10) from += 1;
    bytes[at + i] = valueAt(uuid, from) * 16 + valueAt(uuid, from + 1);
    from += 2;
  }
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Byte by byte: a view made for each frame costs more than it saves. */
function readUint32(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  const low = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
  return high * 65_536 + low;
}

function readCount(bytes: Uint8Array, at: number): number {
  if (bytes.length < at + 8) throw new FrameError('truncated number');
  const high = readUint32(bytes, at);
  if (high > 0x1fffff) throw new FrameError('number beyond 2^53');
  return high * 2 ** 32 + readUint32(bytes, at + 4);
}

function writeCount(data: DataView, at: number, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new FrameError('not a count');
  data.setUint32(at, Math.floor(value / 2 ** 32));
  data.setUint32(at + 4, value >>> 0);
}

/** Frame of the client. @throws {FrameError} */
export function decodeClientFrame(bytes: Uint8Array): ClientFrame {
  switch (bytes[0]) {
    case tag.send:
      return readSend(bytes, 0);
    case tag.ack: {
      if (bytes.length < 3) throw new FrameError('truncated ack');
      const data = view(bytes);
      const count = data.getUint16(1);
      const end = 3 + 8 * count;
      if (count > maxAcks || bytes.length < end) throw new FrameError('bad ack');
      const ids = Array.from({ length: count }, (_, i) => data.getBigUint64(3 + 8 * i));
      if (bytes.length === end) return { type: 'ack', ids };
      if (bytes[end] !== tag.send) throw new FrameError('bad ack');
      return { type: 'ack', ids, send: readSend(bytes, end) };
    }
    case tag.ephemeral:
      if (bytes.length < 18) throw new FrameError('truncated ephemeral');
      return { type: 'ephemeral', groupId: readUuid(bytes, 1), body: bytes.subarray(17) };
    default:
      throw new FrameError('unknown frame');
  }
}

/** The `send` that begins at `at` and ends with `bytes`. */
function readSend(bytes: Uint8Array, at: number): SendFrame {
  if (bytes.length < at + 42) throw new FrameError('truncated send');
  const n = readCount(bytes, at + 1);
  const oldest = readCount(bytes, at + 9);
  if (oldest > n) throw new FrameError('bad send');
  const groupId = readUuid(bytes, at + 17);
  return {
    type: 'send',
    n,
    oldest,
    groupId,
    epoch: readCount(bytes, at + 33),
    body: bytes.subarray(at + 41),
  };
}

/** Bytes of a client's frame. @throws {FrameError} */
export function encodeClientFrame(frame: ClientFrame): Uint8Array<ArrayBuffer> {
  if (frame.type === 'ack') {
    if (frame.ids.length > maxAcks) throw new FrameError('too many acks');
    const rest = frame.send === undefined ? new Uint8Array(0) : encodeClientFrame(frame.send);
    const end = 3 + 8 * frame.ids.length;
    const out = new Uint8Array(end + rest.length);
    const data = view(out);
    out[0] = tag.ack;
    data.setUint16(1, frame.ids.length);
    for (const [i, id] of frame.ids.entries()) data.setBigUint64(3 + 8 * i, id);
    out.set(rest, end);
    return out;
  }
  if (frame.type === 'ephemeral') return groupFrame(tag.ephemeral, frame.groupId, frame.body);
  const out = new Uint8Array(41 + frame.body.length);
  const data = view(out);
  out[0] = tag.send;
  writeCount(data, 1, frame.n);
  writeCount(data, 9, frame.oldest);
  writeUuid(out, 17, frame.groupId);
  writeCount(data, 33, frame.epoch);
  out.set(frame.body, 41);
  return out;
}

function groupFrame(kind: number, groupId: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(17 + body.length);
  out[0] = kind;
  writeUuid(out, 1, groupId);
  out.set(body, 17);
  return out;
}

/** Frame of the server. @throws {FrameError} */
export function decodeServerFrame(bytes: Uint8Array): ServerFrame {
  switch (bytes[0]) {
    case tag.sent:
      return { type: 'sent', n: readCount(bytes, 1), at: readCount(bytes, 9) };
    case tag.refused: {
      const code = sendRefusals[bytes[9] ?? 255];
      if (code === undefined) throw new FrameError('unknown refusal');
      return { type: 'refused', n: readCount(bytes, 1), code, epoch: readCount(bytes, 10) };
    }
    case tag.item: {
      const kind = itemKinds[bytes[17] ?? 255];
      if (kind === undefined || bytes.length < 42) throw new FrameError('bad item');
      const head = {
        type: 'item',
        id: view(bytes).getBigUint64(1),
        at: readCount(bytes, 9),
        groupId: readUuid(bytes, 18),
        epoch: readCount(bytes, 34),
      } as const;
      if (kind !== 'franked') return { ...head, kind, body: bytes.subarray(42) };
      const { franking, message } = splitFranked(bytes.subarray(42));
      return { ...head, kind: 'message', body: message, franking };
    }
    case tag.typing:
      return { type: 'ephemeral', groupId: readUuid(bytes, 1), body: bytes.subarray(17) };
    case tag.notice:
      return { type: 'notice', notice: readNotice(bytes.subarray(1)) };
    case tag.caughtUp:
      return { type: 'caught-up' };
    default:
      throw new FrameError('unknown frame');
  }
}

function readNotice(bytes: Uint8Array): Notice {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Notice;
  } catch {
    throw new FrameError('bad notice');
  }
}

/** Bytes of a server's frame. @throws {FrameError} */
export function encodeServerFrame(frame: ServerFrame): Uint8Array<ArrayBuffer> {
  switch (frame.type) {
    case 'sent': {
      const out = new Uint8Array(17);
      out[0] = tag.sent;
      writeCount(view(out), 1, frame.n);
      writeCount(view(out), 9, frame.at);
      return out;
    }
    case 'refused': {
      const out = new Uint8Array(18);
      out[0] = tag.refused;
      writeCount(view(out), 1, frame.n);
      out[9] = sendRefusals.indexOf(frame.code);
      writeCount(view(out), 10, frame.epoch);
      return out;
    }
    case 'item': {
      const { franking } = frame;
      const body = franking === undefined ? frame.body : joinFranked(franking, frame.body);
      const out = new Uint8Array(42 + body.length);
      const data = view(out);
      out[0] = tag.item;
      data.setBigUint64(1, frame.id);
      writeCount(data, 9, frame.at);
      out[17] = itemKinds.indexOf(franking === undefined ? frame.kind : 'franked');
      writeUuid(out, 18, frame.groupId);
      writeCount(data, 34, frame.epoch);
      out.set(body, 42);
      return out;
    }
    case 'ephemeral':
      return groupFrame(tag.typing, frame.groupId, frame.body);
    case 'notice': {
      const json = new TextEncoder().encode(JSON.stringify(frame.notice));
      const out = new Uint8Array(1 + json.length);
      out[0] = tag.notice;
      out.set(json, 1);
      return out;
    }
    case 'caught-up':
      return Uint8Array.of(tag.caughtUp);
  }
}
