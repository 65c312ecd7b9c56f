import { EngineError, type EngineEvent } from '../../api.ts';
import type {
  Asked,
  Depicted,
  GrantLook,
  MyPicture,
  Opened,
  PictureLook,
  PictureMode,
  PictureRefusal,
  PictureTerms,
  Prepared,
} from '../../pictures-api.ts';
import type { Arrival } from '../apply.ts';
import type { Book, Change } from '../book.ts';
import { uuidFrom } from '../bytes.ts';
import { factsIn, isLate } from '../cell.ts';
import type { Content } from '../content.ts';
import type { Courier } from '../courier.ts';
import type { Keys } from '../keys.ts';
import type { Clock, Http, Random } from '../ports.ts';
import type { ConversationRecord } from '../records.ts';
import type { Store } from '../store.ts';
import { Grants, receivedGrant } from './grants.ts';
import { Matching } from './matching.ts';
import { Questions } from './questions.ts';
import { grantKey, type KeptGrant } from './records.ts';
import { readModerationKey } from './reports.ts';
import { rememberedFrom } from './sealing.ts';
import { Sendings } from './sendings.ts';
import { type Arrived, Viewings } from './viewings.ts';
import { Whereabouts } from './whereabouts.ts';

interface PicturesPorts {
  readonly store: Store;
  readonly book: Book;
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: Keys;
  readonly courier: () => Courier;
  readonly tell: (event: EngineEvent) => void;
  readonly trouble: (error: unknown) => void;
  /** Says something in a conversation that can still be written to. */
  readonly say: (conversationId: string, content: Content) => Promise<void>;
  readonly writable: (conversationId: string) => ConversationRecord;
}

type ById = { readonly messageId: string };

/** Everything about pictures that is asked of the engine. */
export class Pictures {
  readonly #ports: PicturesPorts;
  readonly sendings: Sendings;
  readonly viewings: Viewings;
  readonly questions: Questions;
  readonly #grants: Grants;
  readonly #whereabouts: Whereabouts;

  constructor(ports: PicturesPorts) {
    this.#ports = ports;
    const changed = (messageId: string) =>
      ports.tell({ type: 'pictures', messageIds: [messageId], dark: [] });
    const matching = new Matching(ports);
    const moderationKey = () => readModerationKey(ports.http);
    this.#grants = new Grants(ports);
    this.#whereabouts = new Whereabouts({ ...ports, changed });
    this.questions = new Questions({ ...ports, answered: () => ports.tell({ type: 'questions' }) });
    this.viewings = new Viewings({ ...ports, matching, moderationKey, changed });
    this.sendings = new Sendings({
      ...ports,
      matching,
      changed,
      grantFor: (like, receiver) => this.#grants.fitting(like, receiver),
      grant: (id) => this.#grants.byId(id),
    });
  }

  async load(): Promise<void> {
    await this.viewings.sweep();
    await this.sendings.load();
  }

  stop(): void {
    this.sendings.stop();
  }

  /** A way to the server is open again. */
  reconnected(): void {
    this.viewings.forgetModes();
    this.sendings.pump();
    this.#moved();
  }

