import { GroupCryptoError } from '@accord/group-crypto';
import { ApiError } from '../../../api/client.ts';
import { EngineError, type EngineEvent, type EngineStatus, type Me, type Person, starting } from '../api.ts';
import { Account, type Ceremony, type Passkey } from './account.ts';
import { CodeError } from './codes.ts';
import { exportData } from './export.ts';
import type { ReportInput } from './pictures/desk.ts';
import type { Pictures } from './pictures/pictures.ts';
import { type Ports, StorageError } from './ports.ts';
import { Session } from './session.ts';
import { Store } from './store.ts';
import type { Talk } from './talk.ts';

type First<F> = F extends (input: infer I) => unknown ? I : never;

const retryMe = 5_000;

/**
 * The engine of one browser: where it stands, and what can be asked of it. Runs where the lock is held, once
 * for all tabs; restarts from what the store holds, at any point.
 */
export class Core {
  readonly #ports: Ports;
  readonly #store: Store;
  readonly #account: Account;
  readonly #tell: (event: EngineEvent) => void;
  #session: Session | null = null;
  #status: EngineStatus = starting;
  #me: Me | null | 'unknown' = 'unknown';
  #retry: (() => void) | null = null;
  #network = true;
  #hidden = false;
  #asked = false;
  #stopped = false;

  constructor(ports: Ports, tell: (event: EngineEvent) => void) {
    this.#ports = ports;
    this.#tell = tell;
    this.#store = new Store(ports.backend, ports.random);
    this.#account = new Account(this.#store, ports.http, ports.random);
  }

  get status(): EngineStatus {
    return this.#status;
  }

  /** Resolves when what is kept can be read; who is signed in is asked meanwhile. */
  async start(): Promise<void> {
    try {
      await this.#account.load();
      await this.#open();
    } catch (error) {
      this.#trouble(error);
    }
    void this.#refresh().finally(() => {
      this.#asked = true;
      this.#update({});
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#retry?.();
    this.#session?.stop();
    this.#session = null;
  }

