import { randomUUID } from 'node:crypto';
import type { CaseState } from '@accord/case-model';
import { composeAnswer, composeStatement, type DeclineGround, type RemoveGround } from '@accord/law';
import type { Reply } from '@accord/protocol';
import { statementOf } from '../transparency/index.ts';

type Preview = Reply<'cases.preview'>;
type Statement = NonNullable<Preview['statement']>['fr'];

/** What the sender of a removed picture is told, in one language. */
export function statementFor(ground: RemoveGround, language: 'fr' | 'en'): Statement {
  const how = { fromNotice: true, automatedDetection: false };
  const {
    restriction,
    facts,
    legalGround,
    legalExplanation,
    redress,
    automatedDetection,
    automatedDecision,
  } = composeStatement(ground, language, how);
  return {
    restriction,
    facts,
    legalGround,
    legalExplanation,
    redress,
    automatedDetection,
    automatedDecision,
  };
}

/** A decision as it would be told, from the very words that are told afterwards. */
export function previewOf(
  state: CaseState,
  decision: { readonly remove: RemoveGround } | { readonly decline: DeclineGround },
  now: number,
): Preview {
  if ('decline' in decision) {
    const answer = { kind: 'decline', ground: decision.decline } as const;
    return {
      statement: null,
      answer: { fr: composeAnswer(answer, 'fr'), en: composeAnswer(answer, 'en') },
      record: null,
    };
  }
  const ground = decision.remove;
  const answer = { kind: 'remove', ground } as const;
  return {
    statement: { fr: statementFor(ground, 'fr'), en: statementFor(ground, 'en') },
    answer: { fr: composeAnswer(answer, 'fr'), en: composeAnswer(answer, 'en') },
    record:
      state.childSafety === null
        ? { ...statementOf({ decisionId: randomUUID(), ground, state, now }) }
        : null,
  };
}
