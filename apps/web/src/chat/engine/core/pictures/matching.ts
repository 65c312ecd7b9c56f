import {
  type Attestation,
  attestationBytes,
  decodeAnswer,
  decodeGrant,
  useGrant as proveGrant,
  proveOwner,
  publicKeyOf,
  signOwnerAct,
} from '@accord/sealed-media';
import type { Asked } from '../../pictures-api.ts';
import { concat, fromBase64Url, sameBytes, toBase64Url, toHex, uuidBytes } from '../bytes.ts';
import type { Clock, Http } from '../ports.ts';
import { Batch, type Store } from '../store.ts';
import type { KeptGrant, OwnPicture } from './records.ts';

/** Public keys of the matching service by `kid` in hex, and the state of its banks, as last heard. */
export interface MatchingKeys {
  readonly keys: ReadonlyMap<string, Uint8Array>;
  readonly bankEpoch: number;
}

interface StoredKeys {
  readonly keys: readonly { readonly kid: string; readonly publicKey: string }[];
  readonly bankEpoch: number;
  readonly at: number;
}

const keysLast = 3_600_000;

/** The matching service, asked without an account; its keys are kept, so that old pictures open offline of it. */
export class Matching {
  readonly #http: Http;
  readonly #store: Store;
  readonly #clock: Clock;

  constructor({ http, store, clock }: { http: Http; store: Store; clock: Clock }) {
    this.#http = http;
    this.#store = store;
    this.#clock = clock;
  }

  /** Keys that know `kid`, asked for anew when they do not. @throws {ApiError} */
  async keys(kid: Uint8Array): Promise<MatchingKeys> {
    const known = await this.#store.get<StoredKeys>('vault', 'matching-keys');
    const fresh = known !== undefined && this.#clock.now() - known.at < keysLast;
    if (known !== undefined && fresh && known.keys.some((key) => sameBytes(fromBase64Url(key.kid), kid)))
      return asMap(known);
    const { keys, bankEpoch } = await this.#http.call('matching.keys');
    const stored: StoredKeys = {
      keys: keys.map(({ kid: id, publicKey }) => ({ kid: id, publicKey })),
      bankEpoch,
      at: this.#clock.now(),
    };
    await this.#store.commit(new Batch().put('vault', 'matching-keys', stored));
    return asMap(stored);
  }

  /**
   * May this picture be sent? Its owner is asked about as one that their own key stands for.
   * @returns the attestation, or the number under which the refusal can be asked about
   * @throws {ApiError}
   */
  async attest(
    own: OwnPicture,
    what: {
      readonly cm: Uint8Array;
      readonly ownerSeed: Uint8Array;
      readonly grant: KeptGrant | null;
      /** Identity key of the one whom it goes to. */
      readonly receiver: Uint8Array;
    },
  ): Promise<Attestation | { readonly appeal: string }> {
    const { cm, ownerSeed, grant, receiver } = what;
    const { answer } = await this.#http.call('matching.attest', {
      body: {
        h: toBase64Url(own.h),
        q: own.q,
        cm: toBase64Url(cm),
        blobId: toBase64Url(uuidBytes(own.blobId)),
        asked: askedBody(own),
        kept: toBase64Url(own.kept),
        ...(own.anchors !== undefined && { anchors: toBase64Url(own.anchors) }),
        by: grant === null ? await asOwner(ownerSeed, cm) : await asSharer(grant, cm, receiver),
        afterwards: 'refuse',
      },
    });
    const decoded = decodeAnswer(fromBase64Url(answer));
    return decoded.outcome === 'attested' ? decoded.attestation : { appeal: toHex(decoded.appeal) };
  }

  /** What was registered for a picture that never left is forgotten. @throws {ApiError} */
  async forget(ownerSeed: Uint8Array): Promise<void> {
    const ownerKey = await publicKeyOf(ownerSeed);
    const at = this.#clock.now();
    const proof = await signOwnerAct(ownerSeed, ownerKey, { act: 'forget', at, about: new Uint8Array() });
    await this.#http.call('matching.ownership', {
      body: { ownerKey: toBase64Url(ownerKey), wish: 'forget', at, proof: toBase64Url(proof) },
    });
  }

  /** Whether a picture that came may be drawn, by the own hash of it. @throws {ApiError} */
  async recheck(
    attestation: Attestation,
    seen: { readonly hash: Uint8Array; readonly quality: number; readonly asked: Asked },
  ): Promise<'show' | 'hide'> {
    const { verdict } = await this.#http.call('matching.recheck', {
      body: {
        h: toBase64Url(seen.hash),
        q: seen.quality,
        asked: askedBody(seen.asked),
        attestation: toBase64Url(attestationBytes(attestation)),
      },
    });
    return verdict;
  }
}

const asMap = ({ keys, bankEpoch }: StoredKeys): MatchingKeys => ({
  keys: new Map(keys.map(({ kid, publicKey }) => [toHex(fromBase64Url(kid)), fromBase64Url(publicKey)])),
  bankEpoch,
});

const askedBody = ({
  turned,
  parts,
  against,
  wholes,
}: Omit<Asked, 'against'> & Partial<Pick<Asked, 'against'>>) => ({
  turned: toBase64Url(turned),
  parts: toBase64Url(parts),
  ...(against !== undefined && { against: toBase64Url(against) }),
  wholes: toBase64Url(wholes),
  regions: '',
});

async function asOwner(ownerSeed: Uint8Array, cm: Uint8Array) {
  const key = toBase64Url(await publicKeyOf(ownerSeed));
  return { kind: 'owner' as const, key, proof: toBase64Url(await proveOwner(ownerSeed, cm)) };
}

async function asSharer({ grant, sharerSeed }: KeptGrant, cm: Uint8Array, receiver: Uint8Array) {
  const receivers = [toBase64Url(await saltedReceiver(decodeGrant(grant).salt, receiver))];
  const use = toBase64Url(await proveGrant(sharerSeed, cm));
  return { kind: 'grant' as const, grant: toBase64Url(grant), use, receivers };
}

/** The salted hash under which a grant names somebody. */
export async function saltedReceiver(salt: Uint8Array, identityKey: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', concat(salt, identityKey)));
}
