/** Every reason for which a picture is not hashed. Stable: callers and translations key on these. */
export const REFUSAL_CODES = [
  'picture.empty',
  'picture.unreadable',
  'picture.truncated',
  'picture.unsupported-format',
  'picture.too-many-pixels',
  'picture.too-many-bytes',
  'picture.timeout',
  'picture.wrong-length',
  'picture.wrong-size',
  'picture.memory',
  'hash.malformed',
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** A typed refusal: `code` says which of the closed list, `message` is for operators and quotes no content. */
export class PictureRefused extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PictureRefused';
    this.code = code;
  }
}