  /** The browser says whether there is a network. */
  network(there: boolean): void {
    this.#network = there;
    this.#session?.link.network(there);
    if (there && this.#status.stage === 'unreachable') void this.#refresh();
  }

  /** The page is out of sight, perhaps about to be closed. */
  hidden(hidden: boolean): void {
    this.#hidden = hidden;
    this.#session?.link.hidden(hidden);
  }

  persistent(persistent: boolean): void {
    this.#update({ persistent });
  }

  /** What pages call, by name. */
  readonly methods = {
    status: async () => this.#status,
    'account.beginRegistration': (input: { pseudonym: string }): Promise<Ceremony> =>
      this.#account.beginRegistration(input.pseudonym),
    'account.finishRegistration': (input: Passkey) =>
      this.#changing(() => this.#account.finishRegistration(input)),
    'account.beginSignIn': (): Promise<Ceremony> => this.#account.beginSignIn(),
    'account.finishSignIn': (input: Passkey) => this.#changing(() => this.#account.finishSignIn(input)),
    'account.beginReturn': (input: { code: string }): Promise<Ceremony> =>
      this.#account.beginReturn(input.code),
    'account.finishReturn': (input: Passkey) => this.#changing(() => this.#account.finishReturn(input)),
    'account.createLinkCode': () => this.#account.createLinkCode(),
    'account.replaceRecoveryCode': () => this.#account.replaceRecoveryCode(),
    'account.signOut': () => this.#leave('signOut'),
    'account.forget': () => this.#leave('forget'),
    'account.delete': () => this.#leave('delete'),
    'account.refresh': () => this.#refresh(),
    'requests.list': async () => {
      const listed = await this.#need().requests.list();
      this.#update({ waitingRequests: listed.incoming.length });
      return listed;
    },
    'requests.send': (input: { person: Person; line: string }) =>
      this.#need().requests.send(input.person, input.line),
    'requests.accept': (input: { requestId: string }) => this.#accept(input.requestId),
    'requests.hide': async (input: { requestId: string }) => {
      await this.#ports.http.call('presence.requests.hide', { params: input, body: {} });
      this.#requestsChanged();
    },
    'conversations.list': async () => this.#session?.summaries() ?? [],
    'conversations.timeline': (input: First<Talk['timeline']>) => this.#need().talk.timeline(input),
    'conversations.send': (input: First<Talk['send']>) => this.#need().talk.send(input),
    'conversations.edit': (input: First<Talk['edit']>) => this.#need().talk.edit(input),
    'conversations.react': (input: First<Talk['react']>) => this.#need().talk.react(input),
    'conversations.deleteForBoth': (input: First<Talk['deleteForBoth']>) => this.#delete(input),
    'conversations.retry': async (input: First<Talk['retry']>) => {
      const { pictures, talk } = this.#need();
      if (!(await pictures.sendings.retry(input.messageId))) await talk.retry(input);
    },
    'conversations.markRead': (input: First<Talk['markRead']>) => this.#need().talk.markRead(input),
    'conversations.setDraft': (input: First<Talk['setDraft']>) => this.#need().talk.setDraft(input),
    'conversations.typing': (input: First<Talk['typing']>) => this.#need().talk.typing(input),
    'conversations.setTimer': (input: First<Talk['setTimer']>) => this.#need().talk.setTimer(input),
    'conversations.search': (input: First<Talk['find']>) => this.#need().talk.find(input),
    'conversations.safetyCode': (input: First<Talk['safetyCode']>) => this.#need().talk.safetyCode(input),
    'conversations.setVerified': (input: First<Talk['setVerified']>) => this.#need().talk.setVerified(input),
    'conversations.acceptKey': (input: First<Talk['acceptKey']>) => this.#need().talk.acceptKey(input),
    'conversations.close': (input: First<Talk['close']>) => this.#need().talk.close(input),
    'conversations.block': (input: First<Talk['block']>) => this.#need().talk.block(input),
    'pictures.send': (input: First<Pictures['send']>) => this.#need().pictures.send(input),
    'pictures.look': (input: First<Pictures['look']>) => this.#need().pictures.look(input),
    'pictures.decide': (input: First<Pictures['decide']>) => this.#need().pictures.decide(input),
    'pictures.open': (input: First<Pictures['open']>) => this.#need().pictures.open(input),
    'pictures.askAgain': (input: First<Pictures['askAgain']>) => this.#need().pictures.askAgain(input),
    'pictures.refused': (input: First<Pictures['refused']>) => this.#need().pictures.refused(input),
    'pictures.mine': () => this.#need().pictures.mine(),
    'pictures.takeBack': (input: First<Pictures['takeBack']>) => this.#need().pictures.takeBack(input),
    'pictures.takeBackAll': () => this.#need().pictures.takeBackAll(),
    'pictures.grant': (input: First<Pictures['grant']>) => this.#need().pictures.grant(input),
    'pictures.withdrawGrant': (input: First<Pictures['withdrawGrant']>) =>
      this.#need().pictures.withdrawGrant(input),
    'pictures.senders': () => this.#need().pictures.senders(),
    'pictures.setSender': (input: First<Pictures['setSender']>) => this.#need().pictures.setSender(input),
    'pictures.report': (input: ReportInput) => this.#need().desk.report(input),
    'pictures.questions': () => this.#need().pictures.questions.list(),
    'pictures.openQuestion': (input: { consentId: string }) =>
      this.#need().pictures.questions.open(input.consentId),
    'pictures.answer': (input: { consentId: string; yes: boolean; until: number | null }) =>
      this.#need().pictures.questions.answer(input.consentId, input.yes, input.until),
    'pictures.withdrawYes': (input: { consentId: string }) =>
      this.#need().pictures.questions.withdraw(input.consentId),
    'settings.read': async () => this.#need().settings,
    'settings.write': (input: First<Session['writeSettings']>) => this.#need().writeSettings(input),
    'settings.export': () => {
      const session = this.#need();
      return exportData(session, this.#status.me, this.#ports.clock.now());
    },
  };

  /** A picture goes dark before its message goes; one that has not left leaves no trace. */
  async #delete(input: First<Talk['deleteForBoth']>): Promise<void> {
    const { pictures, talk } = this.#need();
    if (!(await pictures.deleting(input.messageId))) await talk.deleteForBoth(input);
  }

  #need(): Session {
    if (this.#session === null) throw new EngineError('no_keys');
    return this.#session;
  }

  /** A step after which this browser may hold other keys, and the server know it otherwise. */
  async #changing<T extends { me: Me }>(work: () => Promise<T>): Promise<T> {
    const result = await work();
    await this.#open();
    this.#arrived(result.me);
    return result;
  }

  async #accept(requestId: string): Promise<{ conversationId: string }> {
    const session = this.#need();
    // Opening the lines keeps them: the conversation begins with the first one.
    await session.requests.list();
    const params = { requestId };
    const accepted = await this.#ports.http.call('presence.requests.accept', { params, body: {} });
    await session.discover();
    void session.reconcile().catch((error: unknown) => this.#trouble(error));
    this.#requestsChanged();
    return accepted;
  }

