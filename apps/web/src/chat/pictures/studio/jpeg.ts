/** Segments that an encoder may add and a canonical picture has none of: APP1–APP15 (EXIF, XMP, profiles) and comments. */
const isExtra = (marker: number): boolean => (marker > 0xe0 && marker <= 0xef) || marker === 0xfe;

/**
 * Takes everything but the picture out of a JPEG that this browser's own encoder has just written. Some add a colour
 * profile or an EXIF head with the size.
 * @throws {TypeError} where the bytes are no JPEG
 */
export function stripJpeg(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new TypeError('not a JPEG');
  const out = new Uint8Array(bytes.length);
  out.set(bytes.subarray(0, 2));
  let length = 2;
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    const end = at + 2 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
    if (end > bytes.length) throw new TypeError('a segment beyond the end');
    // Entropy-coded data follows the start of scan: from there on, nothing is an extra.
    const stop = marker === 0xda ? bytes.length : end;
    if (!isExtra(marker)) {
      out.set(bytes.subarray(at, stop), length);
      length += stop - at;
    }
    at = stop;
  }
  return out.slice(0, length);
}
