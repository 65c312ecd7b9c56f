import {
  type Checkpoint,
  type NcmecSettings,
  ncmec,
  ncmecEnvironments,
  type Order,
  type PeerRequest,
  type Protocol,
  type StopNciiSettings,
  stopNcii,
  stopNciiBase,
  type Telling,
  type TellStep,
  type ThreatExchangeSettings,
  type Told,
  takeBackNcmec,
  takeBackStopNcii,
  takeBackThreatExchange,
  tellNcmec,
  tellStopNcii,
  tellThreatExchange,
  threatExchange,
  threatExchangeBase,
} from '@accord/hash-exchange';
import { z } from 'zod';
import type { ExchangeKind } from './types.ts';

const base = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));
const line = z.string().min(1).max(200);
/** What a voice that nobody has looked into comes to: `block` protects at once, as our own desk does; `look` leaves it to people. */
const unreviewed = z.enum(['block', 'look']);
const environments = Object.keys(ncmecEnvironments) as (keyof typeof ncmecEnvironments)[];

/** What can be said of a peer of each kind. Nothing else is taken. */
export const settingsOfKind = {
  stopncii: z.strictObject({
    base: base.default(stopNciiBase),
    /** Our name there: our own feedback that comes back is no second voice. */
    self: line.optional(),
    pageSize: z.int().min(1).max(5000).default(800),
    unreviewed: unreviewed.default('block'),
  }),
  ncmec: z.strictObject({
    environment: z.enum(environments).default('test_industry'),
    /** Instead of an environment. */
    base: base.optional(),
    self: z.string().regex(/^\d+$/).optional(),
    /** The reason (a GUID) under which an agreement is taken back. */
    reason: z
      .string()
      .regex(/^[\dA-Fa-f-]{36}$/)
      .optional(),
    unreviewed: unreviewed.default('look'),
  }),
  threatexchange: z.strictObject({
    base: base.default(threatExchangeBase),
    privacyGroup: z.string().regex(/^\d+$/),
    pageSize: z.int().min(1).max(1000).default(500),
    unreviewed: unreviewed.default('look'),
  }),
  list: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }).optional(),
      /** A file of this machine. */
      path: z.string().startsWith('/').optional(),
      type: line.default('pdq'),
      category: z.enum(['positive', 'seed', 'negative']).default('positive'),
      unreviewed: unreviewed.default('look'),
    })
    .refine(({ url, path }) => (url === undefined) !== (path === undefined), { path: ['url'] }),
} satisfies Record<ExchangeKind, z.ZodType>;

type SettingsOf<K extends ExchangeKind> = z.output<(typeof settingsOfKind)[K]>;
export type ListPlace = SettingsOf<'list'>;

/** What opens a peer's doors. */
export const keysOfKind = {
  stopncii: z.strictObject({
    subscription: line,
    /** One key for each of its functions. */
    fetch: line,
    submit: line.optional(),
    feedback: line.optional(),
  }),
  ncmec: z.strictObject({ user: line, password: line }),
  threatexchange: z.strictObject({ token: z.string().regex(/^\d+\|\S+$/) }),
  /** The value of an `authorization` header, where the list is not open to all. */
  list: z.strictObject({ authorization: line.optional() }).default({}),
} satisfies Record<ExchangeKind, z.ZodType>;

/** Adds what proves who asks; null where the operator has no key for this door. */
export type Sign = (request: PeerRequest) => Readonly<Record<string, string>> | null;

/** A peer that is asked page by page. */
export interface Peer {
  readonly protocol: Protocol<unknown>;
  readonly settings: unknown;
  readonly order: Order;
  readonly sign: Sign;
  /** What it is told: of child abuse NCMEC alone, of the rest the others. */
  readonly about: 'ncii' | 'child_safety';
  readonly tell: (telling: Telling) => TellStep[];
  readonly takeBack: (value: string, told: Told) => PeerRequest[];
}

const addressOfNcmec = ({ base: own, environment }: SettingsOf<'ncmec'>): string =>
  own ?? ncmecEnvironments[environment];

