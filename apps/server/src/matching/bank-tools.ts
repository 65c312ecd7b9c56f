import { sql } from 'kysely';
import type { Database } from '../platform/database.ts';
import {
  bankStats,
  createBank,
  enableBank,
  findBank,
  layFoundations,
  listBanks,
  removeBank,
} from './bank-store.ts';
import { hashKinds } from './live-index.ts';
import type { Category } from './opinions.ts';
import { say, wordOf } from './signal-store.ts';
import type { Bank, BankStats, HashKind, Signal, Voice } from './types.ts';

/** One hash of a banked picture as it is given out, with what its bank says of the picture. */
export interface BankedHash {
  /** Tells the pictures of one export apart. */
  readonly picture: number;
  readonly kind: HashKind;
  /** Of a crop: see `KindHash`; null where it is not known. */
  readonly anchor: number | null;
  readonly hash: Buffer;
  readonly quality: number;
  readonly category: Category;
  readonly confidence: number;
  readonly tags: readonly string[];
  readonly source: string;
  readonly at: Date;
}

/** The banks without a server: what the operator's commands do. A server that runs finds the changes by itself. */
export interface BankTools {
  create(bank: Pick<Bank, 'name' | 'purpose' | 'source' | 'owner'>): Promise<Bank>;
  find(name: string): Promise<Bank>;
  list(): Promise<Bank[]>;
  stats(): Promise<BankStats[]>;
  enable(name: string, enabled: boolean): Promise<void>;
  remove(name: string): Promise<void>;
  /** Returns how many opinions changed. */
  add(bank: string, signals: readonly Signal[], voice?: Voice): Promise<number>;
  /** What a bank stands by, in pages; without `variants` the plain hash of each picture alone. */
  read(bank: string, options: { readonly variants: boolean }): AsyncIterable<readonly BankedHash[]>;
}

const pageRows = 5000;

export async function bankTools(db: Database, clock: () => number): Promise<BankTools> {
  await layFoundations(db, clock());
  return {
    create: (bank) => createBank(db, bank, clock()),
    find: (name) => findBank(db, name),
    list: () => listBanks(db),
    stats: () => bankStats(db),
    enable: (name, enabled) => enableBank(db, name, enabled),
    remove: (name) => removeBank(db, name),
    add: (bank, signals, voice) =>
      say(db, bank, signals.map(wordOf), { source: voice?.source, now: clock() }),
    async *read(name, { variants }) {
      const { id } = await findBank(db, name);
      for (let after = 0; ; ) {
        const page = await readPage(db, { bankId: id, after, variants });
        if (page.length === 0) return;
        yield page.map(({ id: _, kind, ...row }) => ({ ...row, kind: hashKinds[kind] as HashKind }));
        after = page.at(-1)?.id ?? after;
      }
    },
  };
}

type PageRow = Omit<BankedHash, 'kind'> & { readonly id: number; readonly kind: number };

/** Hashes of pictures that the bank stands by; of several voices in it the latest speaks. */
async function readPage(
  db: Database,
  {
    bankId,
    after,
    variants,
  }: { readonly bankId: number; readonly after: number; readonly variants: boolean },
): Promise<readonly PageRow[]> {
  const { rows } = await sql<PageRow>`
    select hash.id, hash.signal_id as picture, hash.kind, hash.anchor, hash.hash, signal.quality,
      word.category, word.confidence, word.tags, word.source, word.at
    from matching_hash hash
    join bank_signal signal on signal.id = hash.signal_id
    join lateral (
      select * from bank_opinion opinion
      where opinion.signal_id = hash.signal_id and opinion.bank_id = ${bankId}
        and not opinion.withdrawn and opinion.category <> 'negative'
      order by opinion.at desc, opinion.source limit 1
    ) word on true
    where hash.id > ${after} and (${variants} or hash.kind = 0)
    order by hash.id limit ${pageRows}`.execute(db);
  return rows;
}
