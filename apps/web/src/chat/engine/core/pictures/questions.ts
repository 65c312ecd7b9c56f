import { openBox } from '@accord/group-crypto';
import type { Reply } from '@accord/protocol';
import {
  consent,
  decodeConsent,
  encodeConsent,
  SealedMediaError,
  withdrawConsent,
} from '@accord/sealed-media';
import { ApiError } from '../../../../api/client.ts';
import { EngineError } from '../../api.ts';
import type { ConsentQuestion, Opened } from '../../pictures-api.ts';
import { asUuid, fromBase64Url, toBase64Url, uuidBytes, uuidFrom } from '../bytes.ts';
import type { Keys } from '../keys.ts';
import type { Clock, Http, Random } from '../ports.ts';
import { copyContext, openCopy } from './copy.ts';

interface QuestionPorts {
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: Keys;
  readonly answered: () => void;
}

type Asked = Reply<'media.consents.read'>;

/** Questions to this person about pictures that they are in, and the yeses that they gave. */
export class Questions {
  readonly #ports: QuestionPorts;
  readonly #names = new Map<string, { readonly pseudonym: string; readonly identityPublicKey: string }>();

  constructor(ports: QuestionPorts) {
    this.#ports = ports;
  }

  async list(): Promise<ConsentQuestion[]> {
    const { asked } = await this.#ports.http.call('media.consents.list');
    return Promise.all(asked.map((one) => this.#shown(one)));
  }

  /** How many wait for an answer. */
  async waiting(): Promise<number> {
    const { asked } = await this.#ports.http.call('media.consents.list');
    return asked.filter(({ state }) => state === 'waiting').length;
  }

  async #shown(one: Asked): Promise<ConsentQuestion> {
    const named = async (accountId: string) => ({
      accountId,
      pseudonym: (await this.#person(accountId))?.pseudonym ?? '–',
    });
    const { consentId, state, askedAt, lapsesAt, answeredAt, until, record } = one;
    return {
      consentId,
      askedBy: await named(one.askedBy),
      state,
      askedAt,
      lapsesAt,
      answeredAt,
      receivers: await Promise.all(one.receivers.map(named)),
      until,
      record,
    };
  }

  async #person(accountId: string) {
    const known = this.#names.get(accountId);
    if (known !== undefined) return known;
    const { device, identity } = this.#ports.keys;
    try {
      const person =
        accountId === device.accountId
          ? { pseudonym: '', identityPublicKey: toBase64Url(identity.publicKey) }
          : await this.#ports.http.call('presence.people.read', { params: { accountId } });
      this.#names.set(accountId, person);
      return person;
    } catch (error) {
      if (error instanceof ApiError && error.code === 'not_found') return null;
      throw error;
    }
  }

  /** The copy that one is asked about. @throws {ApiError} where trying again may help */
  async open(consentId: string): Promise<Opened> {
    const { http, random, keys } = this.#ports;
    try {
      const one = await http.call('media.consents.read', { params: { consentId } });
      if (one.sealed === null) return { outcome: 'refused', code: 'gone' };
      const context = copyContext(consentId);
      const opened = await openBox(keys.identity.privateKey, fromBase64Url(one.sealed), context);
      const params = { blobId: one.blobId };
      const ciphertext = await http.call('media.blobs.read', { params });
      const viewId = uuidFrom(random(16));
      const view = await http.call('media.pictures.view', { params, body: { viewId } });
      const bytes = await openCopy(opened, {
        ciphertext,
        ks: fromBase64Url(view.ks),
        blobId: one.blobId,
        ph: fromBase64Url(one.ph),
      });
      return { outcome: 'open', bytes, ...unattested, viewsLeft: view.viewsLeft, expiresAt: view.expiresAt };
    } catch (error) {
      if (error instanceof SealedMediaError) return { outcome: 'refused', code: error.code };
      if (error instanceof ApiError && error.code === 'not_found')
        return { outcome: 'refused', code: 'gone' };
      if (error instanceof ApiError) throw error;
      return { outcome: 'refused', code: 'not_openable' };
    }
  }

  /** The yes, signed with this person's identity key, or a no. */
  async answer(consentId: string, yes: boolean, until: number | null): Promise<void> {
    const { http, keys, clock, random, answered } = this.#ports;
    const params = { consentId };
    if (!yes) {
      await http.call('media.consents.answer', { params, body: { record: null } });
      answered();
      return;
    }
    const one = await http.call('media.consents.read', { params });
    const people = await Promise.all(one.receivers.map((accountId) => this.#person(accountId)));
    const receivers = people.map((person) => fromBase64Url(person?.identityPublicKey ?? ''));
    if (receivers.some(({ length }) => length !== 32)) throw new EngineError('not_found');
    const record = await consent(keys.identity.privateKey, {
      id: uuidBytes(uuidFrom(random(16))),
      giver: keys.identity.publicKey,
      ph: fromBase64Url(one.ph),
      receivers,
      until: until ?? one.until,
      givenAt: clock.now(),
    });
    await http.call('media.consents.answer', {
      params,
      body: { record: toBase64Url(encodeConsent(record)) },
    });
    answered();
  }

  /** Takes a yes back: the picture goes dark for everybody. */
  async withdraw(consentId: string): Promise<void> {
    const { http, keys } = this.#ports;
    const { record } = await http.call('media.consents.read', { params: { consentId } });
    if (record === null) throw new EngineError('not_found');
    const { id } = decodeConsent(fromBase64Url(record));
    const signature = toBase64Url(await withdrawConsent(keys.identity.privateKey, id));
    await http.call('media.records.withdraw', { params: { recordId: asUuid(id) }, body: { signature } });
  }
}

/** A copy carries no attestation: it is shown to the one in it, before anybody vouches for anything. */
const unattested = { hash: new Uint8Array(), askAgain: false };
