import * as z from 'zod/mini';
import { fromUtf8, utf8 } from './bytes.ts';

/*
 * What is inside an MLS application message: UTF-8 JSON, checked here when it arrives and trusted from then on.
 * A kind that this version does not know is kept as such, so that a person sees that something came.
 */

export const textLimit = 4000;

const id = z.uuid();
const instant = z.int().check(z.nonnegative());
const words = z.string().check(z.minLength(1), z.maxLength(textLimit), z.regex(/^(?:[^\p{Cc}]|[\n\t])*$/u));
const mark = z.object({ at: instant, id });
const base64Url = (most: number) => z.string().check(z.regex(/^[A-Za-z0-9_-]*$/), z.maxLength(most));
/** 32 bytes. */
const key = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));

const content = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('text'),
    id,
    text: words,
    replyTo: z.optional(id),
    /** When its author wrote it, by their clock: the order of what reached the server in one instant. */
    written: z.optional(instant),
    /** Seconds that it lives after it was sent. */
    expires: z.optional(z.int().check(z.positive())),
    /** Opens the commitment to the words, for a report. */
    kf: z.optional(key),
  }),
  z.object({
    kind: z.literal('picture'),
    id,
    /** As `encodeDescriptor` of the sealed-media package writes it. */
    descriptor: base64Url(43_691),
    kf: key,
    written: z.optional(instant),
    expires: z.optional(z.int().check(z.positive())),
  }),
  /** The owner of the picture `target` lets the other side share it, with `seed` as the key that does. */
  z.object({
    kind: z.literal('grant'),
    id,
    target: id,
    grant: base64Url(5462),
    seed: key,
    receivers: z
      .array(z.object({ accountId: id, pseudonym: z.string().check(z.maxLength(60)) }))
      .check(z.maxLength(64)),
    until: instant,
  }),
  z.object({
    kind: z.literal('reaction'),
    id,
    target: id,
    emoji: z.nullable(z.string().check(z.minLength(1), z.maxLength(32))),
  }),
  z.object({ kind: z.literal('edit'), id, target: id, text: words }),
  z.object({ kind: z.literal('delete'), id, target: id }),
  z.object({ kind: z.literal('timer'), id, seconds: instant }),
  /** Everything of the other side up to the mark arrived, or was read. */
  z.object({ kind: z.literal('receipt'), id, delivered: z.optional(mark), read: z.optional(mark) }),
]);

const envelope = z.object({ id, kind: z.string().check(z.maxLength(40)) });

export type Content = z.infer<typeof content>;
/** Something of a newer version: it has an id and a kind, nothing else is known. */
export interface Newer {
  readonly kind: 'newer';
  readonly id: string;
}
/** Up to a message: everything that has no later instant (of the server) than it. */
export type Mark = z.infer<typeof mark>;

const kinds = new Set(['text', 'picture', 'grant', 'reaction', 'edit', 'delete', 'timer', 'receipt']);

/** Bytes for the group. */
export const encodeContent = (value: Content): Uint8Array<ArrayBuffer> => utf8(JSON.stringify(value));

/** Reads what came; null for what no version of ours would send. */
export function decodeContent(bytes: Uint8Array): Content | Newer | null {
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch {
    return null;
  }
  const known = content.safeParse(value);
  if (known.success) return known.data;
  const outer = envelope.safeParse(value);
  if (!outer.success || kinds.has(outer.data.kind)) return null;
  return { kind: 'newer', id: outer.data.id };
}

/** Is `a` before `b`? */
export const before = (a: { readonly at: number }, b: { readonly at: number }): boolean => a.at < b.at;

/** The later of two marks. */
export function later(a: Mark | null, b: Mark): Mark {
  return a === null || before(a, b) ? b : a;
}