  async #leave(how: 'signOut' | 'forget' | 'delete'): Promise<void> {
    const { http } = this.#ports;
    const deviceId = this.#account.keys?.device.deviceId;
    if (how === 'delete') await http.call('accounts.delete');
    if (how === 'signOut') {
      if (deviceId !== undefined)
        await ignore(http.call('accounts.devices.remove', { params: { deviceId } }));
      await ignore(http.call('accounts.signOut', { body: {} }));
    }
    this.#session?.stop();
    this.#session = null;
    await this.#account.wipe();
    this.#me = null;
    this.#tell({ type: 'conversations', conversations: [] });
    this.#update({ connection: 'off', unread: 0, waitingRequests: 0, waitingQuestions: 0 });
  }

  /** Builds what stands on the keys, where there are any. */
  async #open(): Promise<void> {
    const { keys } = this.#account;
    const deviceId = this.#status.keysOf?.deviceId;
    if (this.#session !== null && keys?.device.deviceId === deviceId) return;
    this.#session?.stop();
    this.#session = null;
    if (keys === null) {
      this.#update({});
      return;
    }
    const session = new Session(this.#ports, this.#store, keys, {
      changed: (changed) => {
        for (const { record, entries, removed } of changed)
          if (entries.length > 0 || removed.length > 0)
            this.#tell({ type: 'timeline', conversationId: record.id, entries, removed });
        this.#conversationsChanged();
      },
      stirred: () => this.#conversationsChanged(),
      connection: () => this.#update({}),
      requests: () => this.#requestsChanged(),
      devices: () => this.#tell({ type: 'devices' }),
      tell: (event) => {
        this.#tell(event);
        if (event.type === 'questions') this.#questionsChanged();
      },
      ended: () => void this.#refresh(),
      trouble: (error) => this.#trouble(error),
    });
    await session.load();
    session.link.network(this.#network);
    session.link.hidden(this.#hidden);
    this.#session = session;
    this.#conversationsChanged();
  }

  #conversationsChanged(): void {
    const conversations = this.#session?.summaries() ?? [];
    this.#tell({ type: 'conversations', conversations });
    const unread = conversations.reduce((sum, each) => sum + (each.closed ? 0 : each.unread), 0);
    this.#update({ unread, ...(this.#status.storage === 'ok' ? {} : { storage: 'ok' as const }) });
  }

  #requestsChanged(): void {
    this.#tell({ type: 'requests' });
    const session = this.#session;
    if (session === null || this.#status.stage !== 'ready') return;
    void session.requests.list().then(
      ({ incoming }) => this.#update({ waitingRequests: incoming.length }),
      (error: unknown) => this.#trouble(error),
    );
  }

  #questionsChanged(): void {
    const session = this.#session;
    if (session === null || this.#status.stage !== 'ready') return;
    void session.pictures.questions.waiting().then(
      (waitingQuestions) => this.#update({ waitingQuestions }),
      (error: unknown) => this.#trouble(error),
    );
  }

  /** Asks who is signed in; keeps asking while the server is away. */
  async #refresh(): Promise<Me | null> {
    this.#retry?.();
    this.#retry = null;
    if (this.#stopped) return null;
    try {
      const me = await this.#ports.http.call('accounts.me');
      await this.#account.settleEnrolment(me);
      await this.#open();
      this.#arrived(me);
      return me;
    } catch (error) {
      if (error instanceof ApiError && error.code === 'session_required') this.#arrived(null);
      else {
        if (this.#me === 'unknown' || this.#account.keys !== null) this.#unreachable();
        this.#retry = this.#ports.clock.after(retryMe, () => void this.#refresh());
        if (!(error instanceof ApiError)) this.#trouble(error);
      }
      return this.#me === 'unknown' ? null : this.#me;
    }
  }

  #unreachable(): void {
    this.#me = 'unknown';
    this.#update({});
  }

  #arrived(me: Me | null): void {
    if (this.#stopped) return;
    this.#me = me;
    this.#update({});
    if (this.#status.stage === 'ready') this.#session?.start();
    else this.#session?.link.stop();
  }

  #stage(): EngineStatus['stage'] {
    const { keys } = this.#account;
    if (this.#me === 'unknown' && !this.#asked) return 'starting';
    if (this.#me === 'unknown') return keys === null ? 'signed-out' : 'unreachable';
    if (this.#me === null) return 'signed-out';
    if (keys === null) return 'no-device';
    // Signed in as somebody else, or not as this device: only a passkey can bind them again.
    if (this.#me.device?.id !== keys.device.deviceId) return 'signed-out';
    const { adult } = this.#me;
    return adult === null || adult.until <= this.#ports.clock.now() ? 'no-proof' : 'ready';
  }

  #update(change: Partial<EngineStatus>): void {
    const device = this.#account.keys?.device;
    const next: EngineStatus = {
      ...this.#status,
      ...change,
      stage: this.#stage(),
      connection: this.#session?.link.connection ?? 'off',
      me: this.#me === 'unknown' ? this.#status.me : this.#me,
      keysOf: device === undefined ? null : { accountId: device.accountId, deviceId: device.deviceId },
      hasKeys: device !== undefined,
    };
    if (JSON.stringify(next) === JSON.stringify(this.#status)) return;
    this.#status = next;
    this.#tell({ type: 'status', status: next });
  }

  /** Work of our own failed: what matters to the person shows in the status, the rest comes again. */
  #trouble(error: unknown): void {
    if (error instanceof StorageError) this.#update({ storage: error.code });
    else if (error instanceof ApiError) {
      if (['session_required', 'device_required', 'proof_required'].includes(error.code))
        void this.#refresh();
    } else this.#ports.report?.(error);
  }
}

async function ignore(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

export type Methods = Core['methods'];

/** Every failure as the pages know it. */
export function asEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  if (error instanceof ApiError) {
    const { field, retryAfter } = error;
    return new EngineError(error.code, {
      ...(field === undefined ? {} : { field }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });
  }
  if (error instanceof StorageError || error instanceof CodeError) return new EngineError(error.code);
  if (error instanceof GroupCryptoError) return new EngineError('bad_key_material');
  return new EngineError('internal');
}
