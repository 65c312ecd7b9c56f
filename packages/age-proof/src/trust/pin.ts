import { type Bytes, fromBase64Lax, toBase64Url } from '../bytes.ts';
import { type Anchor, attestationUses, readAnchor } from '../chain.ts';
import { instant } from '../fields.ts';
import { type Primitives, webPrimitives } from '../keys.ts';
import { refuse, type Verdict, verdict } from '../refusals.ts';

/** Authorities that were read out of a verified list. Dates in milliseconds since 1970. */
export interface Pin {
  /** SHA-256 of the certificate that signed the list, lower-case hexadecimal. */
  readonly signer: string;
  readonly sequence: number;
  readonly issuedAt: number;
  /** When the list's operator promised the next one at the latest. */
  readonly nextUpdate: number;
  /** Certificates in DER. */
  readonly anchors: readonly Bytes[];
}

const format = 'accord-age-trust-1';

/** Name of the file of pinned anchors within the data folder. */
export const pinName = 'age-trust.json';

/** Text of the file that `accord age trust import` writes and the server reads. */
export function formatPin(pin: Pin): string {
  const { signer, sequence, issuedAt, nextUpdate, anchors } = pin;
  const file = {
    format,
    signer,
    sequence,
    issuedAt: new Date(issuedAt).toISOString(),
    nextUpdate: new Date(nextUpdate).toISOString(),
    anchors: anchors.map(toBase64Url),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below.
  }
  return refuse('pin_malformed');
}

const texts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

/** Reads the file of pinned anchors. */
export function readPin(text: string): Promise<Verdict<{ readonly pin: Pin }>> {
  return verdict(async () => {
    const { format: stated, signer, sequence, anchors, ...dates } = parsed(text);
    const [issuedAt, nextUpdate] = [dates.issuedAt, dates.nextUpdate].map((date) => instant(String(date)));
    if (stated !== format || typeof signer !== 'string' || !/^[\da-f]{64}$/.test(signer))
      refuse('pin_malformed');
    if (!Number.isSafeInteger(sequence) || !texts(anchors)) return refuse('pin_malformed');
    if (issuedAt === undefined || nextUpdate === undefined || !(issuedAt < nextUpdate))
      return refuse('pin_malformed');
    const ders = anchors.map(fromBase64Lax);
    return { pin: { signer, sequence: sequence as number, issuedAt, nextUpdate, anchors: ders } };
  });
}

/**
 * The anchors that hold now: none once the list is past its renewal and the grace given.
 * @param graceMs how long a list may be overdue, milliseconds
 */
export function anchorsOf(
  pin: Pin,
  now: number,
  graceMs: number,
  primitives: Primitives = webPrimitives,
): Promise<Verdict<{ readonly anchors: readonly Anchor[] }>> {
  return verdict(async () => {
    if (now > pin.nextUpdate + graceMs) refuse('list_expired');
    return {
      anchors: await Promise.all(pin.anchors.map((der) => readAnchor(der, attestationUses, primitives))),
    };
  });
}