  /** Something may have happened to own pictures. */
  #moved(dark: readonly string[] = []): void {
    this.#whereabouts.forget();
    this.#ports.tell({ type: 'pictures', messageIds: [], dark });
  }

  /** The server says that pictures went dark; an empty list: many did, or an own one was seen. */
  async ended(blobIds: readonly string[]): Promise<void> {
    for (const blobId of blobIds) await this.viewings.ended(blobId);
    this.#moved(blobIds);
  }

  /** A question came, or an answer. */
  asked(): void {
    this.#ports.tell({ type: 'questions' });
    this.sendings.pump();
  }

  /** A content that came by the group, in the unit of work that stores it; answers what to call when that is done. */
  arrived(change: Change, { author, place, at, content }: Arrival): (() => void) | undefined {
    const me = this.#ports.keys.device.accountId;
    if (content.kind === 'grant' && author !== me) {
      const kept = receivedGrant(content, author);
      if (kept === null) return undefined;
      change.batch.put('pictures', grantKey(kept.id), kept);
      return () => this.#ports.tell({ type: 'pictures', messageIds: [kept.messageId], dark: [] });
    }
    if (content.kind !== 'picture' || author !== me) return undefined;
    const own = rememberedFrom(content, { place, at });
    if (own !== null && this.sendings.byMessage(own.id) === undefined) this.sendings.remember(change, own);
    return undefined;
  }

  async send(input: {
    conversationId: string;
    id: string;
    picture: Prepared;
    terms: PictureTerms;
    people: readonly Depicted[];
  }): Promise<void> {
    await this.sendings.begin(this.#ports.writable(input.conversationId), input);
  }

  async look({ messageId }: ById): Promise<PictureLook | null> {
    const placed = await this.#ports.book.find(messageId);
    const base = placed?.cell.base;
    if (placed === undefined || base?.picture === undefined) return null;
    const mine = base.author === this.#ports.keys.device.accountId;
    const facts = factsIn(base.picture);
    const own = mine ? this.sendings.byMessage(messageId) : undefined;
    const seen = await this.viewings.state(facts.blobId);
    const left = mine && (own === undefined || own.step === 'sent');
    const sent = left ? await this.#whereabouts.of(messageId, facts.blobId) : null;
    const isOver =
      seen.ended ||
      (sent !== null && sent.state !== 'open') ||
      (facts.expiresAt !== null && facts.expiresAt <= this.#ports.clock.now());
    const grants = await this.#grants.all();
    const usable = grants.find((grant) => !grant.mine && grant.messageId === messageId);
    return {
      ...facts,
      mine,
      sent,
      thumbnail: own === undefined || own.thumbnail.length === 0 ? null : own.thumbnail,
      sending: own === undefined ? null : this.sendings.look(own),
      mode: mine ? 'always' : await this.viewings.mode(base.author),
      accepted: seen.accepted,
      ended: isOver,
      // What came too late may have come again since.
      refusal: seen.refusal === 'attestation_expired' && !isLate(base) ? null : seen.refusal,
      viewsLeft: seen.viewsLeft,
      seen: seen.seen,
      grant:
        usable === undefined
          ? null
          : {
              receivers: usable.receivers.map(({ accountId, pseudonym }) => ({ accountId, pseudonym })),
              until: usable.until,
            },
    };
  }

  async decide({ messageId, answer }: ById & { answer: 'once' | PictureMode }): Promise<void> {
    const arrived = await this.#arrived(messageId);
    if (answer === 'once') await this.viewings.acceptOnce(arrived);
    else await this.setSender({ accountId: arrived.base.author, mode: answer });
  }

  async open({ messageId }: ById): Promise<Opened> {
    return this.viewings.open(await this.#arrived(messageId));
  }

  async askAgain(
    input: ById & { hash: Uint8Array; quality: number; asked: Asked },
  ): Promise<'show' | 'hide'> {
    return this.viewings.askAgain(await this.#arrived(input.messageId), input);
  }

  async refused({ messageId, code }: ById & { code: PictureRefusal }): Promise<void> {
    const { picture } = await this.#arrived(messageId);
    await this.viewings.refuse(messageId, picture.blobId, code);
  }

  async setSender({ accountId, mode }: { accountId: string; mode: PictureMode }): Promise<void> {
    await this.viewings.setMode(accountId, mode);
    this.#ports.tell({ type: 'pictures', messageIds: [], dark: [] });
  }

  async senders(): Promise<{ accountId: string; mode: PictureMode }[]> {
    return [...(await this.viewings.modes())].map(([accountId, mode]) => ({ accountId, mode }));
  }

  async mine(): Promise<MyPicture[]> {
    const { http } = this.#ports;
    const grants = await this.#grants.all();
    const out: MyPicture[] = [];
    for (let before: string | undefined; ; ) {
      const page = await http.call('media.pictures.list', { query: before === undefined ? {} : { before } });
      for (const { size: _, endedAt: __, ...picture } of page.pictures) {
        const own = this.sendings.byBlob(picture.blobId);
        out.push({
          ...picture,
          messageId: own?.id ?? null,
          thumbnail: own === undefined || own.thumbnail.length === 0 ? null : own.thumbnail,
          people: own === undefined ? [] : this.sendings.look(own).people,
          grants: grants.filter((grant) => grant.mine && grant.messageId === own?.id).map(grantLook),
        });
      }
      if (page.next === null) return out;
      before = page.next;
    }
  }

  /** Calls off one that has not left, or destroys the half-key of one that has. */
  async takeBack({ blobId }: { blobId: string }): Promise<void> {
    const own = this.sendings.byBlob(blobId);
    if (own !== undefined && (await this.sendings.cancel(own))) return;
    await this.#ports.http.call('media.pictures.revoke', { params: { blobId } });
    this.#moved([blobId]);
  }

  async takeBackAll(): Promise<{ count: number }> {
    await this.sendings.cancelAll();
    const { revoked } = await this.#ports.http.call('media.pictures.revokeAll');
    this.#moved();
    return { count: revoked };
  }

  /** Before a message of one's own is deleted: its picture goes dark first. */
  async deleting(messageId: string): Promise<boolean> {
    const own = this.sendings.byMessage(messageId);
    if (own === undefined) return false;
    if (await this.sendings.cancel(own)) return true;
    await this.#ports.http.call('media.pictures.revoke', { params: { blobId: own.blobId } });
    return false;
  }

  async grant(input: {
    messageId: string;
    receivers: readonly { accountId: string; pseudonym: string }[];
    until: number;
  }): Promise<void> {
    const { book, http, random } = this.#ports;
    const own = this.sendings.byMessage(input.messageId);
    const record = own === undefined ? undefined : book.byPlace(own.place);
    if (own === undefined || record === undefined) throw new EngineError('not_found');
    const receivers = await Promise.all(
      input.receivers.map(({ accountId }) => http.call('presence.people.read', { params: { accountId } })),
    );
    const content = await this.#grants.give(own, {
      id: uuidFrom(random(16)),
      to: record.peer.accountId,
      receivers: receivers.map(({ id, pseudonym, identityPublicKey }) => ({
        accountId: id,
        pseudonym,
        identityPublicKey,
      })),
      until: input.until,
    });
    await this.#ports.say(record.id, content);
  }

  async withdrawGrant({ id }: { id: string }): Promise<void> {
    const kept = await this.#grants.byId(id);
    const own = kept === null ? undefined : this.sendings.byMessage(kept.messageId);
    if (kept === null || own === undefined) throw new EngineError('not_found');
    await this.#grants.withdraw(kept, own);
  }

  async #arrived(messageId: string): Promise<Arrived> {
    const placed = await this.#ports.book.find(messageId);
    const base = placed?.cell.base;
    if (base?.picture === undefined || base.author === this.#ports.keys.device.accountId)
      throw new EngineError('not_found');
    return { id: messageId, base, picture: base.picture };
  }
}

const grantLook = ({ id, to, receivers, until }: KeptGrant): GrantLook => ({
  id,
  to,
  names: receivers.map(({ pseudonym }) => pseudonym),
  until,
});
