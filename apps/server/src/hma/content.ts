import type { Hma } from '@accord/protocol/partners';
import { z } from 'zod';
import type { Bank, BankedPicture } from '../matching/types.ts';
import type { ApiKey, PartnerHandlers } from '../partners/index.ts';
import { shownBank } from './banks.ts';
import { type HashedFile, hashAddress, hashForm } from './hash.ts';
import { type Noted, noteContent, notedOf, nothingNoted } from './notes.ts';
import { bankOf, ownBankOf, type Parts } from './parts.ts';
import {
  type Content,
  contentIdOf,
  contentOf,
  readSignal,
  readSignalType,
  refuse,
  type SignalType,
} from './signals.ts';

/** Whose word it is that something added here is in a bank. */
const voice = { source: 'hma' } as const;
const mostNote = 255;
const fiveYears = 5 * 365 * 86_400;

const metadataShape = z.strictObject({
  content_id: z.string().nullish(),
  content_uri: z.string().nullish(),
  json: z.record(z.string(), z.unknown()).nullish(),
});

function readNote(note: unknown): string | null {
  if (note === undefined || note === null || note === '') return null;
  if (typeof note !== 'string') throw refuse(400, 'note should be a string');
  if (note.length > mostNote) throw refuse(400, `note must be at most ${mostNote} characters`);
  return note;
}

function readMetadata(given: unknown): Readonly<Record<string, unknown>> | null {
  if (given === undefined || given === null) return null;
  if (typeof given !== 'object' || Array.isArray(given))
    throw refuse(400, 'metadata should be a json object');
  const { collab: _, ...own } = given as Record<string, unknown>;
  const parsed = metadataShape.safeParse(own);
  if (!parsed.success)
    throw refuse(400, `Invalid metadata: ${parsed.error.issues[0]?.path.join('.') || 'keys'}`);
  const said = Object.entries(parsed.data).filter(([, value]) => value !== null && value !== undefined);
  return said.length === 0 ? null : Object.fromEntries(said);
}

function readJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw refuse(400, 'metadata form field must be valid JSON');
  }
}

interface Adding {
  readonly type: SignalType;
  readonly hash: Buffer;
  readonly outcome?: HashedFile['outcome'];
  readonly note: string | null;
  readonly metadata: Noted['metadata'];
}

/** Banks a hash; it matches before this resolves. */
async function add(parts: Parts, bank: Bank, { type, hash, outcome, note, metadata }: Adding) {
  const { db, clock } = parts.platform;
  const { banks } = parts.matching;
  const exact = type === 'video_md5';
  const variants = (outcome?.variants ?? []).flatMap(({ kind, ...one }) =>
    kind === 'part' || kind === 'region' ? [{ kind, ...one }] : [],
  );
  const opinion = { category: 'positive', at: new Date(clock()) } as const;
  const signal = { hash, exact, quality: outcome?.quality ?? 100, variants, opinion };
  await banks.addSignals(bank.name, [signal], voice);
  const of = await banks.idOf(hash, exact);
  if (of === undefined) throw refuse(503, 'the bank changed meanwhile, try again');
  const id = contentIdOf({ type, of, bankId: bank.id });
  await noteContent(db, { id, bankId: bank.id }, { note, metadata, disableUntil: 1 });
  return { id, signals: { [type]: hash.toString('hex') } };
}

interface Held {
  readonly content: Content;
  readonly id: number;
  readonly digits: string;
  /** Who says what of it. */
  readonly picture: BankedPicture;
}

const standsIn = ({ match }: BankedPicture, bank: string) =>
  match.opinions.filter((said) => said.bank === bank && !said.withdrawn && said.category !== 'negative');

/** A content that the bank in the path holds. @throws {HmaRefusal} 404 */
async function heldIn(parts: Parts, bank: Bank, text: string): Promise<Held> {
  const id = Number(text);
  const content = contentOf(id);
  const absent = () => refuse(404, `content '${text}' not found`);
  if (content.bankId !== bank.id || content.of < 1 || content.of >= 2 ** 31) throw absent();
  const picture = await parts.matching.banks.read(content.of);
  if (picture === undefined || standsIn(picture, bank.name).length === 0) throw absent();
  if ((picture.match.kind === 'file') !== (content.type === 'video_md5')) throw absent();
  return { content, id, digits: picture.hash.toString('hex'), picture };
}

