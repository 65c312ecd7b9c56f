import { mediaLimits } from '@accord/protocol/limits';
import { attestationBytes, readAttestation } from '@accord/sealed-media';
import { ApiError } from '../../../../api/client.ts';
import { EngineError, type EngineErrorCode } from '../../api.ts';
import type { Prepared, SendingLook } from '../../pictures-api.ts';
import type { Book, Change } from '../book.ts';
import { fromBase64Url } from '../bytes.ts';
import type { Content } from '../content.ts';
import type { Courier } from '../courier.ts';
import type { Keys } from '../keys.ts';
import type { Clock, Http, Random } from '../ports.ts';
import type { ConversationRecord } from '../records.ts';
import type { Store } from '../store.ts';
import { answersOf, ask, create, expiryAfter } from './asking.ts';
import { draft, personOf, type SendInput, show } from './drafting.ts';
import type { Matching } from './matching.ts';
import { afterAnswer, isAtRest, passes } from './passing.ts';
import { type KeptGrant, type OwnPicture, ownKey, ownRange } from './records.ts';
import { ciphertextOf, commitment, contentOf, ownerSeedOf } from './sealing.ts';
import { upload } from './uploads.ts';

interface SendingPorts {
  readonly store: Store;
  readonly book: Book;
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: Keys;
  readonly courier: () => Courier;
  readonly matching: Matching;
  /** A grant of somebody else under which this may be shared with the owner of that identity key. */
  readonly grantFor: (like: Prepared, receiver: Uint8Array) => Promise<KeptGrant | null>;
  readonly grant: (id: string) => Promise<KeptGrant | null>;
  readonly changed: (messageId: string) => void;
  readonly trouble: (error: unknown) => void;
}

/** An attestation is asked for anew when it is this old: it holds ten minutes, and the message is still to leave. */
const attestationFresh = 7 * 60_000;
const tryAgain = 5_000;
const dayMs = 86_400_000;

/**
 * Own pictures on their way: checked, asked about, uploaded, sent; each step durable before the next, so that a crash or a
 * network that goes costs nothing but time.
 */
export class Sendings {
  readonly #ports: SendingPorts;
  readonly #own = new Map<string, OwnPicture>();
  readonly #progress = new Map<string, number>();
  #running = false;
  #again = false;
  #stopped = false;
  #timer: (() => void) | null = null;

  constructor(ports: SendingPorts) {
    this.#ports = ports;
  }

