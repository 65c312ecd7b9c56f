import { z } from 'zod';
import type { PartnerRoute } from './route.ts';

/*
 * The routes of Meta's Hasher-Matcher-Actioner (OpenMediaMatch), method for method and shape for shape, so that its clients
 * work here by changing the base address. What differs and why is in `docs/hma.md`.
 */

const name = z.strictObject({ bankName: z.string() });
const content = name.extend({ contentId: z.string().regex(/^\d{1,15}$/) });
const exchange = z.strictObject({ exchangeName: z.string() });
const api = z.strictObject({ apiName: z.string() });
/** HMA passes over what it does not know; so do we. */
const loose = z.looseObject;
const word = z.string().optional();
const flag = z
  .string()
  .regex(/^(true|false|1|0)$/i)
  .transform((value) => /^(true|1)$/i.test(value))
  .optional();

const bank = z.object({ name: z.string(), matching_enabled_ratio: z.number() });
const signals = z.record(z.string(), z.string());
const message = z.object({ message: z.string() });
const byBank = z.record(z.string(), z.array(z.object({ bank_content_id: z.int(), distance: z.string() })));
const lookedUp = z.union([byBank, z.record(z.string(), byBank)]);
const added = z.object({ id: z.int(), signals });
const bankContent = z.object({
  id: z.int(),
  disable_until_ts: z.int(),
  original_media_uri: z.string().nullable(),
  bank,
  signals: signals.optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  note: z.string().optional(),
});
const hashQuery = loose({ url: z.string(), content_type: word, types: word });
const status = (path: string, summary: string) =>
  ({ method: 'GET', path, scope: 'anyone', summary, gives: 'text', reply: z.string() }) as const;

