import { type Cbor, decodeCbor, encodeCbor, join } from './cbor.ts';
import { SealedMediaError } from './errors.ts';
import { type Bytes, equal, label, sign, verify } from './primitives.ts';
import { bytesOf, countOf, countOrNull, fieldsOf, listOf } from './shape.ts';

/** Who agreed that this picture may be seen by whom, until when. Signed by the one who agrees. */
export interface ConsentRecord {
  /** 16 random bytes: names the record when it is taken back. */
  readonly id: Uint8Array;
  /** The public key under which the yes was given: an account's identity key, or a fresh one for somebody not here. */
  readonly giver: Uint8Array;
  /** SHA-256 of the picture's bytes: a yes is to this very picture. */
  readonly ph: Uint8Array;
  /** Identity keys of those who may see it. */
  readonly receivers: readonly Uint8Array[];
  /** Milliseconds since 1970 UTC; null: until taken back. */
  readonly until: number | null;
  readonly givenAt: number;
  readonly signature: Uint8Array;
}

const maxReceivers = 64;

const body = ({ id, giver, ph, receivers, until, givenAt }: Omit<ConsentRecord, 'signature'>): Cbor => ({
  id,
  giver,
  ph,
  receivers,
  until,
  givenAt,
});

const message = (record: Omit<ConsentRecord, 'signature'>): Bytes =>
  join(label('accord/consent/1'), encodeCbor(body(record)));

/** Gives a yes. */
export async function consent(
  seed: Uint8Array,
  record: Omit<ConsentRecord, 'signature'>,
): Promise<ConsentRecord> {
  return { ...record, signature: await sign(seed, message(record)) };
}

/** Whether its giver signed this very record; not whether it covers anything, or still holds. */
export const isConsent = (record: ConsentRecord): Promise<boolean> =>
  verify(record.giver, message(record), record.signature);

/** Whether `record` is its giver's yes to this picture for this receiver at this time. @throws {SealedMediaError} `consent_not_authentic` */
export async function checkConsent(
  record: ConsentRecord,
  { ph, receiver, now }: { readonly ph: Uint8Array; readonly receiver: Uint8Array; readonly now: number },
): Promise<void> {
  const covers =
    equal(record.ph, ph) &&
    record.receivers.some((key) => equal(key, receiver)) &&
    (record.until === null || now < record.until) &&
    record.givenAt <= now;
  if (!covers || !(await isConsent(record))) {
    throw new SealedMediaError('consent_not_authentic');
  }
}

/** A withdrawal is a signature over the record's id: it needs nothing but the giver's key. */
export const withdrawConsent = (seed: Uint8Array, id: Uint8Array): Promise<Bytes> =>
  sign(seed, join(label('accord/consent-withdrawal/1'), id));

export const isWithdrawal = (record: ConsentRecord, signature: Uint8Array): Promise<boolean> =>
  verify(record.giver, join(label('accord/consent-withdrawal/1'), record.id), signature);

export const consentToCbor = (record: ConsentRecord): Cbor => ({
  ...(body(record) as { readonly [key: string]: Cbor }),
  signature: record.signature,
});

/** @throws {SealedMediaError} `malformed` */
export function consentFromCbor(value: Cbor): ConsentRecord {
  const f = fieldsOf(value, ['id', 'giver', 'ph', 'receivers', 'until', 'givenAt', 'signature']);
  return {
    id: bytesOf(f.id, 16),
    giver: bytesOf(f.giver, 32),
    ph: bytesOf(f.ph, 32),
    receivers: listOf(f.receivers, maxReceivers, (key) => bytesOf(key, 32)),
    until: countOrNull(f.until),
    givenAt: countOf(f.givenAt),
    signature: bytesOf(f.signature, 64),
  };
}

/** A record by itself, as it is stored and exported. */
export const encodeConsent = (record: ConsentRecord): Bytes => encodeCbor(consentToCbor(record));

/** @throws {SealedMediaError} `malformed` */
export const decodeConsent = (bytes: Uint8Array): ConsentRecord => consentFromCbor(decodeCbor(bytes));
