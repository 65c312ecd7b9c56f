import { openBox, sealToBox } from '@accord/group-crypto';
import type { Reply } from '@accord/protocol';
import { EngineError, type Person, type TalkRequest } from '../api.ts';
import { concat, fromBase64Url, fromUtf8, toBase64Url, utf8, uuidBytes } from './bytes.ts';
import type { StoredLine } from './directory.ts';
import { boxIsTheirs, type Keys } from './keys.ts';
import type { Http } from './ports.ts';
import { Batch, type Store } from './store.ts';

type ServerRequest = Reply<'presence.requests.create'>;

const lineLimit = 200;

/** Binds a sealed line to who wrote it and whom it is for. */
const context = (from: string, to: string) =>
  concat(utf8('accord/first-line/1'), uuidBytes(from), uuidBytes(to));

/** Requests to talk: seals first lines, opens them, and keeps them for the conversation that may come of them. */
export class Requests {
  readonly #store: Store;
  readonly #http: Http;
  readonly #keys: Keys;

  constructor(store: Store, http: Http, keys: Keys) {
    this.#store = store;
    this.#http = http;
    this.#keys = keys;
  }

  async list(): Promise<{ incoming: TalkRequest[]; outgoing: TalkRequest[]; leftToday: number }> {
    const { incoming, outgoing, leftToday } = await this.#http.call('presence.requests.list');
    return {
      incoming: await Promise.all(incoming.map((request) => this.#read(request, false))),
      outgoing: await Promise.all(outgoing.map((request) => this.#read(request, true))),
      leftToday,
    };
  }

  async send(person: Person, text: string): Promise<TalkRequest> {
    const line = text.normalize('NFC').replace(/\s+/g, ' ').trim();
    if (line.length === 0 || line.length > lineLimit)
      throw new EngineError('invalid_input', { field: 'line' });
    if (!(await boxIsTheirs(person))) throw new EngineError('keys_not_theirs');
    const sealed = await sealToBox(
      fromBase64Url(person.boxPublicKey),
      utf8(line),
      context(this.#keys.device.accountId, person.id),
    );
    const request = await this.#http.call('presence.requests.create', {
      body: { to: person.id, sealedLine: toBase64Url(sealed) },
    });
    // The server answers alike where a request is waiting already; then the first line is the one that counts.
    const known = await this.#store.get<StoredLine>('lines', request.id);
    if (known === undefined) await this.#keep(request, true, line);
    return shown(request, true, known?.line ?? line);
  }

  async #read(request: ServerRequest, mine: boolean): Promise<TalkRequest> {
    const known = await this.#store.get<StoredLine>('lines', request.id);
    if (known !== undefined) return shown(request, mine, known.line);
    if (mine) return shown(request, mine, null);
    const line = await this.#open(request);
    if (line !== null) await this.#keep(request, false, line);
    return shown(request, mine, line);
  }

  async #open(request: ServerRequest): Promise<string | null> {
    try {
      const sealed = fromBase64Url(request.sealedLine);
      const bytes = await openBox(
        this.#keys.identity.privateKey,
        sealed,
        context(request.from.id, this.#keys.device.accountId),
      );
      return fromUtf8(bytes)
        .replace(/\p{Cc}/gu, ' ')
        .slice(0, lineLimit);
    } catch {
      return null;
    }
  }

  async #keep(request: ServerRequest, mine: boolean, line: string): Promise<void> {
    const stored: StoredLine = {
      requestId: request.id,
      peer: mine ? request.to.id : request.from.id,
      mine,
      line,
      createdAt: request.createdAt,
    };
    await this.#store.commit(new Batch().put('lines', request.id, stored));
  }
}

const shown = (request: ServerRequest, mine: boolean, line: string | null): TalkRequest => ({
  id: request.id,
  person: mine ? request.to : request.from,
  line,
  createdAt: request.createdAt,
  lapsesAt: request.lapsesAt,
});
