import type { RouteName } from '@accord/protocol';
import type { FastifyInstance } from 'fastify';
import type { SelectQueryBuilder } from 'kysely';
import type { Queries } from '../platform/database.ts';
import type { Purge } from '../platform/housekeeping.ts';
import type { Guard, Handlers } from '../platform/http.ts';
import type { Tables } from '../platform/tables.ts';

export type GateRoute = Extract<RouteName, `gate.${string}`>;

/** What a method is asked to present: a proof bound to this nonce, brought back to `returnUrl`. */
interface ProofRequest {
  readonly proofId: string;
  /** 32 random bytes, used once. */
  readonly nonce: Buffer;
  /** Where the person comes back to, with the response in the fragment. */
  readonly returnUrl: URL;
}

/** Why a method refuses. Told to nobody but the tests: a person learns only that the proof was refused. */
export class ProofRefused extends Error {
  override readonly name = 'ProofRefused';
}

/**
 * A way to prove one's age: a plug-in. It says how to present a proof and judges what comes back; who may
 * talk is decided elsewhere, by `mayTalk`.
 */
export interface AgeMethod {
  readonly id: string;
  /** `test` proves nothing and exists on loopback only. */
  readonly kind: 'test' | 'wallet' | 'provider';
  /** Names the rules by which a proof was judged; a proof under rules we no longer take is none. */
  readonly policy: string;
  /** Days that a proof is good for. */
  readonly days: number;
  present(request: ProofRequest): Promise<{ readonly kind: 'redirect'; readonly url: string }>;
  /**
   * Resolves when `response` proves that the person is an adult. `nonce` is the request's, `now` milliseconds.
   * @throws {ProofRefused} under age, declined, not authentic, for another request, too old
   */
  verify(response: string, request: { readonly nonce: Buffer; readonly now: number }): Promise<void>;
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
  /** The account's proof if it is good now, else null. A socket lives no longer than its `until`. */
  adultState(accountId: string, queries?: Queries): Promise<AdultState | null>;
  readonly handlers: Handlers<GateRoute>;
  readonly purges: readonly Purge[];
  /** Adds the pages of the methods. */
  registerPages(app: FastifyInstance): void;
  /** Ids of all accounts with a proof that is good now, for another feature's joins. */
  adults(queries: Queries): SelectQueryBuilder<Tables, 'adult', { account_id: string }>;
}
