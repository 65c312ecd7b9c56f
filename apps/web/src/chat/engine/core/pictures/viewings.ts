import { mediaLimits } from '@accord/protocol/limits';
import { reportReasons } from '@accord/protocol/words';
import {
  admit,
  type Descriptor,
  decodeDescriptor,
  isStale,
  openPicture,
  SealedMediaError,
} from '@accord/sealed-media';
import { ApiError } from '../../../../api/client.ts';
import { EngineError } from '../../api.ts';
import type { Asked, Opened, PictureMode, PictureRefusal } from '../../pictures-api.ts';
import type { Book } from '../book.ts';
import { fromBase64Url, sameBytes, uuidFrom } from '../bytes.ts';
import type { Cell } from '../cell.ts';
import type { Keys } from '../keys.ts';
import type { Clock, Http, Random } from '../ports.ts';
import { Batch, type Store } from '../store.ts';
import { sha256 } from './hash.ts';
import type { Matching } from './matching.ts';
import { type SeenPicture, seenKey, seenRange, unseen } from './records.ts';
import { type ModerationKey, sealReport } from './reports.ts';

interface ViewingPorts {
  readonly store: Store;
  readonly book: Book;
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: Keys;
  readonly matching: Matching;
  readonly moderationKey: () => Promise<ModerationKey>;
  readonly changed: (messageId: string) => void;
}

type Base = NonNullable<Cell['base']>;

/** A picture of somebody else's, as it lies in the timeline. */
export interface Arrived {
  readonly id: string;
  readonly base: Base;
  readonly picture: NonNullable<Base['picture']>;
}

class Refused extends Error {
  readonly code: PictureRefusal;

  constructor(code: PictureRefusal) {
    super(code);
    this.code = code;
  }
}

/** How long a picture that can be seen no more can still be reported, in ms. */
const reportWindow = mediaLimits.reportHours * 3_600_000;

/** For how long the server counts a repeated view once, less what the way takes, in ms. */
const sameView = 45_000;

/**
 * The receiver's side: the yes to a sender's pictures, and the checks before anything can be drawn. A refusal stays with the
 * picture on this device and is told to nobody.
 */
export class Viewings {
  readonly #ports: ViewingPorts;
  /** Views that were counted and not yet drawn, by blob: another try within the server's minute is the same view. */
  readonly #opening = new Map<string, { readonly viewId: string; readonly at: number }>();
  #modes: Map<string, PictureMode> | null = null;

  constructor(ports: ViewingPorts) {
    this.#ports = ports;
  }

  async state(blobId: string): Promise<SeenPicture> {
    const seen = (await this.#ports.store.get<SeenPicture>('pictures', seenKey(blobId))) ?? unseen;
    // An earlier version of the app gave a picture up for good where reading it had taken long.
    return (seen.refusal as string | null) === 'picture_timeout' ? { ...seen, refusal: null } : seen;
  }

  /** What this person decided about somebody's pictures; the last known answer where the server is away. */
  async mode(accountId: string): Promise<PictureMode> {
    return (await this.modes()).get(accountId) ?? 'ask';
  }

  async modes(): Promise<Map<string, PictureMode>> {
    if (this.#modes !== null) return this.#modes;
    const { store, http } = this.#ports;
    try {
      const { senders } = await http.call('media.senders.list');
      this.#modes = new Map(senders.map(({ accountId, mode }) => [accountId, mode]));
      await store.commit(new Batch().put('vault', 'picture-modes', senders));
      return this.#modes;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const kept = await store.get<{ accountId: string; mode: PictureMode }[]>('vault', 'picture-modes');
      return new Map((kept ?? []).map(({ accountId, mode }) => [accountId, mode]));
    }
  }

  /** Another device may have decided. */
  forgetModes(): void {
    this.#modes = null;
  }

  async setMode(accountId: string, mode: PictureMode): Promise<void> {
    await this.#ports.http.call('media.senders.write', { params: { accountId }, body: { mode } });
    this.#modes = null;
    await this.modes();
  }

  async acceptOnce({ id, picture }: Arrived): Promise<void> {
    await this.#ports.http.call('media.pictures.accept', { params: { blobId: picture.blobId }, body: {} });
    await this.#keep(id, picture.blobId, { accepted: true });
  }

  /** Opens a picture for the tab to draw. @throws {ApiError} where trying again may help */
  async open(arrived: Arrived): Promise<Opened> {
    const { id, picture, base } = arrived;
    const { accepted } = await this.state(picture.blobId);
    if (!accepted && (await this.mode(base.author)) !== 'always') throw new EngineError('not_found');
    try {
      return await this.#open(arrived);
    } catch (error) {
      const code = refusalOf(error);
      if (code === null) throw error;
      await this.refuse(id, picture.blobId, code);
      return { outcome: 'refused', code };
    }
  }

  async #open(arrived: Arrived): Promise<Opened> {
    const { http, matching, clock } = this.#ports;
    const { picture, id } = arrived;
    const descriptor = await this.#admit(arrived);
    const params = { blobId: picture.blobId };
    const ciphertext = await http.call('media.blobs.read', { params });
    if (!sameBytes(await sha256(ciphertext), descriptor.cth))
      throw new SealedMediaError('ciphertext_changed');
    const viewId = this.#viewOf(picture.blobId);
    const view = await http.call('media.pictures.view', { params, body: { viewId } });
    const ks = fromBase64Url(view.ks);
    // Before anything else can fail: what is seen can be reported, though it may never open again.
    if (descriptor.terms.maxViews !== null) await this.#keepReports(arrived, ks);
    const bytes = await openPicture(descriptor, ciphertext, ks);
    const { bankEpoch } = await matching.keys(descriptor.attestation.kid);
    await this.#keep(id, picture.blobId, { seen: true, viewsLeft: view.viewsLeft, refusal: null });
    const { checked = false } = await this.state(picture.blobId);
    const askAgain = !checked || isStale(descriptor.attestation, clock.now(), bankEpoch);
    if (!askAgain) this.#opening.delete(picture.blobId);
    return {
      outcome: 'open',
      bytes,
      hash: descriptor.h,
      askAgain,
      viewsLeft: view.viewsLeft,
      expiresAt: view.expiresAt,
    };
  }

  #viewOf(blobId: string): string {
    const { clock, random } = this.#ports;
    const known = this.#opening.get(blobId);
    if (known !== undefined && clock.now() - known.at < sameView) return known.viewId;
    const viewId = uuidFrom(random(16));
    this.#opening.set(blobId, { viewId, at: clock.now() });
    return viewId;
  }

