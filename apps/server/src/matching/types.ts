import type { Dihedral } from '@accord/perceptual';
import type { RouteName } from '@accord/protocol';
import type { Tx } from '../platform/database.ts';
import type { Purge } from '../platform/housekeeping.ts';
import type { Handlers } from '../platform/http.ts';
import type { Category, Standing } from './opinions.ts';

type MatchingRoute = Extract<RouteName, `matching.${string}`>;

/**
 * What a bank is for. `blocking`: nothing like it is sent. `claimed`: the same while a case is open. `review`: never
 * refused, a person looks. `trusted`: known harmless pictures that many people have; a match there lifts the refusal of a
 * re-share, never that of a blocking bank.
 */
export const bankPurposes = ['blocking', 'claimed', 'review', 'trusted'] as const;
export type BankPurpose = (typeof bankPurposes)[number];

/** Banks that exist from the start: what the desk decided, and what it protects until it has. */
export const ownBanks = { decided: 'DESK', claimed: 'CLAIMED' } as const;

export interface Bank {
  readonly id: number;
  /** Capital letters, digits and `_`. */
  readonly name: string;
  readonly purpose: BankPurpose;
  /** Where its hashes come from: `desk`, `file`, `StopNCII`, … */
  readonly source: string;
  /** Whose the hashes are: `own`, or the partner who must be asked before they are given on. */
  readonly owner: string;
  /** One that is not matches nothing. */
  readonly enabled: boolean;
  readonly createdAt: Date;
}

export interface BankStats extends Bank {
  /** Pictures with a standing positive or seed opinion in it. */
  readonly pictures: number;
  /** Their hashes, crops and regions included. */
  readonly hashes: number;
  /** Files that it knows byte for byte. */
  readonly files: number;
  readonly byCategory: Readonly<Record<Category | 'withdrawn', number>>;
}

/** What a hash is of; see `VariantKind` of the perceptual package. A plain PDQ is `whole`. */
export type HashKind = 'whole' | 'part' | 'region';

export interface KindHash {
  readonly kind: HashKind;
  readonly hash: Uint8Array;
  /** Of a kept crop: see `VariantHash` of the perceptual package. Not known where it is left out. */
  readonly anchor?: number;
}

/** What a match is by: a hash that is near, or the very bytes of the file. */
export type MatchKind = HashKind | 'file';

/** One picture as a bank holds it: its plain PDQ names it, `variants` are further hashes of it. */
export interface Signal {
  readonly hash: Uint8Array;
  /** The hash is no PDQ but an MD5 or a SHA-256 of the file, which is found byte for byte alone. */
  readonly exact?: boolean;
  /** 0 to 100; 100 where it is not known. Below 50 the picture is passed over, as it would match by accident. */
  readonly quality: number;
  readonly variants?: readonly KindHash[];
  readonly opinion: {
    readonly category: Category;
    readonly tags?: readonly string[];
    /** 0 to 100. */
    readonly confidence?: number;
    /** When it was given, by the source's clock. */
    readonly at: Date;
  };
}

/** Which source within a bank speaks; by default the bank's own. Several members of one exchange have each a voice. */
export interface Voice {
  readonly source?: string;
}

export interface LookupOptions {
  /** Only these banks, by name; all that are enabled by default. */
  readonly banks?: readonly string[];
  /** Most bits that differ; by default what `Threshold.radius` says. */
  readonly radius?: number;
  /** Which banked hashes to look at; `whole` alone by default, as the questions of partners mean it. */
  readonly kinds?: readonly HashKind[];
  /** Banks that are switched off, too. */
  readonly disabledToo?: boolean;
}

/** A banked picture or file by its number, with all that was said of it. */
export interface BankedPicture {
  /** Its PDQ, or the digest of a file. */
  readonly hash: Buffer;
  readonly quality: number;
  readonly match: BankMatch;
}