async function shownContent(
  parts: Parts,
  bank: Bank,
  held: Held,
  { signals, metadata }: { readonly signals: boolean; readonly metadata: boolean },
) {
  const noted = (await notedOf(parts.platform.db, [held.id])).get(held.id) ?? nothingNoted;
  // Of a partner's bank: by whose word.
  const sources = bank.owner === 'own' ? [] : standsIn(held.picture, bank.name);
  const collab = sources.length > 0 ? { collab: { [bank.name]: sources.map(({ source }) => source) } } : {};
  const told = { ...noted.metadata, ...collab };
  return {
    id: held.id,
    disable_until_ts: noted.disableUntil,
    original_media_uri: null,
    bank: shownBank(bank),
    ...(signals && { signals: { [held.content.type]: held.digits } }),
    ...(metadata && Object.keys(told).length > 0 && { metadata: told }),
    ...(noted.note !== null && { note: noted.note }),
  };
}

function readDisabled(given: number | string, nowMs: number): number {
  const seconds = Number(given);
  if (!Number.isSafeInteger(seconds) || given === '')
    throw refuse(400, `Invalid int: '${String(given).slice(0, 40)}'`);
  if (seconds < 0) throw refuse(400, 'disable_until_ts must be a non-negative integer');
  if (seconds > nowMs / 1000 + fiveYears) {
    throw refuse(400, 'disable_until_ts must be less than 5 years in the future');
  }
  return seconds;
}

/** A picture too flat for a hash can't be banked, as it would match by accident. @throws {HmaRefusal} 400 */
function assertHash({ type, digits }: HashedFile): Buffer {
  if (digits === '')
    throw refuse(400, `Invalid ${type} signal: the picture is too flat to be told from others`);
  return readSignal(type, digits);
}

type ContentRoute = 'content.add' | 'content.read' | 'content.update' | 'content.delete' | 'signal.add';

export function contentHandlers(parts: Parts): Pick<PartnerHandlers<Hma>, ContentRoute> {
  const { db, clock } = parts.platform;
  const own = async (key: ApiKey, { bankName, contentId }: { bankName: string; contentId: string }) => {
    const bank = ownBankOf(parts, key, bankName);
    return { bank, held: await heldIn(parts, bank, contentId) };
  };
  return {
    async 'content.add'({ params, query, partner, request }) {
      const bank = ownBankOf(parts, partner.key, params.bankName);
      const form = request.isMultipart()
        ? await hashForm(parts, request, { types: query.types, depth: 'bank' })
        : undefined;
      const json = (form === undefined ? (request.body ?? {}) : {}) as Record<string, unknown>;
      const note = readNote(form === undefined ? json.note : form.fields.get('note'));
      const metadata = readMetadata(
        form === undefined ? json.metadata : readJson(form.fields.get('metadata')),
      );
      const file = query.url ? await hashAddress(parts, query.url, query, 'bank') : form?.file;
      if (file === undefined) throw refuse(400, 'Neither `url` nor multipart file upload was received');
      const { type, outcome } = file;
      return add(parts, bank, { type, hash: assertHash(file), outcome, note, metadata });
    },
    async 'signal.add'({ params, body, partner }) {
      const bank = ownBankOf(parts, partner.key, params.bankName);
      const { note, ...signals } = body;
      const [[name, text] = [], ...others] = Object.entries(signals);
      if (name === undefined) throw refuse(400, 'No signals given');
      const type = readSignalType(name);
      if (others.length > 0)
        throw refuse(400, 'one signal at a time: a picture has one hash, a video another');
      return add(parts, bank, { type, hash: readSignal(type, text), note: readNote(note), metadata: null });
    },
    async 'content.read'({ params, query, partner }) {
      const bank = bankOf(parts, partner.key, params.bankName);
      const held = await heldIn(parts, bank, params.contentId);
      return shownContent(parts, bank, held, {
        signals: query.include_signals?.toLowerCase() === 'true',
        metadata: (query.include_metadata ?? 'true').toLowerCase() === 'true',
      });
    },
    async 'content.update'({ params, body, partner }) {
      const { bank, held } = await own(partner.key, params);
      const before = (await notedOf(db, [held.id])).get(held.id) ?? nothingNoted;
      const { disable_until_ts: until, note } = body;
      await noteContent(
        db,
        { id: held.id, bankId: bank.id },
        {
          ...before,
          ...(until !== undefined && { disableUntil: readDisabled(until, clock()) }),
          ...('note' in body && { note: readNote(note) }),
        },
      );
      return shownContent(parts, bank, held, { signals: false, metadata: true });
    },
    async 'content.delete'({ params, partner }) {
      const bank = ownBankOf(parts, partner.key, params.bankName);
      const held = await heldIn(parts, bank, params.contentId).catch(() => undefined);
      if (held === undefined) return { deleted: 0 };
      const exact = held.content.type === 'video_md5';
      for (const { source } of standsIn(held.picture, bank.name)) {
        await parts.matching.banks.removeSignals(bank.name, [held.picture.hash], { source, exact });
      }
      await noteContent(db, { id: held.id, bankId: bank.id }, nothingNoted);
      return { deleted: 1 };
    },
  };
}
