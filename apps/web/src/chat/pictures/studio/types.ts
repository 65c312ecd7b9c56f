import type { Edits, Size } from './edits.ts';

/** Why a picture could not be read, made or drawn here. */
export type StudioCode =
  | 'picture_unreadable'
  | 'picture_too_large'
  | 'picture_timeout'
  | 'not_canonical'
  /** What reads pictures could not be fetched. */
  | 'studio_away';

/** Hash of a drawn picture: PDQ, 32 bytes, and its quality, 0–100. */
export interface DrawnHash {
  readonly hash: Uint8Array;
  readonly quality: number;
}

/** What the picture may be an edited copy of: hashes of 32 bytes, one after another. */
export interface AskedHashes {
  readonly turned: Uint8Array;
  readonly parts: Uint8Array;
  /** A byte for each of `parts`: what it is held against. */
  readonly against: Uint8Array;
  readonly wholes: Uint8Array;
}

/** A picture in its one form, with nothing but the picture in it, and what it is asked about with. */
export interface Canonical extends DrawnHash, Size {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: 'image/jpeg';
  readonly asked: AskedHashes;
  /** Crops that are kept with the registered picture, so that crops of it are found. */
  readonly kept: Uint8Array;
  /** A byte for each of them: its anchor. */
  readonly anchors: Uint8Array;
  /** A small JPEG for the sender's own list. */
  readonly thumbnail: Uint8Array<ArrayBuffer>;
  /** Milliseconds of the worker's work. */
  readonly spent: number;
}

/** A picture that arrived, drawn: `bitmap` holds the very pixels that `hash` is of. */
export interface Drawn extends DrawnHash {
  readonly bitmap: ImageBitmap;
  /** Where it was wanted: a first view asks the matching service. */
  readonly asked: AskedHashes | null;
  readonly spent: number;
}

export type StudioCall =
  | { readonly kind: 'open'; readonly id: string; readonly file: Blob }
  | { readonly kind: 'finish'; readonly id: string; readonly source: string; readonly edits: Edits }
  | { readonly kind: 'close'; readonly id: string; readonly source: string }
  | {
      readonly kind: 'draw';
      readonly id: string;
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly asked: boolean;
    }
  | { readonly kind: 'ask'; readonly id: string; readonly bytes: Uint8Array<ArrayBuffer> };

/** The worker's first word: it is there, and begins with what it was told by then. */
export interface StudioReady {
  readonly ready: true;
}

export type StudioAnswer =
  | { readonly id: string; readonly value: unknown }
  | { readonly id: string; readonly code: StudioCode };