/** One banked picture near a question, with everything that was said about it. */
export interface BankMatch {
  readonly signalId: number;
  readonly distance: number;
  readonly kind: MatchKind;
  /** All opinions together. */
  readonly standing: Standing;
  /** Names of the asked banks that hold it. */
  readonly banks: readonly string[];
  readonly opinions: readonly {
    readonly bank: string;
    readonly source: string;
    readonly ours: boolean;
    readonly category: Category;
    readonly tags: readonly string[];
    readonly confidence: number;
    readonly at: Date;
    readonly withdrawn: boolean;
  }[];
}

export interface Banks {
  /** @throws {Refusal} `invalid_input` for a name that is none or taken, or when there are 31 already */
  create(bank: Pick<Bank, 'name' | 'purpose' | 'source' | 'owner'>): Promise<Bank>;
  list(): Promise<Bank[]>;
  /** The same as the index knows them, without asking the database. */
  known(): readonly Bank[];
  stats(): Promise<BankStats[]>;
  enable(name: string, enabled: boolean): Promise<void>;
  rename(name: string, to: string): Promise<void>;
  /** Removes a bank with all that was said in it. The two banks of the desk stay. */
  remove(name: string): Promise<void>;
  /** Adds pictures or changes what a source says of them; returns how many changed. They match before it resolves. */
  addSignals(bank: string, signals: readonly Signal[], voice?: Voice): Promise<number>;
  /** A source takes back what it said of these pictures; that it did stays known. Returns how many changed. */
  removeSignals(
    bank: string,
    hashes: readonly Uint8Array[],
    voice?: Voice & { readonly at?: Date; readonly exact?: boolean },
  ): Promise<number>;
  /** Banked pictures within the radius of one hash, nearest first. */
  lookup(hash: Uint8Array, options?: LookupOptions): Promise<BankMatch[]>;
  /** The same for many hashes, in their order. */
  lookupMany(hashes: readonly Uint8Array[], options?: LookupOptions): Promise<BankMatch[][]>;
  /** Banked files with exactly these digests (MD5 or SHA-256), in their order. */
  lookupFiles(
    digests: readonly Uint8Array[],
    options?: Pick<LookupOptions, 'banks' | 'disabledToo'>,
  ): Promise<BankMatch[][]>;
  /** Banked pictures near one picture, of which many hashes are asked: its turns and parts, and regions that are anchored. */
  lookupPicture(hashes: readonly KindHash[], options?: Omit<LookupOptions, 'kinds'>): Promise<BankMatch[]>;
  /** The number of the banked picture with exactly this PDQ, or of the file with this digest; undefined when there is none. */
  idOf(hash: Uint8Array, exact?: boolean): Promise<number | undefined>;
  /** A banked picture or file by its number. */
  read(signalId: number): Promise<BankedPicture | undefined>;
  /** Banked pictures and files (by MD5) that can be found at all; counts rows, and so takes a while where there are millions. */
  count(): Promise<{ readonly pictures: number; readonly files: number }>;
  /** Changes with every change of what the banks say, never goes back. */
  epoch(): Promise<number>;
}

/**
 * What a search of all registered pictures found. Put the hashes in a bank first: then what is registered meanwhile is
 * refused, and what was registered before is found.
 */
export interface Sweep {
  /** The blob tags of every registered picture near the hashes. */
  readonly tags: readonly string[];
  readonly coverage: {
    /** Registered pictures when the sweep began, and those of them that could be searched (quality 50 and more). */
    readonly registered: number;
    readonly searched: number;
    /** Hashes that were asked. */
    readonly asked: number;
  };
  /** False when a part of the index did not answer: sweep again. */
  readonly complete: boolean;
}