export const hma = {
  home: {
    method: 'GET',
    path: '/',
    scope: 'anyone',
    summary: 'Leads to the status.',
    gives: 'text',
    reply: z.string(),
  },
  status: status('/status', 'Whether lookups can be answered: `I-AM-ALIVE` or 503.'),
  'status.live': status('/status/live', 'Whether the process answers.'),
  siteMap: {
    method: 'GET',
    path: '/site-map',
    scope: 'key',
    summary: 'All paths.',
    reply: z.array(z.string()),
  },
  openapi: {
    method: 'GET',
    path: '/openapi/openapi.json',
    scope: 'anyone',
    summary: 'This description.',
    reply: z.record(z.string(), z.unknown()),
  },
  'hash.url': {
    method: 'GET',
    path: '/h/hash',
    scope: 'hash',
    summary: 'Hashes what an address leads to.',
    query: hashQuery,
    reply: signals,
  },
  'hash.file': {
    method: 'POST',
    path: '/h/hash',
    scope: 'hash',
    summary: 'Hashes a file; the field’s name is the type of content, `photo` or `video`.',
    query: loose({ types: word }),
    takes: 'form',
    reply: signals,
  },
  'raw.lookup': {
    method: 'GET',
    path: '/m/raw_lookup',
    scope: 'match',
    summary: 'Contents near a hash, whether they and their banks are enabled or not.',
    query: loose({ signal: z.string(), signal_type: z.string(), banks: word, include_distance: flag }),
    reply: z.object({
      matches: z.array(z.union([z.int(), z.object({ bank_content_id: z.int(), distance: z.string() })])),
    }),
  },
  lookup: {
    method: 'GET',
    path: '/m/lookup',
    scope: 'match',
    summary: 'Contents near a hash or near what an address leads to, by bank.',
    query: loose({
      url: word,
      content_type: word,
      types: word,
      signal: word,
      signal_type: word,
      banks: word,
      seed: word,
      bypass_coinflip: flag,
    }),
    reply: lookedUp,
  },
  'lookup.file': {
    method: 'POST',
    path: '/m/lookup',
    scope: 'match',
    summary: 'Contents near a file, by type of signal and bank.',
    query: loose({ banks: word, types: word, bypass_coinflip: word, seed: word }),
    takes: 'form',
    reply: lookedUp,
  },
  'index.status': {
    method: 'GET',
    path: '/m/index/status',
    scope: 'match',
    summary: 'How many hashes can be found.',
    query: loose({ signal_type: word }),
    reply: z.record(z.string(), z.object({ present: z.boolean(), built_to: z.int(), size: z.int() })),
  },
  compare: {
    method: 'POST',
    path: '/m/compare',
    scope: 'match',
    summary: 'The distance of two hashes of one type.',
    body: z.record(z.string(), z.array(z.string()).length(2)),
    reply: z.record(z.string(), z.tuple([z.boolean(), z.object({ distance: z.int() })])),
  },
  'banks.list': {
    method: 'GET',
    path: '/c/banks',
    scope: 'banks.read',
    summary: 'All banks.',
    reply: z.array(bank),
  },
  'banks.create': {
    method: 'POST',
    path: '/c/banks',
    scope: 'banks.write',
    summary:
      'Makes a bank. `purpose` is ours: `review` without it, `blocking` for one that our chat refuses by.',
    body: loose({
      name: z.string(),
      enabled_ratio: z.number().nullish(),
      enabled: z.boolean().nullish(),
      purpose: z.enum(['blocking', 'review', 'trusted']).optional(),
    }),
    reply: bank,
    status: 201,
  },
  'bank.read': {
    method: 'GET',
    path: '/c/bank/:bankName',
    scope: 'banks.read',
    summary: 'One bank.',
    params: name,
    reply: bank,
  },
  'bank.update': {
    method: 'PUT',
    path: '/c/bank/:bankName',
    scope: 'banks.write',
    summary: 'Renames a bank, switches it on or off.',
    params: name,
    body: loose({
      name: z.string().nullish(),
      enabled_ratio: z.number().nullish(),
      enabled: z.boolean().nullish(),
    }),
    reply: bank,
  },
  'bank.delete': {
    method: 'DELETE',
    path: '/c/bank/:bankName',
    scope: 'banks.write',
    summary: 'Removes a bank with its contents.',
    params: name,
    reply: message,
  },
  'content.add': {
    method: 'POST',
    path: '/c/bank/:bankName/content',
    scope: 'banks.write',
    summary: 'Banks what an address leads to, or a file.',
    params: name,
    query: loose({ url: word, content_type: word, types: word }),
    takes: 'form',
    reply: added,
  },
  'content.read': {
    method: 'GET',
    path: '/c/bank/:bankName/content/:contentId',
    scope: 'banks.read',
    summary: 'One content of a bank.',
    params: content,
    query: loose({ include_signals: word, include_metadata: word }),
    reply: bankContent,
  },
  'content.update': {
    method: 'PUT',
    path: '/c/bank/:bankName/content/:contentId',
    scope: 'banks.write',
    summary: 'Switches a content off for a while, or notes something.',
    params: content,
    body: loose({
      disable_until_ts: z.union([z.number(), z.string()]).optional(),
      note: z.unknown().optional(),
    }),
    reply: bankContent,
  },
  'content.delete': {
    method: 'DELETE',
    path: '/c/bank/:bankName/content/:contentId',
    scope: 'banks.write',
    summary: 'Takes back what this interface said of a content.',
    params: content,
    reply: z.object({ deleted: z.int() }),
  },
  'signal.add': {
    method: 'POST',
    path: '/c/bank/:bankName/signal',
    scope: 'banks.write',
    summary: 'Banks a hash.',
    params: name,
    body: z.record(z.string(), z.unknown()),
    reply: added,
  },
  'exchanges.apis': {
    method: 'GET',
    path: '/c/exchanges/apis',
    scope: 'exchanges',
    summary: 'Kinds of exchanges.',
    reply: z.array(z.string()),
  },
  'exchanges.api': {
    method: 'GET',
    path: '/c/exchanges/api/:apiName',
    scope: 'exchanges',
    summary: 'Whether a kind of exchange asks for credentials and has them.',
    params: api,
    reply: z.object({ supports_authentification: z.boolean(), has_set_authentification: z.boolean() }),
  },
  'exchanges.list': {
    method: 'GET',
    path: '/c/exchanges',
    scope: 'exchanges',
    summary: 'Exchanges by name.',
    reply: z.array(z.string()),
  },
  'exchange.read': {
    method: 'GET',
    path: '/c/exchange/:exchangeName',
    scope: 'exchanges',
    summary: 'One exchange.',
    params: exchange,
    reply: z.record(z.string(), z.unknown()),
  },
  'exchange.status': {
    method: 'GET',
    path: '/c/exchange/:exchangeName/status',
    scope: 'exchanges',
    summary: 'How far it was fetched.',
    params: exchange,
    reply: z.object({
      checkpoint_ts: z.int().nullable(),
      running_fetch_start_ts: z.int().nullable(),
      last_fetch_complete_ts: z.int().nullable(),
      last_fetch_succeeded: z.boolean().nullable(),
      up_to_date: z.boolean(),
      fetched_items: z.int(),
    }),
  },
  'signalTypes.list': {
    method: 'GET',
    path: '/c/signal_type',
    scope: 'banks.read',
    summary: 'Types of hashes.',
    reply: z.array(z.object({ name: z.string(), enabled_ratio: z.number() })),
  },
  'signalTypes.update': {
    method: 'PUT',
    path: '/c/signal_type/:signalType',
    scope: 'banks.write',
    summary: 'Says that a type is on, which it always is.',
    params: z.strictObject({ signalType: z.string() }),
    body: loose({ enabled_ratio: z.union([z.number(), z.string()]) }),
    reply: z.undefined(),
    status: 204,
  },
  'signalTypes.index': {
    method: 'GET',
    path: '/c/signal_type/index',
    scope: 'banks.read',
    summary: 'How the index compares with the banks: it never lags.',
    query: loose({ signal_type: word }),
    reply: z.record(
      z.string(),
      z.object({
        db_size: z.int(),
        index_size: z.int(),
        index_out_of_date: z.boolean(),
        newest_db_item: z.int(),
        index_built_to: z.int(),
      }),
    ),
  },
  'contentTypes.list': {
    method: 'GET',
    path: '/c/content_type',
    scope: 'banks.read',
    summary: 'Types of contents.',
    reply: z.array(z.object({ name: z.string(), enabled: z.boolean() })),
  },
} as const satisfies Record<string, PartnerRoute>;

export type Hma = typeof hma;
export type HmaName = keyof Hma;
