import type { CaseState } from '@accord/case-model';
import { composeStatement, type RemoveGround } from '@accord/law';
import type { Tx } from '../platform/database.ts';
import { assertStatement, type DatabaseStatement } from './shape.ts';

interface Removed {
  readonly caseId: string;
  readonly decisionId: string;
  readonly ground: RemoveGround;
  readonly state: CaseState;
  /** Milliseconds. */
  readonly now: number;
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** What of a removal is told to the Commission's database: kinds and dates, never a name, an address, a hash or words. */
export function statementOf({ decisionId, ground, state, now }: Omit<Removed, 'caseId'>): DatabaseStatement {
  const reasons = composeStatement(ground, 'en', { fromNotice: true, automatedDetection: false });
  const synthetic = ground === 'ncii_synthetic';
  return {
    decision_visibility: ['DECISION_VISIBILITY_CONTENT_REMOVED'],
    decision_ground: 'DECISION_GROUND_ILLEGAL_CONTENT',
    illegal_content_legal_ground: reasons.legalGround,
    illegal_content_explanation: reasons.legalExplanation,
    content_type: [synthetic ? 'CONTENT_TYPE_SYNTHETIC_MEDIA' : 'CONTENT_TYPE_IMAGE'],
    category: 'STATEMENT_CATEGORY_CYBER_VIOLENCE',
    category_specification: [
      synthetic ? 'KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE' : 'KEYWORD_NON_CONSENSUAL_IMAGE_SHARING',
    ],
    content_date: day(state.openedAt),
    application_date: day(now),
    decision_facts: reasons.facts,
    source_type: state.validUnder.includes('eu-dsa') ? 'SOURCE_ARTICLE_16' : 'SOURCE_TYPE_OTHER_NOTIFICATION',
    automated_detection: reasons.automatedDetection ? 'Yes' : 'No',
    automated_decision: 'AUTOMATED_DECISION_NOT_AUTOMATED',
    puid: decisionId,
  };
}

/** Puts a statement down in the transaction of the removal; it is sent later, once. */
export async function databaseStatement(tx: Tx, removed: Removed): Promise<void> {
  const body = statementOf(removed);
  assertStatement(body);
  await tx
    .insertInto('transparency_statement')
    .values({
      puid: body.puid,
      case_id: removed.caseId,
      body: JSON.stringify(body),
      state: 'waiting',
      next_at: new Date(removed.now),
      error: null,
      sent_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
