import type { RefusalCode } from '@accord/age-proof';
import type { Reply, RouteName } from '@accord/protocol';
import type { FastifyInstance } from 'fastify';
import type { SelectQueryBuilder } from 'kysely';
import type { Queries, Tx } from '../platform/database.ts';
import type { Purge } from '../platform/housekeeping.ts';
import type { Caller, Guard, Handlers } from '../platform/http.ts';
import type { Tables } from '../platform/tables.ts';

export type GateRoute = Extract<RouteName, `gate.${string}`>;

/** How a proof comes: by the page itself, or from an app or device that posts it. See `gate.begin`. */
export type Way = 'page' | 'browser' | 'link' | 'code';

export type Present = Reply<'gate.begin'>['present'];

/** What a secret of a request is for; each purpose has its own. */
export type Purpose = 'nonce' | 'state' | 'code' | 'verifier' | 'key';

/** One proof under way, as the methods see it: bound to its secrets, to one way, and to nobody. */
export interface ProofRequest {
  readonly proofId: string;
  readonly way: Way;
  /** 32 bytes that only this request has, and that go with it. */
  secret(purpose: Purpose): Buffer;
}

/**
 * Why a proof is not taken, for counters alone: a person learns only that it was refused. The verifier's codes
 * and those of what stands around it. Closed and stable.
 */
export type Outcome =
  | RefusalCode
  | 'accepted'
  /** Shown before, here or to another account. */
  | 'spent'
  /** The person said no, or the wallet for them. */
  | 'declined'
  /** The provider, or our database, was away. */
  | 'not_judged'
  /** Refused unseen: too many were refused today. */
  | 'tries_used_up'
  /** No such request of this browser, or not any more. */
  | 'unknown_request'
  /** No list of trusted issuers that holds now. */
  | 'list_missing'
  | 'test_document'
  | 'provider_answer'
  | 'provider_claim';

/** An attestation that must not be taken again. */
export interface Spent {
  /** `spentTag`'s 32 bytes. */
  readonly tag: Uint8Array;
  /** End of its life in ms. Not to be kept as it is: the issuer could match it. */
  readonly notAfter: number;
}

/** All that leaves a method. A member with a name, a date of birth or a document would not compile. */
export type AgeVerdict =
  | { readonly ok: true; readonly spent: Spent | null }
  | { readonly ok: false; readonly code: Outcome };

/** A text in each of our languages. */
export interface InWords {
  readonly en: string;
  readonly fr: string;
}

/**
 * A way to prove one's age: a plug-in. It says how to present a proof and judges what comes back; who may
 * talk is decided elsewhere, by `mayTalk`.
 */
export interface AgeMethod {
  readonly id: string;
  /** What is kept of the method. `test` proves nothing and exists on loopback only. */
  readonly kind: 'test' | 'wallet' | 'provider';
  readonly name: InWords | null;
  readonly learns: InWords | null;
  readonly doubleBlind: boolean;
  readonly assurance: 'verified' | 'estimated';
  readonly ways: readonly Way[];
  /** Milliseconds that a proof may be under way. */
  patienceMs(way: Way): number;
  /** Whether anything shown now could be believed. `now` in ms. */
  available(now: number): Promise<boolean>;
  /** @throws {Refusal} `unavailable` when a provider does not answer */
  present(request: ProofRequest): Promise<Present>;
  /**
   * Judges what came back for `request`, whatever it is. `now` in ms.
   * @throws {Refusal} `unavailable` when a provider does not answer
   */
  judge(response: unknown, request: ProofRequest, now: number): Promise<AgeVerdict>;
  /** Adds pages of the method's own, if it has any. */
  pages?(app: FastifyInstance): void;
}

/** A proof that is good now. `until` is the first instant (ms) at which it no longer is. */
export interface AdultState {
  readonly until: number;
  readonly method: string;
}

export interface Gate {
  /** The single door of everything that talks. @throws {Refusal} `proof_required` */
  readonly assertMayTalk: Guard['assertMayTalk'];
  readonly whoMayTalk: Guard['whoMayTalk'];
  /** The account's proof if it is good now and talk is open to this session, else null. */
  adultState(caller: Omit<Caller, 'deviceId'>, queries?: Queries): Promise<AdultState | null>;
  /** Takes an account's proof back: who comes to it now may be somebody else. */
  forget(tx: Tx, accountId: string): Promise<void>;
  /** The same where none of the passkeys is left that were there when it was given; says whether it did. */
  passkeysWent(tx: Tx, accountId: string): Promise<boolean>;
  /** Before the first request. @throws {ConfigError} where the pepper is not the database's */
  start(): Promise<void>;
  readonly handlers: Handlers<GateRoute>;
  readonly purges: readonly Purge[];
  /** Adds the pages of the methods, and where wallets answer. */
  registerPages(app: FastifyInstance): void;
  /** Ids of all accounts with a proof that is good now, for another feature's joins. */
  adults(queries: Queries): SelectQueryBuilder<Tables, 'adult', { account_id: string }>;
}
