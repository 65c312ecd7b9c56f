import { ApiError } from '../../../../api/client.ts';
import { EngineError, type MessageEntry, type ReportReason } from '../../api.ts';
import type { Book } from '../book.ts';
import { fromBase64Url, toBase64Url, utf8, uuidFrom } from '../bytes.ts';
import type { Cell } from '../cell.ts';
import type { Clock, Http, Random } from '../ports.ts';
import type { PlacedCell } from '../records.ts';
import { composeReport } from '../report.ts';
import { type Provable, readModerationKey, sealReport } from './reports.ts';
import type { Viewings } from './viewings.ts';

interface DeskPorts {
  readonly book: Book;
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly viewings: Viewings;
}

export interface ReportInput {
  readonly conversationId: string;
  readonly messageIds: readonly string[];
  readonly reason: ReportReason;
  readonly words: string;
}

/** Reports of what was received, with proof of who sent it where their app committed to it. */
export class Desk {
  readonly #ports: DeskPorts;

  constructor(ports: DeskPorts) {
    this.#ports = ports;
  }

  /** @returns whether the server could verify every proof */
  async report(input: ReportInput): Promise<{ verified: boolean }> {
    const { book, clock, viewings } = this.#ports;
    const record = book.byId(input.conversationId);
    if (record === undefined) throw new EngineError('not_found');
    const placed: PlacedCell[] = [];
    for (const id of input.messageIds) {
      const found = await book.find(id);
      if (found !== undefined && found.place === record.place) placed.push(found);
    }
    const [only] = placed;
    const blobId = placed.length === 1 ? only?.cell.base?.picture?.blobId : undefined;
    if (blobId !== undefined) {
      const { reports } = await viewings.state(blobId);
      const sealed = reports?.sealed[input.reason];
      if (reports !== null && sealed !== undefined && reports.until > clock.now())
        return this.#handIn(reports.kid, sealed);
    }
    const provable = placed.flatMap(({ cell }) => provableOf(cell));
    const rest = placed.filter(({ cell }) => provableOf(cell).length === 0);
    const quoted = (await book.entries(record, rest)) as readonly MessageEntry[];
    const words = composeReport(input.words, quoted);
    if (provable.length === 0) {
      const body = { about: record.peer.accountId, reason: input.reason, words };
      await this.#ports.http.call('presence.reports.create', { body });
      return { verified: false };
    }
    const key = await readModerationKey(this.#ports.http);
    const report = { reason: input.reason, words, messages: provable };
    return this.#handIn(key.kid, await sealReport(key, report));
  }

  async #handIn(kid: string, sealed: Uint8Array): Promise<{ verified: boolean }> {
    const { http, random } = this.#ports;
    const body = { reportId: uuidFrom(random(16)), kid, sealed: toBase64Url(sealed) };
    try {
      const { verified } = await http.call('media.reports.create', { body });
      return { verified };
    } catch (error) {
      if (error instanceof ApiError && error.code === 'bad_report') throw new EngineError('bad_report');
      throw error;
    }
  }
}

function provableOf({ base }: Cell): Provable[] {
  if (base?.proof === undefined) return [];
  const { proof, text, picture } = base;
  if (picture?.descriptor != null)
    return [{ kind: 'picture', content: fromBase64Url(picture.descriptor), proof, ks: null }];
  return text === null ? [] : [{ kind: 'text', content: utf8(text), proof, ks: null }];
}
