import type { Handlers } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { attestHandlers } from './attest.ts';
import {
  bankStats,
  createBank,
  enableBank,
  layFoundations,
  listBanks,
  removeBank,
  renameBank,
} from './bank-store.ts';
import { claimants, createClaims } from './claims.ts';
import { Keys } from './keys.ts';
import { Library } from './library.ts';
import {
  countSignals,
  lookupFiles,
  lookupMany,
  lookupPicture,
  matchesById,
  readSignal,
  signalIdOf,
} from './lookup.ts';
import { neighboursOf } from './neighbours.ts';
import { ownershipHandlers } from './ownership.ts';
import type { Parts } from './parts.ts';
import { recheckHandlers } from './recheck.ts';
import { createRegistry, registryPurges } from './registry.ts';
import { say, withdrawalOf, wordOf } from './signal-store.ts';
import { changeRadius } from './threshold.ts';
import type { Banks, Matching } from './types.ts';

export { anchorsOf } from './anchors.ts';
export { type BankedHash, type BankTools, bankTools } from './bank-tools.ts';
export { nextStep } from './even-time.ts';
export { checkIndex } from './index-check.ts';
export { aggregate, blocks } from './opinions.ts';
export { leastQuality, settle, type Voiced } from './signal-store.ts';
export type { KindHash, Matching } from './types.ts';

/** Known pictures, registered pictures, and the word that one may be sent. Never learns who asks. */
export function createMatching(platform: Platform): Matching {
  const log = platform.log.child({ stream: 'matching' });
  const library = new Library(platform, log);
  const keys = new Keys(platform);
  const parts: Parts = { platform, log, library, keys };
  return {
    handlers: {
      ...attestHandlers(parts),
      ...recheckHandlers(parts),
      ...ownershipHandlers(parts),
      ...keyHandlers(parts),
    },
    purges: registryPurges(parts),
    banks: createBanks(parts),
    registry: createRegistry(parts),
    claims: createClaims(parts),
    threshold: {
      radius: () => library.loaded.radius,
      change: changeRadius,
      changed: () => library.changed(),
    },
    neighbours: (hash) => neighboursOf({ queries: platform.db, library }, hash),
    async explain(appeal) {
      const { db } = platform;
      const row = await db
        .selectFrom('matching_refusal')
        .select(['reason', 'at', 'signal_ids'])
        .where('appeal', '=', Buffer.from(appeal))
        .executeTakeFirst();
      if (row === undefined) return null;
      const matches = await matchesById(db, library.loaded.banks, row.signal_ids);
      return { reason: row.reason, at: row.at, matches, claimedBy: claimants(matches) };
    },
    indexState: () => library.state,
    catchUp: () => library.catchUp(),
    async start() {
      await layFoundations(platform.db, platform.clock());
      await keys.start();
      await library.start();
    },
    save: () => library.save(),
    close: () => library.close(),
  };
}

function createBanks({ platform, library }: Parts): Banks {
  const { db, clock } = platform;
  /** A change that is in the index before it is answered. */
  const changing = async <T>(change: Promise<T>): Promise<T> => {
    const result = await change;
    await library.changed();
    return result;
  };
  return {
    create: (bank) => changing(createBank(db, bank, clock())),
    list: () => listBanks(db),
    known: () => [...library.loaded.banks.values()],
    stats: () => bankStats(db),
    enable: (name, enabled) => changing(enableBank(db, name, enabled)),
    rename: (name, to) => changing(renameBank(db, name, to)),
    remove: (name) => changing(removeBank(db, name)),
    addSignals: (bank, signals, voice) =>
      changing(say(db, bank, signals.map(wordOf), { source: voice?.source, now: clock() })),
    removeSignals(bank, hashes, voice) {
      const at = voice?.at ?? new Date(clock());
      const words = hashes.map((hash) => withdrawalOf(hash, at, voice?.exact));
      return changing(say(db, bank, words, { source: voice?.source, now: clock() }));
    },
    lookup: async (hash, options) => (await lookupMany({ queries: db, library }, [hash], options))[0] ?? [],
    lookupMany: (hashes, options) => lookupMany({ queries: db, library }, hashes, options),
    lookupFiles: (digests, options) => lookupFiles({ queries: db, library }, digests, options),
    lookupPicture: (hashes, options) => lookupPicture({ queries: db, library }, hashes, options),
    idOf: (hash, exact) => signalIdOf(db, hash, exact),
    read: (signalId) => readSignal(db, library.loaded.banks, signalId),
    count: () => countSignals(db),
    epoch: async () => library.loaded.epoch,
  };
}

function keyHandlers({ keys, library }: Parts): Handlers<'matching.keys'> {
  return {
    async 'matching.keys'() {
      const known = await keys.publicKeys();
      return {
        keys: known.map(({ kid, publicKey, since }) => ({
          kid: kid.toString('base64url'),
          publicKey: publicKey.toString('base64url'),
          since: since.getTime(),
        })),
        bankEpoch: library.loaded.epoch,
      };
    },
  };
}
