import type { Actor, CaseEvent, Law } from '@accord/case-model';
import type { Accounts } from '../accounts/index.ts';
import type { Exchange } from '../exchange/index.ts';
import type { Matching } from '../matching/index.ts';
import type { Media } from '../media/index.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import type { Post } from './mail.ts';
import type { EvidenceKey } from './seal.ts';

/** What the desk does elsewhere. It is called after the decision is durable, and again until it answers. */
export interface Elsewhere {
  readonly matching: Pick<Matching, 'banks' | 'claims' | 'registry' | 'neighbours' | 'explain' | 'threshold'>;
  readonly media: Pick<
    Media,
    'remove' | 'freeze' | 'thaw' | 'lookUp' | 'reports' | 'openReport' | 'openReportedPicture'
  >;
  readonly exchange: Pick<Exchange, 'share' | 'takeBack'>;
}

/** Who else has to know what happened to a case. Throws: then it did not happen. */
export type Told = (
  tx: Tx,
  change: { readonly caseId: string; readonly events: readonly CaseEvent[]; readonly now: number },
) => Promise<void>;

/** What the files of this feature share. */
export interface Parts {
  readonly platform: Platform;
  readonly accounts: Pick<Accounts, 'publicOf' | 'joins'>;
  readonly elsewhere: Elsewhere;
  readonly law: Law;
  /**
   * The key of the evidence. Read before anything is served: a transaction that asked for it on a connection of its own
   * would wait for one that the others hold while they wait for the same.
   */
  readonly key: EvidenceKey;
  readonly post: Post;
  /** Told of what happened to a case, in the transaction of its events. */
  readonly told: Told;
  /** What was put down to be done elsewhere is looked at now instead of at the next round. */
  hurry(caseId: string): Promise<void>;
}

export const system: Actor = { kind: 'system' };
