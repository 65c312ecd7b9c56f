import { readUuid } from '@accord/protocol/socket';

/** A UUID's 16 bytes. */
export const uuidBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

/** 16 bytes as a UUID. */
export const uuidOf = (bytes: Uint8Array): string => readUuid(bytes, 0);
