/** Closed list of grounds on which a request may be declined, Online Safety Act s.10(3B) among them. */
export const declineGrounds = [
  'not_intimate',
  'not_subject',
  'cannot_locate',
  'already_gone',
  'agreed',
] as const;
export type DeclineGround = (typeof declineGrounds)[number];

/** Grounds on which a picture is removed. */
export const removeGrounds = ['ncii_real', 'ncii_synthetic', 'threat', 'minor', 'order'] as const;
export type RemoveGround = (typeof removeGrounds)[number];

/** What DSA art. 17(3) owes the person whose picture was restricted. */
export interface StatementOfReasons {
  /** (a) what is done, where, how long. `null`: without end. */
  readonly restriction: 'removed' | 'disabled';
  readonly territory: 'everywhere';
  readonly until: number | null;
  /** (b) the facts, without who notified. */
  readonly facts: string;
  readonly fromNotice: boolean;
  /** (c) whether a machine found it, and whether one decided. */
  readonly automatedDetection: boolean;
  readonly automatedDecision: 'fully' | 'partially' | 'not';
  /** (d) the law, and why it is met. */
  readonly legalGround: string;
  readonly legalExplanation: string;
  /** (f) how to object: with us, out of court, in court. */
  readonly redress: string;
}

/** What is still missing of a statement; a restriction is not imposed before this is empty (`eu-17`). */
export function missingOfStatement(statement: Partial<StatementOfReasons>): (keyof StatementOfReasons)[] {
  const required = [
    'restriction',
    'territory',
    'facts',
    'fromNotice',
    'automatedDetection',
    'automatedDecision',
    'legalGround',
    'legalExplanation',
    'redress',
  ] as const;
  return required.filter((name) => statement[name] === undefined || statement[name] === '');
}
