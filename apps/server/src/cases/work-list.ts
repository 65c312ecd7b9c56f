import { randomUUID } from 'node:crypto';
import type { CaseEvent } from '@accord/case-model';
import type { Tx } from '../platform/database.ts';

/** What is done outside of the transaction that decided it. */
export type WorkKind =
  | 'claim'
  | 'release'
  | 'sweep'
  | 'unbank'
  | 'freeze'
  | 'thaw'
  | 'share'
  | 'notice'
  | 'child_safety'
  | 'delete';

interface Work {
  readonly kind: WorkKind;
  readonly detail: Readonly<Record<string, unknown>>;
  /** Milliseconds to wait first. */
  readonly after?: number;
}

const minuteMs = 60_000;
/** Looks again at what peers may be told. */
const share: Work = { kind: 'share', detail: {} };

/** What an event leaves to be done elsewhere. */
function worksOf(event: CaseEvent): Work[] {
  switch (event.type) {
    case 'protected':
    case 'absorbed':
      return [{ kind: 'claim', detail: {} }, ...(event.type === 'absorbed' ? [share] : [])];
    case 'completed':
      return event.items.length > 0 ? [{ kind: 'claim', detail: {} }] : [];
    case 'child_safety_raised':
      return [{ kind: 'claim', detail: {} }, { kind: 'freeze', detail: {} }, share];
    case 'released':
      return [{ kind: 'release', detail: {} }, { kind: 'thaw', detail: {} }, share];
    // The case that took it over claims first.
    case 'merged':
      return [{ kind: 'release', detail: {}, after: minuteMs }, share];
    case 'removed':
      return [
        {
          kind: 'sweep',
          detail: { sweepId: randomUUID(), ground: event.ground, decisionId: event.decisionId },
        },
        share,
      ];
    case 'restored':
      return [{ kind: 'unbank', detail: {} }, share];
    case 'hash_released':
    case 'withdrawn':
    case 'declined':
    case 'child_safety_cleared':
      return [share];
    case 'notice_queued':
      return [{ kind: 'notice', detail: { noticeId: event.noticeId } }];
    case 'child_safety_filing':
      return [
        {
          kind: 'child_safety',
          detail: { reportId: randomUUID(), incident: event.incident, words: event.words },
        },
      ];
    case 'evidence_deletion_approved':
      return [{ kind: 'delete', detail: {} }];
    default:
      return [];
  }
}

/** Puts down what these events leave to be done, in their own transaction: it survives whatever happens next. */
export async function putDownWork(
  tx: Tx,
  {
    caseId,
    now,
    events,
  }: { readonly caseId: string; readonly now: number; readonly events: readonly CaseEvent[] },
): Promise<void> {
  const works = events.flatMap(worksOf);
  if (works.length === 0) return;
  await tx
    .insertInto('case_work')
    .values(
      works.map(({ kind, detail, after = 0 }) => ({
        id: randomUUID(),
        case_id: caseId,
        kind,
        detail: JSON.stringify(detail),
        next_at: new Date(now + after),
        error: null,
      })),
    )
    .execute();
}
