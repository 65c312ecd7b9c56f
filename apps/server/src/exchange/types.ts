import type { Opinion } from '@accord/hash-exchange';
import type { Rounds } from '../platform/rounds.ts';

/** What a peer speaks. `list`: a file, or an address that gives one. */
export const exchangeKinds = ['stopncii', 'ncmec', 'threatexchange', 'list'] as const;
export type ExchangeKind = (typeof exchangeKinds)[number];

/** What is said of a peer when it is added. Never a credential: those are in `ACCORD_EXCHANGE_KEYS`, by the exchange's name. */
export interface ExchangeSpec {
  /** Also its bank's: capital letters, digits and `_`. */
  readonly name: string;
  readonly kind: ExchangeKind;
  /** By kind: `settingsOfKind` in `kinds.ts`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What its bank is for; `blocking` by default. */
  readonly purpose?: 'blocking' | 'review';
  /** Whether what people here asked us to share is told to this peer. False by default. */
  readonly tells?: boolean;
}

export interface ExchangeView {
  readonly name: string;
  readonly kind: ExchangeKind;
  readonly enabled: boolean;
  readonly tells: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
}

/** Why the last try came to nothing. Closed and stable. */
export type SyncFault =
  | 'no_keys'
  | 'refused'
  | 'slow_down'
  | 'away'
  | 'bad_answer'
  | 'not_allowed'
  | 'empty_list'
  | 'off'
  | 'internal';

export interface ExchangeStatus {
  readonly name: string;
  readonly kind: ExchangeKind;
  readonly enabled: boolean;
  readonly tells: boolean;
  /** When somebody last began to ask the peer; null: never. */
  readonly triedAt: Date | null;
  /** When a fetch last came to its end. */
  readonly completedAt: Date | null;
  /** By the peer's clock: we have everything up to here. */
  readonly upTo: Date | null;
  /** True while a fetch has pages left, whether or not a process is at it. */
  readonly underWay: boolean;
  readonly fault: SyncFault | null;
  /** Tries since the last that worked. */
  readonly failures: number;
  readonly nextAt: Date;
  /** Records that stand, and that were taken back. */
  readonly records: number;
  readonly withdrawn: number;
  /** Of ours: told to the peer, and still to be told or taken back. */
  readonly told: number;
  readonly toTell: number;
}

/** How a fetch went. */
export interface SyncOutcome {
  readonly complete: boolean;
  readonly pages: number;
  readonly records: number;
  readonly fault: SyncFault | null;
}

/** A record of a peer as it last told it: the evidence behind an entry of the peer's bank. */
export interface PeerRecord {
  readonly exchange: string;
  readonly key: string;
  /** By the peer's clock. */
  readonly at: Date;
  readonly withdrawn: boolean;
  readonly opinions: readonly Opinion[];
}

/** Peers with whom hashes are exchanged. */
export interface Exchanges {
  list(): Promise<ExchangeView[]>;
  /** @throws {Refusal} `not_found` */
  find(name: string): Promise<ExchangeView>;
  /**
   * Adds a peer and its bank. `byOperator`: may name a file of this machine.
   * @throws {Refusal} `invalid_input` with the field: a name that is none or taken, settings that don't fit, an address that is not allowed
   */
  create(spec: ExchangeSpec, byOperator?: boolean): Promise<ExchangeView>;
  /** @throws {Refusal} `not_found` */
  enable(name: string, enabled: boolean): Promise<void>;
  /**
   * Removes a peer with its bank and all that it said.
   * @throws {Refusal} `not_found`; `open_work` while it holds something of ours: stop telling it first
   */
  remove(name: string): Promise<void>;
  status(): Promise<ExchangeStatus[]>;
  /** Fetches now, or joins the fetch under way; null when another process is at it. @throws {Refusal} `not_found` */
  sync(name: string): Promise<SyncOutcome | null>;
  /** What peers say of exactly this PDQ, also what they took back. */
  records(pdq: Uint8Array): Promise<PeerRecord[]>;
}

export interface Exchange extends Exchanges {
  /** The person ticked it and two people approved: these are told to the peers. `caseId` is the desk's, opaque to us. */
  share(caseId: string, about: 'ncii' | 'child_safety', hashes: readonly Uint8Array[]): Promise<void>;
  /** No longer: every peer that was told is told so. Takes one person, or none. */
  takeBack(caseId: string): Promise<void>;
  readonly rounds: Rounds<void>;
}
