import type { EngineErrorCode } from '../../api.ts';
import type { Depicted, PictureRefusal, PictureTerms, SendingStep } from '../../pictures-api.ts';

/* What this device keeps of pictures, sealed like everything of the store. */

/** Somebody in an own picture, and the question to them. */
export interface Asking {
  readonly who: Depicted;
  readonly consentId: string;
  /** The copy sealed for them alone. */
  readonly blobId: string;
  readonly km: Uint8Array;
  readonly ks: Uint8Array;
  /** Of a one-time link: its id, and the key that is in its fragment alone. */
  readonly link: { readonly id: string; readonly key: Uint8Array } | null;
  readonly asked: boolean;
  readonly state: 'waiting' | 'yes' | 'no' | 'withdrawn';
  /** The signed yes. */
  readonly record: Uint8Array | null;
}

/** What seals and binds one picture; drawn once, so that a repeated step does the same. */
interface Sealing {
  readonly blobId: string;
  readonly km: Uint8Array;
  readonly ks: Uint8Array;
  readonly r: Uint8Array;
}

/** An own picture, from the person's yes on. */
export interface OwnPicture extends Sealing {
  /** Id of the message that carries it. */
  readonly id: string;
  readonly place: number;
  readonly createdAt: number;
  readonly terms: PictureTerms;
  readonly expiresAt: number | null;
  readonly width: number;
  readonly height: number;
  readonly cth: Uint8Array;
  readonly ph: Uint8Array;
  readonly h: Uint8Array;
  readonly q: number;
  readonly turned: Uint8Array;
  readonly parts: Uint8Array;
  /** This and `anchors` are absent in what an earlier version of the app prepared. */
  readonly against?: Uint8Array;
  readonly wholes: Uint8Array;
  readonly kept: Uint8Array;
  readonly anchors?: Uint8Array;
  readonly thumbnail: Uint8Array;
  /** The picture whose owner key this one stands under: itself, or an earlier sending of the same. */
  readonly ownerBlobId: string;
  /** Sent on under somebody's grant: its id. */
  readonly grantId: string | null;
  readonly people: readonly Asking[];
  readonly step: SendingStep;
  readonly attestation: Uint8Array | null;
  /** By this device's clock. */
  readonly attestedAt: number;
  /** The server has its half-key and its policy. */
  readonly created: boolean;
  /** Its message is in the outbox, or left. */
  readonly enqueued: boolean;
  /** How often it reached the server after its attestation had run out. */
  readonly late?: number;
  readonly failure: EngineErrorCode | null;
  readonly appeal: string | null;
}

/** What came to pass with a picture of somebody else, by its blob. */
export interface SeenPicture {
  readonly accepted: boolean;
  readonly seen: boolean;
  readonly viewsLeft: number | null;
  /** The matching service let this device's own hashes of it be shown. */
  readonly checked?: boolean;
  readonly ended: boolean;
  readonly refusal: PictureRefusal | null;
  /** Reports sealed while it could be opened, one for each reason; handed in until `until`. */
  readonly reports: {
    readonly until: number;
    readonly kid: string;
    readonly sealed: Readonly<Record<string, Uint8Array>>;
  } | null;
}

export const unseen: SeenPicture = {
  accepted: false,
  seen: false,
  viewsLeft: null,
  ended: false,
  refusal: null,
  reports: null,
};

/** A grant that this person gave, or may use. */
export interface KeptGrant {
  readonly id: string;
  /** Id of the message whose picture it is about. */
  readonly messageId: string;
  readonly mine: boolean;
  readonly to: string;
  /** Encoded `Grant`. */
  readonly grant: Uint8Array;
  /** The key that uses it: made by the owner for this grant, known to the two of them. */
  readonly sharerSeed: Uint8Array;
  readonly receivers: readonly {
    readonly accountId: string;
    readonly pseudonym: string;
    readonly key: string;
  }[];
  readonly until: number;
}

export const ownKey = (messageId: string): string => `own/${messageId}`;
export const ownRange = { from: 'own/', to: 'own0' };
export const seenKey = (blobId: string): string => `seen/${blobId}`;
export const seenRange = { from: 'seen/', to: 'seen0' };
export const sentKey = (blobId: string): string => `sent/${blobId}`;
export const grantKey = (id: string): string => `grant/${id}`;
export const grantRange = { from: 'grant/', to: 'grant0' };
