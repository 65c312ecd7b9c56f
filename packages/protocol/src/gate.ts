import { z } from 'zod';
import { adult } from './accounts.ts';
import { id } from './primitives.ts';

/** A text in each of our languages. */
const inWords = z.object({ en: z.string(), fr: z.string() });

const method = z.object({
  id: z.string(),
  /** How the method is told to a person; `test` proves nothing and exists on loopback only. */
  kind: z.enum(['test', 'wallet', 'provider']),
  /** Its own name, and what it learns about a person, where it is a provider of the operator's choice. */
  name: inWords.nullable(),
  learns: inWords.nullable(),
  /** Whoever checks the age does not learn where it is shown, and we do not learn whose it is. */
  doubleBlind: z.boolean(),
  /** `estimated`: from a face or an e-mail address, where the law takes that. */
  assurance: z.enum(['verified', 'estimated']),
  /** False while nothing it shows could be checked, as when the list of trusted issuers is overdue. */
  available: z.boolean(),
});

/** By what talk opens again once it closed for this session, and when it closes. */
const terms = z.object({
  reopen: z.enum(['passkey', 'proof']),
  /** Minutes without a touch of the person after which talk closes; null where only time closes it. */
  idleMinutes: z.int().nullable(),
  /** Hours after which talk closes whatever one does; null: not before the proof runs out. */
  openHours: z.int().nullable(),
  /** Days that a proof is good for. */
  days: z.int(),
  /** Proofs that may be refused on one day, after which no other is looked at; null where nobody counts. */
  tries: z.int().nullable(),
});

/** How a wallet is reached: by the browser, by a link on this device, by a code that another device reads. */
const way = z.enum(['browser', 'link', 'code']);

const present = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('redirect'), url: z.string() }),
  /** `requests` of `navigator.credentials.get({ digital })`. */
  z.object({
    kind: z.literal('browser'),
    requests: z.array(z.object({ protocol: z.string(), data: z.record(z.string(), z.unknown()) })),
  }),
  z.object({ kind: z.enum(['link', 'code']), url: z.string() }),
]);

export const gate = {
  /** `open`: whether talk is open to this very session, for which the proof must also be good. */
  'gate.read': {
    reply: z.object({ methods: z.array(method), adult: adult.nullable(), open: z.boolean(), terms }),
  },
  'gate.begin': {
    body: z.strictObject({ method: z.string().max(40), way: way.optional() }),
    /** `lastsMs`: for how long from now, for clocks that differ from ours. */
    reply: z.object({ proofId: id, expiresAt: z.int(), lastsMs: z.int(), present }),
  },
  /** Whether another device or app has answered; `gate.finish` then says how it ended. */
  'gate.await': {
    params: z.strictObject({ proofId: id }),
    reply: z.object({ state: z.enum(['waiting', 'answered', 'over']) }),
  },
  'gate.finish': {
    params: z.strictObject({ proofId: id }),
    body: z.strictObject({ response: z.string().max(128 * 1024) }),
    reply: z.object({ adult }),
  },
  /** The person is here. `again`: seconds after which to say so again; null where nobody counts. */
  'gate.touch': { body: z.strictObject({}), reply: z.object({ again: z.int().nullable() }) },
  /** The practice statement (ISO/IEC 27566-1) as data, from the configuration that holds. */
  'gate.statement': {
    reply: z.object({
      jurisdictions: z.array(z.string()),
      version: z.string(),
      terms,
      methods: z.array(method),
      /** What the named jurisdictions ask for, whatever the operator chose within it. */
      asks: z.object({
        /** Least number of methods. */
        methods: z.int(),
        doubleBlind: z.boolean(),
        estimates: z.boolean(),
        reopen: z.enum(['passkey', 'proof']),
      }),
      /** Until when the list of trusted issuers is current, in ms; null where none is in use. */
      listUntil: z.int().nullable(),
      /** Days for which an overdue list still holds. */
      listGraceDays: z.int(),
    }),
  },
};