  async load(): Promise<void> {
    const rows = await this.#ports.store.range<OwnPicture>('pictures', ownRange);
    // What an earlier version of the app stored has no `wholes`.
    for (const { value } of rows)
      this.#own.set(value.id, { ...value, wholes: value.wholes ?? new Uint8Array() });
    for (const own of [...this.#own.values()]) await this.#catchUp(own);
  }

  /** The app was killed between the server's answer to the message and what follows from it. */
  async #catchUp({ id, enqueued, step }: OwnPicture): Promise<void> {
    if (!enqueued || step !== 'sending' || this.#ports.courier().holds(id)) return;
    const placed = await this.#ports.book.find(id);
    if (placed?.cell.base != null) await this.sent(id, placed.cell.base.at);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  byMessage(id: string): OwnPicture | undefined {
    return this.#own.get(id);
  }

  byBlob(blobId: string): OwnPicture | undefined {
    return [...this.#own.values()].find((own) => own.blobId === blobId);
  }

  look(own: OwnPicture): SendingLook {
    const { step, failure, appeal } = own;
    return {
      step,
      progress: this.#progress.get(own.id) ?? (step === 'sent' || step === 'sending' ? 1 : 0),
      failure,
      appeal,
      people: own.people.map(personOf),
    };
  }

  /** Takes the person's yes: everything that the sending needs is on this device before it resolves. */
  async begin(record: ConversationRecord, input: SendInput): Promise<void> {
    const { book, clock, keys } = this.#ports;
    if (this.#own.has(input.id)) return;
    const others = input.terms.depicts === 'others' || input.terms.depicts === 'me_and_others';
    if (others !== input.people.length > 0 || input.people.length > mediaLimits.consents)
      throw new EngineError('invalid_input', { field: 'people' });
    const own = await draft(this.#ports, [...this.#own.values()], record, input);
    await book.change(async (change) => {
      change.batch.put('pictures', ownKey(own.id), own);
      change.batch.put('canonical', own.id, input.picture.bytes);
      const at = Math.max(clock.now(), change.record(record.place).lastAt + 1);
      await show(change, own, {
        at,
        author: keys.device.accountId,
        expires: record.timer,
        picture: null,
      });
    });
    this.#own.set(own.id, own);
    this.pump();
  }

  /** Tries everything that can go on. */
  pump(): void {
    this.#again = true;
    if (this.#running || this.#stopped) return;
    this.#running = true;
    void this.#rounds()
      .catch(this.#ports.trouble)
      .finally(() => {
        this.#running = false;
      });
  }

  async #rounds(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      for (const { id } of [...this.#own.values()]) await this.#drive(id);
    }
  }

  async #drive(id: string): Promise<void> {
    for (let before: OwnPicture | null = null; !this.#stopped; ) {
      const own = this.#own.get(id);
      if (own === undefined || own === before || isAtRest(own)) return;
      before = own;
      try {
        await this.#step(own);
      } catch (error) {
        await this.#stumbled(own, error);
        return;
      }
    }
  }

  #step(own: OwnPicture): Promise<void> {
    switch (own.step) {
      case 'checking':
        return this.#check(own);
      case 'asking':
        return this.#ask(own);
      case 'waiting':
        return this.#wait(own);
      case 'uploading':
        return this.#upload(own);
      default:
        return own.enqueued ? Promise.resolve() : this.#send(own);
    }
  }

  async #check(own: OwnPicture): Promise<void> {
    const { lasts } = own.terms;
    const waits = own.people.length === 0 ? 0 : mediaLimits.consentDays * dayMs;
    const expiresAt = lasts === null ? null : this.#ports.clock.now() + waits + lasts * 1000;
    const checked = await this.#attested({ ...own, expiresAt });
    await this.#keep(
      checked.step === 'refused'
        ? checked
        : { ...checked, step: own.people.length === 0 ? 'uploading' : 'asking' },
    );
  }

  /** With a fresh attestation, or refused. */
  async #attested(own: OwnPicture): Promise<OwnPicture> {
    const { matching, keys, clock, book, grant } = this.#ports;
    const peer = book.byPlace(own.place)?.peer.identityPublicKey ?? '';
    const answer = await matching.attest(own, {
      cm: await commitment(own),
      ownerSeed: await ownerSeedOf(keys.identity.privateKey, own.ownerBlobId),
      grant: own.grantId === null ? null : await grant(own.grantId),
      receiver: fromBase64Url(peer),
    });
    if ('appeal' in answer) return { ...own, step: 'refused', appeal: answer.appeal };
    return { ...own, attestation: attestationBytes(answer), attestedAt: clock.now() };
  }

  async #ask(own: OwnPicture): Promise<void> {
    const picture = await this.#canonical(own);
    let now = own;
    for (const asking of own.people.filter(({ asked }) => !asked)) {
      const record = this.#ports.book.byPlace(own.place);
      const receivers = [record?.peer.accountId ?? ''];
      await ask(this.#ports, own, { asking, picture, receivers, until: own.expiresAt });
      const people = now.people.map((each) => (each === asking ? { ...each, asked: true } : each));
      now = { ...now, people };
      await this.#keep(now);
    }
    await this.#keep({ ...now, step: 'waiting' });
  }

  async #wait(own: OwnPicture): Promise<void> {
    const people = await answersOf(this.#ports.http, own.people);
    const declined = people.some(({ state }) => state === 'no' || state === 'withdrawn');
    const agreed = people.every(({ state }) => state === 'yes');
    const moved = people.some((each, at) => each.state !== own.people[at]?.state);
    if (!moved && !declined) return;
    await this.#keep({ ...own, people, step: declined ? 'declined' : agreed ? 'uploading' : 'waiting' });
    if (declined) await this.#callOff(own);
  }

  async #upload(own: OwnPicture): Promise<void> {
    const { http, changed } = this.#ports;
    const ciphertext = await ciphertextOf(await this.#canonical(own), own);
    await upload(http, { blobId: own.blobId, ciphertext, cth: own.cth }, (share) => {
      this.#progress.set(own.id, share);
      changed(own.id);
    });
    const waited = own.people.length > 0;
    const expiresAt = waited ? expiryAfter(own, this.#ports.clock.now()) : own.expiresAt;
    await this.#keep({ ...own, step: 'sending', expiresAt, ...(waited ? { attestation: null } : {}) });
  }

  async #send(own: OwnPicture): Promise<void> {
    const { clock, book } = this.#ports;
    if (own.attestation === null || clock.now() - own.attestedAt > attestationFresh) {
      await this.#keep(await this.#attested(own));
      return;
    }
    if (!own.created) {
      await create(this.#ports.http, own, book.byPlace(own.place)?.peer.accountId ?? '');
      await this.#keep({ ...own, created: true });
      return;
    }
    const record = book.byPlace(own.place);
    if (record === undefined || record.closed || record.blocked) throw new EngineError('conversation_closed');
    await this.#enqueue(own, record, own.attestation);
  }

  async #enqueue(own: OwnPicture, record: ConversationRecord, attestation: Uint8Array): Promise<void> {
    const { book, courier, random, clock, keys } = this.#ports;
    const next: OwnPicture = { ...own, enqueued: true };
    const leave = await book.change(async (change) => {
      const now = change.record(record.place);
      const written = Math.max(clock.now(), now.lastAt + 1);
      const vouched = readAttestation(attestation);
      const content = contentOf(own, vouched, {
        kf: random(32),
        written,
        expires: now.timer,
      });
      const author = keys.device.accountId;
      const { descriptor } = content;
      const picture = { descriptor, vouchedUntil: vouched.exp };
      await show(change, own, { at: written, author, expires: now.timer, picture });
      change.batch.put('pictures', ownKey(own.id), next);
      return courier().enqueue(change, record.place, content);
    });
    this.#own.set(own.id, next);
    leave();
    this.#ports.changed(own.id);
  }

  /** Asked by the courier before it seals: an attestation that ran out meanwhile is asked for anew. */
  mayLeave(content: Content): boolean {
    if (content.kind !== 'picture') return true;
    const own = this.#own.get(content.id);
    return own === undefined || this.#ports.clock.now() - own.attestedAt < attestationFresh + 60_000;
  }

  /** The courier gave a message back unsent. */
  async calledBack(messageId: string): Promise<void> {
    const own = this.#own.get(messageId);
    if (own !== undefined) await this.#keep({ ...own, enqueued: false, attestation: null });
    this.pump();
  }

  /** The server has the message, since `at` by its clock: what was kept for the sending goes. */
  async sent(messageId: string, at: number): Promise<void> {
    const own = this.#own.get(messageId);
    if (own === undefined || own.attestation === null) return;
    const next = afterAnswer(own, at);
    await this.#keep(next);
    this.pump();
    if (next.step !== 'sent') return;
    await this.#ports.book.change(async (change) => {
      change.batch.delete('canonical', own.id);
    });
  }

  /** Tries a failed one again. */
  async retry(messageId: string): Promise<boolean> {
    const own = this.#own.get(messageId);
    if (own === undefined || own.step !== 'failed' || own.enqueued) return false;
    const answered = own.people.every(({ state }) => state === 'yes');
    await this.#keep({
      ...own,
      step: answered && (own.attestation !== null || own.created) ? 'uploading' : 'checking',
      late: 0,
      failure: null,
    });
    this.pump();
    return true;
  }

  /** Calls off a picture that has not left. @returns false where it has */
  async cancel(own: OwnPicture): Promise<boolean> {
    const { book, courier } = this.#ports;
    if (own.step === 'sent') return false;
    const done = await book.change(async (change) => {
      const withdrawn = courier().withdraw(change, own.id);
      if (own.enqueued && withdrawn === null) return null;
      const placed = await change.find(own.id);
      if (placed !== undefined) change.remove(placed);
      change.batch.delete('pictures', ownKey(own.id)).delete('canonical', own.id);
      return withdrawn ?? (() => undefined);
    });
    if (done === null) return false;
    done();
    this.#own.delete(own.id);
    await this.#callOff(own);
    return true;
  }

  /** Nothing that waits here leaves any more. */
  async cancelAll(): Promise<void> {
    for (const own of [...this.#own.values()]) await this.cancel(own);
  }

  /** Questions and what was uploaded go dark. */
  async #callOff(own: OwnPicture): Promise<void> {
    const { http, trouble } = this.#ports;
    const calls: Promise<unknown>[] = own.people
      .filter(({ asked, state }) => asked && state === 'waiting')
      .map(({ consentId }) => http.call('media.consents.cancel', { params: { consentId } }));
    if (own.created) calls.push(this.#unregister(own));
    for (const { status, reason } of (await Promise.allSettled(calls)) as PromiseRejectedResult[])
      if (status === 'rejected') trouble(reason);
  }

  /** Takes back what the server has already, and what it stands for unless another own picture stands under it too. */
  async #unregister(own: OwnPicture): Promise<void> {
    const { http, matching, keys } = this.#ports;
    await http.call('media.pictures.revoke', { params: { blobId: own.blobId } });
    const shared = [...this.#own.values()].some(
      ({ id, ownerBlobId }) => id !== own.id && ownerBlobId === own.ownerBlobId,
    );
    if (own.grantId === null && !shared)
      await matching.forget(await ownerSeedOf(keys.identity.privateKey, own.ownerBlobId));
  }

  /** Own pictures of the account's other devices: known, so that the same one may be sent from here too. */
  remember(change: Change, own: OwnPicture): void {
    change.batch.put('pictures', ownKey(own.id), own);
    this.#own.set(own.id, own);
  }

  async #canonical(own: OwnPicture): Promise<Uint8Array> {
    const bytes = await this.#ports.store.get<Uint8Array>('canonical', own.id);
    if (bytes === undefined) throw new EngineError('not_found');
    return bytes;
  }

  async #stumbled(own: OwnPicture, error: unknown): Promise<void> {
    const refused = error instanceof ApiError || error instanceof EngineError;
    if (!refused) this.#ports.trouble(error);
    const code: EngineErrorCode = refused ? error.code : 'internal';
    if (refused && passes(code)) {
      const wait =
        error instanceof ApiError && error.retryAfter !== undefined ? error.retryAfter * 1000 : tryAgain;
      this.#timer?.();
      this.#timer = this.#ports.clock.after(wait, () => this.pump());
    } else if (code === 'consent_missing') await this.#keep({ ...own, step: 'declined' });
    else await this.#keep({ ...own, step: 'failed', failure: code });
  }

  /** Stores where it stands; a bubble shows it. */
  async #keep(own: OwnPicture): Promise<void> {
    const stands = own.step === 'failed' || own.step === 'refused' || own.step === 'declined';
    await this.#ports.book.change(async (change) => {
      change.batch.put('pictures', ownKey(own.id), own);
      if (own.step === 'refused' || own.step === 'declined') change.batch.delete('canonical', own.id);
      if (stands && !own.enqueued)
        await change.update(own.place, own.id, (cell) => ({
          ...cell,
          out: { state: 'failed', failure: own.failure },
        }));
    });
    this.#own.set(own.id, own);
    this.#ports.changed(own.id);
  }
}
