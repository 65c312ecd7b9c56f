import { z } from 'zod';

const visibility = z.enum([
  'DECISION_VISIBILITY_CONTENT_REMOVED',
  'DECISION_VISIBILITY_CONTENT_DISABLED',
  'DECISION_VISIBILITY_CONTENT_DEMOTED',
  'DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED',
  'DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED',
  'DECISION_VISIBILITY_CONTENT_LABELLED',
]);

const contentType = z.enum([
  'CONTENT_TYPE_IMAGE',
  'CONTENT_TYPE_VIDEO',
  'CONTENT_TYPE_SYNTHETIC_MEDIA',
  'CONTENT_TYPE_TEXT',
]);

/** Those of the 16 categories and 69 keywords (of 1 July 2025) that a removal of ours can be about. */
const category = z.enum([
  'STATEMENT_CATEGORY_CYBER_VIOLENCE',
  'STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN',
  'STATEMENT_CATEGORY_PROTECTION_OF_MINORS',
  'STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS',
]);
const keyword = z.enum([
  'KEYWORD_NON_CONSENSUAL_IMAGE_SHARING',
  'KEYWORD_NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN',
  'KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE',
  'KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN',
]);

const day = (from: string) =>
  z.iso.date().refine((value) => value >= from && value <= '2038-01-01', 'out of range');

/**
 * A statement of reasons as the DSA Transparency Database takes it (documentation of its API, "Statement attributes"). The
 * service refuses a batch for one bad statement: each is held against this before it is sent.
 */
const databaseStatementShape = z.strictObject({
  decision_visibility: z.array(visibility).min(1),
  decision_ground: z.literal('DECISION_GROUND_ILLEGAL_CONTENT'),
  illegal_content_legal_ground: z.string().min(1).max(500),
  illegal_content_explanation: z.string().min(1).max(2000),
  content_type: z.array(contentType).min(1),
  category,
  category_specification: z.array(keyword),
  content_date: day('2000-01-01'),
  application_date: day('2020-01-01'),
  decision_facts: z.string().min(1).max(5000),
  source_type: z.enum([
    'SOURCE_ARTICLE_16',
    'SOURCE_TRUSTED_FLAGGER',
    'SOURCE_TYPE_OTHER_NOTIFICATION',
    'SOURCE_VOLUNTARY',
  ]),
  automated_detection: z.enum(['Yes', 'No']),
  automated_decision: z.enum([
    'AUTOMATED_DECISION_FULLY',
    'AUTOMATED_DECISION_PARTIALLY',
    'AUTOMATED_DECISION_NOT_AUTOMATED',
  ]),
  puid: z.string().regex(/^[\w-]{1,500}$/),
});

export type DatabaseStatement = z.infer<typeof databaseStatementShape>;

/** @throws {z.ZodError} */
export const assertStatement = (body: unknown): DatabaseStatement => databaseStatementShape.parse(body);