/** The registry of pictures that can be opened now, or whose owners want re-shares refused. Knows no account. */
export interface Registry {
  /** A blob's id (a UUID) enciphered under a key of ours, hex: what a sweep answers with. */
  tagOf(blobId: string): string;
  /** The blob that has this tag; undefined for what is none. */
  blobOf(tag: string): string | undefined;
  /**
   * The blob is here and about to be opened by others. A registration that nobody confirms ends soon after its attestation.
   * False when there is none: take no such blob, as it was not attested and no sweep would ever find it.
   */
  confirm(tx: Tx, blobId: string): Promise<boolean>;
  /** These can't be opened any more: each becomes a tombstone or is forgotten, as its owner wished. */
  ended(tx: Tx, blobIds: readonly string[]): Promise<void>;
  /** The person in these took their yes back: from now on nobody may send anything like them, their owner included. */
  bar(tx: Tx, blobIds: readonly string[]): Promise<void>;
  /** Every registered picture near one of these hashes of one picture (its eight symmetries, its crops). */
  sweep(hashes: readonly KindHash[]): Promise<Sweep>;
}

/** How something stored lies to the picture that was asked about. */
interface Nearness {
  readonly distance: number;
  readonly kind: 'whole' | 'part';
  readonly turn: Dihedral;
  /** 0 to 100, of what is stored. */
  readonly quality: number;
}

/** What is near one picture, for a person to judge; nearest first. Never a hash, never whose a picture is. */
export interface Neighbours {
  readonly banked: readonly (Nearness & {
    readonly bank: string;
    readonly source: string;
    readonly category: Category;
    readonly ours: boolean;
    readonly at: Date;
  })[];
  /** `open`: it can be seen by somebody now; else a tombstone that refuses re-shares. */
  readonly registered: readonly (Nearness & { readonly open: boolean })[];
}

/** Interim protection for the desk. */
export interface Claims {
  /** From now on nothing like these pictures is sent, until `release`. `caseId` is the desk's, opaque to us. */
  claim(caseId: string, signals: readonly Omit<Signal, 'opinion'>[]): Promise<void>;
  /** The case is decided: `decided` puts its pictures in the bank of the desk in the same step. */
  release(caseId: string, outcome: 'decided' | 'dropped'): Promise<void>;
}

/** How near a picture must come to a known one to be taken for a copy of it. Changed by two people. */
export interface Threshold {
  /** Most bits that differ, as this process searches now. */
  radius(): number;
  /** Puts a change down in a transaction of the caller's; call `changed` when it is committed. */
  change(
    tx: Tx,
    change: {
      readonly radius: number;
      readonly by: string;
      readonly askedBy: string;
      readonly now: number;
    },
  ): Promise<void>;
  /** Resolves when this process searches by what was committed; the others are told and follow within moments. */
  changed(): Promise<void>;
}

/** Why a sending was refused, for whoever decides about its appeal. */
export interface Explanation {
  readonly reason: 'bank' | 'registered' | 'grant';
  readonly at: Date;
  readonly matches: readonly BankMatch[];
  /** The cases that protect what it came near, as `claim` named them. */
  readonly claimedBy: readonly string[];
}

export interface Matching {
  readonly handlers: Handlers<MatchingRoute>;
  readonly purges: readonly Purge[];
  readonly banks: Banks;
  readonly registry: Registry;
  readonly claims: Claims;
  readonly threshold: Threshold;
  neighbours(hash: Uint8Array): Promise<Neighbours>;
  /** What lies behind a refusal's appeal code (16 bytes); null for an unknown or old one. */
  explain(appeal: Uint8Array): Promise<Explanation | null>;
  /** Whether the index is loaded, and follows the database. */
  indexState(): 'absent' | 'stale' | 'current';
  /** Resolves when the index has all that was committed before the call, by `ended` and `bar` too. */
  catchUp(): Promise<void>;
  /** Loads the index; nothing is answered before. */
  start(): Promise<void>;
  /** Writes the index to the disk, as happens from time to time and at the end. */
  save(): Promise<void>;
  /** Writes the index to the disk and ends its threads. */
  close(): Promise<void>;
}
