import { z } from 'zod';
import { seekings, spokenLanguages } from './words.ts';

/** Lower-case UUID; 16 bytes on binary boundaries. */
export const id = z.uuid().lowercase();

/** Bytes as unpadded base64url, at most `max` bytes. */
export const bytes = (max: number, min = 1) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]*$/)
    .min(Math.ceil((min * 4) / 3))
    .max(Math.ceil((max * 4) / 3));

/** A perceptual hash. */
export const hashBytes = 32;

const bytesIn = (text: string): number => Math.floor((text.length * 3) / 4);

/** Perceptual hashes, one after another. */
export const hashes = (most: number) =>
  bytes(most * hashBytes, 0).refine((text) => bytesIn(text) % hashBytes === 0);

/** Whether what is said about hashes, a byte each, is said of as many as there are; or of none. */
export const isAboutEach = (said: string | undefined, of: string): boolean =>
  said === undefined || bytesIn(said) * hashBytes === bytesIn(of);

/** What a person calls themselves: 3–24 letters, digits, `.`, `_` or `-` of any script, no spaces; NFC. */
export const pseudonym = z
  .string()
  .trim()
  .normalize('NFC')
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}\p{M}._-]{1,22}[\p{L}\p{N}\p{M}]$/u);

/** Line of plain text: no control characters, no halves of a character. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .normalize('NFC')
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u);

/** Text of several lines: no control characters but line breaks, no halves of a character. */
export const text = (max: number) =>
  z
    .string()
    .trim()
    .normalize('NFC')
    .max(max)
    .regex(/^(?:[^\p{Cc}\p{Cs}]|\n)*$/u);

export const spokenLanguage = z.enum(spokenLanguages);

export const seeking = z.enum(seekings);

/** Milliseconds since 1970 UTC. */
export const instant = z.int().nonnegative();

export const empty = z.strictObject({});
