import type { ErrorBody } from '@accord/protocol';
import { Refusal } from '../platform/refusal.ts';

/*
 * HMA's types of hashes that we know, and how a content of a bank is called. A content is a picture in a bank: its number is that of the
 * picture and that of the bank in one, so that every banked picture has one, whoever banked it. Files known by MD5 are
 * numbered above all pictures.
 */

export const signalTypes = ['pdq', 'video_md5'] as const;
export type SignalType = (typeof signalTypes)[number];
export const contentTypes = ['photo', 'video'] as const;
export type ContentType = (typeof contentTypes)[number];

/** The type of signal that a type of content is hashed to. */
const signalTypeOf: Readonly<Record<ContentType, SignalType>> = { photo: 'pdq', video: 'video_md5' };

const shapes: Readonly<Record<SignalType, RegExp>> = { pdq: /^[0-9a-f]{64}$/, video_md5: /^[0-9a-f]{32}$/ };

/** A refusal with the sentence that HMA's clients get as `message`. */
export class HmaRefusal extends Refusal {
  readonly sentence: string;
  readonly httpStatus: number;
  constructor(httpStatus: number, sentence: string) {
    super(httpStatus === 404 ? 'not_found' : 'invalid_input');
    this.sentence = sentence;
    this.httpStatus = httpStatus;
  }
  override get status(): number {
    return this.httpStatus;
  }
  override body(): ErrorBody & { readonly message: string } {
    return { ...super.body(), message: this.sentence };
  }
}

export const refuse = (status: number, sentence: string): HmaRefusal => new HmaRefusal(status, sentence);

/** @throws {HmaRefusal} 400 */
export function readSignalType(name: string): SignalType {
  const type = signalTypes.find((one) => one === name);
  if (type === undefined) throw refuse(400, `No such SignalType '${name}'`);
  return type;
}

/** @throws {HmaRefusal} 400 */
export function readSignal(type: SignalType, text: unknown): Buffer {
  const digits = typeof text !== 'string' ? '' : type === 'video_md5' ? text.trim().toLowerCase() : text;
  if (!shapes[type].test(digits)) throw refuse(400, `invalid ${type} signal`);
  return Buffer.from(digits, 'hex');
}

/** The types that `types` selects of one type of content. @throws {HmaRefusal} 400 */
export function assertSelected(content: ContentType, types: string | undefined): void {
  if (types === undefined) return;
  const names = types.split(',').flatMap((name) => name.trim() || []);
  if (names.length === 0) throw refuse(400, 'empty signal type selection');
  const unknown = names.find((name) => name !== signalTypeOf[content]);
  if (unknown !== undefined) throw refuse(400, `signal type '${unknown}' doesn't exist or is disabled`);
}

/** A picture or a file in a bank. */
export interface Content {
  readonly type: SignalType;
  /** The picture's or the file's own number. */
  readonly of: number;
  readonly bankId: number;
}

const banks = 32;
const firstFile = 2 ** 40;

export const contentIdOf = ({ type, of, bankId }: Content): number =>
  (type === 'video_md5' ? firstFile : 0) + of * banks + bankId;

export function contentOf(id: number): Content {
  const type = id >= firstFile ? 'video_md5' : 'pdq';
  const rest = type === 'video_md5' ? id - firstFile : id;
  return { type, of: Math.floor(rest / banks), bankId: rest % banks };
}