/** Origins that every exchange of a kind may ask. */
export const originsOfKind: Readonly<Record<ExchangeKind, ReadonlySet<string>>> = {
  stopncii: new Set([new URL(stopNciiBase).origin]),
  ncmec: new Set(Object.values(ncmecEnvironments).map((url) => new URL(url).origin)),
  threatexchange: new Set([new URL(threatExchangeBase).origin]),
  list: new Set(),
};

/** Where a peer is; undefined for a file. */
export function addressOf(
  kind: ExchangeKind,
  settings: Readonly<Record<string, unknown>>,
): string | undefined {
  if (kind === 'list') return (settings as unknown as ListPlace).url;
  if (kind === 'ncmec') return addressOfNcmec(settings as unknown as SettingsOf<'ncmec'>);
  return (settings as unknown as { readonly base: string }).base;
}

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** A protocol with its settings bound; the two fit each other here and are not looked at again. */
const bound = <P>(protocol: Protocol<P>, settings: P, rest: Omit<Peer, 'protocol' | 'settings'>): Peer => ({
  ...rest,
  protocol: protocol as Protocol<unknown>,
  settings,
});

function stopNciiPeer(given: SettingsOf<'stopncii'>, keys: z.output<(typeof keysOfKind)['stopncii']>): Peer {
  const settings: StopNciiSettings = given;
  return bound(stopNcii, settings, {
    order: 'clock',
    about: 'ncii',
    sign({ door }) {
      const key = keys[door];
      if (key === undefined) return null;
      return { 'x-functions-key': key, 'ocp-apim-subscription-key': keys.subscription };
    },
    tell: (telling) => tellStopNcii(settings, telling),
    takeBack: (value, told) => takeBackStopNcii(settings, value, told),
  });
}

function ncmecPeer(given: SettingsOf<'ncmec'>, keys: z.output<(typeof keysOfKind)['ncmec']>): Peer {
  const settings: NcmecSettings = { base: addressOfNcmec(given), self: given.self };
  return bound(ncmec, settings, {
    order: 'told',
    about: 'child_safety',
    sign: () => ({ authorization: basic(keys.user, keys.password) }),
    tell: (telling) => tellNcmec(settings, telling),
    takeBack: (value, told) => takeBackNcmec({ ...settings, reason: given.reason }, value, told),
  });
}

function threatExchangePeer(
  given: SettingsOf<'threatexchange'>,
  { token }: z.output<(typeof keysOfKind)['threatexchange']>,
): Peer {
  const settings: ThreatExchangeSettings = { ...given, self: token.slice(0, token.indexOf('|')) };
  return bound(threatExchange, settings, {
    order: 'clock',
    about: 'ncii',
    // In a header: an address is logged by whoever it passes.
    sign: () => ({ authorization: `Bearer ${token}` }),
    tell: (telling) => tellThreatExchange(settings, telling),
    takeBack: (value, told) => takeBackThreatExchange(settings, value, told),
  });
}

/** A peer of its kind with its keys. @throws {z.ZodError} when the keys have another shape */
export function peerOf(
  kind: Exclude<ExchangeKind, 'list'>,
  settings: Readonly<Record<string, unknown>>,
  keys: unknown,
): Peer {
  switch (kind) {
    case 'stopncii':
      return stopNciiPeer(settings as SettingsOf<'stopncii'>, keysOfKind.stopncii.parse(keys));
    case 'ncmec':
      return ncmecPeer(settings as SettingsOf<'ncmec'>, keysOfKind.ncmec.parse(keys));
    case 'threatexchange':
      return threatExchangePeer(
        settings as SettingsOf<'threatexchange'>,
        keysOfKind.threatexchange.parse(keys),
      );
  }
}

/** By the peer's clock, in ms: everything is here up to this instant. */
export function upToOf(kind: ExchangeKind, checkpoint: Checkpoint): number | null {
  switch (kind) {
    case 'stopncii':
      return stopNcii.upTo(checkpoint);
    case 'ncmec':
      return ncmec.upTo(checkpoint);
    case 'threatexchange':
      return threatExchange.upTo(checkpoint);
    case 'list':
      return typeof checkpoint.at === 'number' ? checkpoint.at : null;
  }
}