  /** Everything that can be checked before something is fetched. */
  async #admit({ base, picture }: Arrived): Promise<Descriptor> {
    const { matching, clock, keys } = this.#ports;
    const { proof } = base;
    if (proof === null || proof === undefined || picture.descriptor === null)
      throw new Refused('tag_missing');
    const content = fromBase64Url(picture.descriptor);
    const { attestation, terms, consents } = decodeDescriptor(content);
    const known = await matching.keys(attestation.kid);
    const descriptor = await admit(
      { content, kf: fromBase64Url(proof.kf), c: fromBase64Url(proof.c), takenAt: base.at },
      { keys: known.keys, receiver: keys.identity.publicKey, now: clock.now() },
    );
    const others = terms.depicts === 'others' || terms.depicts === 'me_and_others';
    if (others && consents.length === 0) throw new Refused('yes_missing');
    return descriptor;
  }

  async #keepReports({ base, picture, id }: Arrived, ks: Uint8Array): Promise<void> {
    const { clock, moderationKey } = this.#ports;
    if (base.proof === null || base.proof === undefined || picture.descriptor === null) return;
    const key = await moderationKey();
    const message = {
      kind: 'picture' as const,
      content: fromBase64Url(picture.descriptor),
      proof: base.proof,
      ks,
    };
    const sealed: Record<string, Uint8Array> = {};
    for (const reason of reportReasons)
      sealed[reason] = await sealReport(key, { reason, words: '', messages: [message] });
    const reports = { until: clock.now() + reportWindow, kid: key.kid, sealed };
    await this.#keep(id, picture.blobId, { reports });
  }

  /** By the hash of what would be drawn. @throws {ApiError} */
  async askAgain(
    { id, picture }: Arrived,
    seen: { readonly hash: Uint8Array; readonly quality: number; readonly asked: Asked },
  ): Promise<'show' | 'hide'> {
    const { attestation } = decodeDescriptor(fromBase64Url(picture.descriptor ?? ''));
    const verdict = await this.#ports.matching.recheck(attestation, seen);
    this.#opening.delete(picture.blobId);
    if (verdict === 'hide') await this.refuse(id, picture.blobId, 'no_longer_allowed');
    else await this.#write(picture.blobId, { checked: true });
    return verdict;
  }

  async refuse(messageId: string, blobId: string, code: PictureRefusal): Promise<void> {
    const ended = code === 'gone';
    await this.#keep(messageId, blobId, ended ? { ended } : { refusal: code });
  }

  /** Sealed reports whose time is up go from this device. */
  async sweep(): Promise<void> {
    const { store, clock } = this.#ports;
    const batch = new Batch();
    for (const { key, value } of await store.range<SeenPicture>('pictures', seenRange))
      if (value.reports !== null && value.reports.until <= clock.now())
        batch.put('pictures', key, { ...value, reports: null } satisfies SeenPicture);
    await store.commit(batch);
  }

  /** It went dark. */
  async ended(blobId: string): Promise<void> {
    await this.#write(blobId, { ended: true });
  }

  async #keep(messageId: string, blobId: string, change: Partial<SeenPicture>): Promise<void> {
    await this.#write(blobId, change);
    this.#ports.changed(messageId);
  }

  async #write(blobId: string, change: Partial<SeenPicture>): Promise<void> {
    const next: SeenPicture = { ...(await this.state(blobId)), ...change };
    await this.#ports.store.commit(new Batch().put('pictures', seenKey(blobId), next));
  }
}

/** The refusal that an error means; null for what may pass by itself. */
function refusalOf(error: unknown): PictureRefusal | null {
  if (error instanceof Refused || error instanceof SealedMediaError) return error.code;
  if (error instanceof ApiError && error.code === 'not_found') return 'gone';
  return null;
}
