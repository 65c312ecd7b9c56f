import { Reader } from './bytes.ts';
import { requireGroupId } from './codec.ts';
import { GroupCryptoError } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { MessageHeader } from './server-types.ts';

const MLS_10 = 1;
const WIRE_FORMATS = { 1: 'public', 2: 'private', 3: 'welcome', 4: 'groupInfo', 5: 'keyPackage' } as const;
const CONTENT_TYPES = { 1: 'application', 2: 'proposal', 3: 'commit' } as const;

/**
 * The clear head of an MLSMessage (RFC 9420 §6), read without decoding the rest: cheap enough for every message that
 * the server relays. Nothing is verified; the tail of all but private messages is not looked at.
 * @throws GroupCryptoError `malformed`, `too_large`
 */
export function readHeader(message: Uint8Array): MessageHeader {
  const reader = new Reader(message);
  if (message.length > LIMITS.handshakeMessage) throw new GroupCryptoError('too_large', 'message too large');
  if (reader.u16() !== MLS_10) throw new GroupCryptoError('malformed', 'not MLS 1.0');
  const wireFormat = pick(WIRE_FORMATS, reader.u16());
  switch (wireFormat) {
    case 'private':
      return readPrivate(reader, message.length);
    case 'public':
      return readPublic(reader);
    case 'groupInfo': {
      if (reader.u16() !== MLS_10) throw new GroupCryptoError('malformed', 'not MLS 1.0');
      reader.u16();
      return { kind: 'groupInfo', wireFormat, groupId: readGroupId(reader), epoch: reader.u64() };
    }
    case 'welcome':
      return { kind: 'welcome', wireFormat };
    case 'keyPackage':
      return { kind: 'keyPackage', wireFormat };
  }
}

function readPrivate(reader: Reader, length: number): MessageHeader {
  const groupId = readGroupId(reader);
  const epoch = reader.u64();
  const kind = pick(CONTENT_TYPES, reader.u8());
  if (kind === 'application' && length > LIMITS.applicationMessage)
    throw new GroupCryptoError('too_large', 'application message too large');
  const authenticatedData = readAuthenticatedData(reader);
  reader.varLen();
  reader.varLen();
  reader.end();
  return { kind, wireFormat: 'private', groupId, epoch, authenticatedData };
}

function readPublic(reader: Reader): MessageHeader {
  const groupId = readGroupId(reader);
  const epoch = reader.u64();
  const senderType = reader.u8();
  if (senderType < 1 || senderType > 4) throw new GroupCryptoError('malformed', 'unknown sender type');
  if (senderType <= 2) reader.u32();
  const authenticatedData = readAuthenticatedData(reader);
  const kind = pick(CONTENT_TYPES, reader.u8());
  if (kind === 'application') throw new GroupCryptoError('malformed', 'application message in the clear');
  return { kind, wireFormat: 'public', groupId, epoch, authenticatedData };
}

function readGroupId(reader: Reader): Uint8Array {
  const groupId = reader.varLen();
  requireGroupId(groupId, 'malformed');
  return groupId;
}

function readAuthenticatedData(reader: Reader): Uint8Array {
  const data = reader.varLen();
  if (data.length > LIMITS.authenticatedData)
    throw new GroupCryptoError('too_large', 'authenticated data too large');
  return data;
}

function pick<T extends Record<number, string>>(table: T, value: number): T[keyof T] {
  const name = (table as Record<number, T[keyof T]>)[value];
  if (name === undefined) throw new GroupCryptoError('malformed', 'unknown type');
  return name;
}
