/**
 * The templates for the reports of art. 15 and 24 DSA, as far as they ask a platform that is not very large: Annex I of
 * Implementing Regulation (EU) 2024/2835. Names of files, columns, rows and categories are the Regulation's, letter by letter.
 */

/** A category and its sub-categories in the template's order. */
interface Category {
  readonly code: string;
  readonly keywords: readonly string[];
}

const category = (code: string, keywords: string): Category => ({
  code: `STATEMENT_CATEGORY_${code}`,
  keywords: [...keywords.split(' '), 'OTHER'].map((keyword) => `KEYWORD_${keyword}`),
});

const illegal: readonly Category[] = [
  category('ANIMAL_WELFARE', 'ANIMAL_HARM UNLAWFUL_SALE_ANIMALS'),
  category(
    'CONSUMER_INFORMATION',
    'HIDDEN_ADVERTISEMENT INSUFFICIENT_INFORMATION_ON_TRADERS MISLEADING_INFO_GOODS_SERVICES MISLEADING_INFO_CONSUMER_RIGHTS NONCOMPLIANCE_PRICING',
  ),
  category(
    'CYBER_VIOLENCE',
    'CYBER_BULLYING_INTIMIDATION CYBER_HARASSMENT CYBER_INCITEMENT CYBER_STALKING NON_CONSENSUAL_IMAGE_SHARING NON_CONSENSUAL_MATERIAL_DEEPFAKE',
  ),
  category(
    'CYBER_VIOLENCE_AGAINST_WOMEN',
    'BULLYING_AGAINST_GIRLS CYBER_HARASSMENT_AGAINST_WOMEN CYBER_STALKING_AGAINST_WOMEN FEMALE_GENDERED_DISINFORMATION INCITEMENT_AGAINST_WOMEN NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN',
  ),
  category(
    'DATA_PROTECTION_AND_PRIVACY_VIOLATIONS',
    'BIOMETRIC_DATA_BREACH DATA_FALSIFICATION MISSING_PROCESSING_GROUND RIGHT_TO_BE_FORGOTTEN',
  ),
  category('ILLEGAL_OR_HARMFUL_SPEECH', 'DEFAMATION DISCRIMINATION HATE_SPEECH'),
  category(
    'INTELLECTUAL_PROPERTY_INFRINGEMENTS',
    'COPYRIGHT_INFRINGEMENT DESIGN_INFRINGEMENT GEOGRAPHIC_INDICATIONS_INFRINGEMENT PATENT_INFRINGEMENT TRADE_SECRET_INFRINGEMENT TRADEMARK_INFRINGEMENT',
  ),
  category(
    'NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS',
    'MISINFORMATION_DISINFORMATION VIOLATION_EU_LAW VIOLATION_NATIONAL_LAW',
  ),
  category(
    'PROTECTION_OF_MINORS',
    'AGE_SPECIFIC_RESTRICTIONS_MINORS CHILD_SEXUAL_ABUSE_MATERIAL CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE GROOMING_SEXUAL_ENTICEMENT_MINORS UNSAFE_CHALLENGES',
  ),
  category(
    'RISK_FOR_PUBLIC_SECURITY',
    'ILLEGAL_ORGANIZATIONS RISK_ENVIRONMENTAL_DAMAGE RISK_PUBLIC_HEALTH TERRORIST_CONTENT',
  ),
  category(
    'SCAMS_AND_FRAUD',
    'IMPERSONATION_ACCOUNT_HIJACKING INAUTHENTIC_ACCOUNTS INAUTHENTIC_LISTINGS INAUTHENTIC_USER_REVIEWS PHISHING PYRAMID_SCHEMES',
  ),
  category('SELF_HARM', 'CONTENT_PROMOTING_EATING_DISORDERS SELF_MUTILATION SUICIDE'),
  category('UNSAFE_AND_PROHIBITED_PRODUCTS', 'PROHIBITED_PRODUCTS UNSAFE_PRODUCTS'),
  category(
    'VIOLENCE',
    'COORDINATED_HARM INCITEMENT_VIOLENCE_HATRED HUMAN_EXPLOITATION HUMAN_TRAFFICKING TRAFFICKING_WOMEN_GIRLS',
  ),
];

const ownTerms = category(
  'OTHER_VIOLATION_TC',
  'ADULT_SEXUAL_MATERIAL AGE_SPECIFIC_RESTRICTIONS GEOGRAPHICAL_REQUIREMENTS GOODS_SERVICES_NOT_PERMITTED LANGUAGE_REQUIREMENTS NUDITY',
);

const unnamed = (code: string): Category => ({ code: `STATEMENT_CATEGORY_${code}`, keywords: [] });

/** Rows of each part that goes by categories. */
export const categoriesOf = {
  orders: [...illegal, unnamed('NOT_SPECIFIED_ORDER')],
  notices: [...illegal, unnamed('NOT_SPECIFIED_NOTICE')],
  ownIllegal: illegal,
  ownTerms: [...illegal, ownTerms],
  all: [...illegal, ownTerms, unnamed('NOT_SPECIFIED_ORDER'), unnamed('NOT_SPECIFIED_NOTICE')],
} as const satisfies Record<string, readonly Category[]>;

const contextual = (names: readonly string[], word = 'Contextual information on') =>
  names.map((name) => `${word} ${name}`);

const byCategory = (what: string) => [
  'Applicability',
  'Service',
  'Reporting period',
  what,
  'Description of the sub-category "Other"',
];

const orderColumns = [
  'Number of orders to act against illegal content received',
  'Number of specific items of information included in the total number of orders to act against illegal content',
  'Median time to inform the authority of the receipt of the order to act against illegal content',
  'Median time to give effect to the order to act against illegal content',
  'Number of orders to provide information',
  'Median time to inform the authority of the receipt of the order to provide information',
  'Median time to give effect to the order to provide information',
];

const noticeColumns = [
  'Number of notices received ',
  'Number of notices received from Trusted flaggers',
  'Number of specific items of information included in the total number of notices',
  'Number of specific items of information included in the total number of notices by Trusted Flaggers (Trusted Flagger notices)',
  'Median time to take action',
  'Median time to take action (Trusted Flagger notices)',
  'Number of actions taken on the basis of the law',
  'Number of actions taken on the basis of the law (Trusted Flagger notices)',
  'Number of actions taken on the basis of the terms and conditions of the service',
  'Number of actions taken on the basis of the terms and conditions of the service (Trusted Flagger notices)',
];

const ownColumns = [
  "Number of measures taken at the provider's own initiative ",
  'Number of measures taken after detection with solely automated means ',
  'Visibility restriction Removal',
  'Visibility restriction Disable',
  'Visibility restriction Demoted',
  'Visibility restriction Age restricted',
  'Visibility restriction Interaction restricted',
  'Visibility restriction Labelled ',
  'Visibility restriction Other',
  'Monetary restriction Suspension',
  'Monetary restriction Termination',
  'Monetary restriction Other',
  'Provision of the service Suspension',
  'Provision of the service Termination',
  'Account restriction Suspension',
  'Account restriction Termination',
];

/** The first row of each part. */
export const headerOf = {
  orders: [
    ...byCategory('Category of illegal content'),
    'Scope',
    ...orderColumns,
    // As the annex has them: two of the seven begin small there.
    ...contextual(orderColumns.map((name, at) => (at < 2 ? `n${name.slice(1)}` : name))),
  ],
  notices: [...byCategory('Category of illegal content'), ...noticeColumns, ...contextual(noticeColumns)],
  ownIllegal: [
    ...byCategory('Category of illegal content'),
    ...ownColumns,
    ...contextual(ownColumns, 'Contextual Information on'),
  ],
  ownTerms: [
    ...byCategory("Category of incompatibility with the provider's terms and conditions"),
    ...ownColumns,
    ...contextual(ownColumns, 'Contextual Information on'),
  ],
  identification: ['Applicability', 'Service', 'Indicator', 'Value'],
  categories: [
    'Category label',
    'Category description',
    'Category of illegal content / incompatible with the terms and conditions',
    'Contextual information',
  ],
  indicators: [
    'Applicability',
    'Service',
    'Reporting period',
    'Section',
    'Indicator',
    'Scope',
    'Value',
    'Contextual Information',
  ],
  qualitative: ['Applicability', 'Service', 'Reporting period', 'Indicator', 'Value'],
} as const;

/** Whom a row is asked of. */
export const applicability = {
  all: 'All',
  hosting: 'Only for providers of hosting services, including online platforms',
  platforms: 'Only for providers of online platforms',
} as const;

/** What a complaint can be about, in the order of part 7. */
export const complaintKinds = {
  all: 'Number of complaints submitted to the internal-complaints mechanism',
  restricted:
    'Complaint regarding a decision to remove or disable access to or restrict visibility of information',
  suspended: 'Complaint regarding a decision to suspend or terminate the provision of the service',
  account: 'Complaint regarding a decision to suspend or terminate an account ',
  monetised: 'Complaint regarding a decision to restrict the ability to monetise information',
  notActed:
    'Complaint regarding a decision not to take action on a notice submitted in accordance with Article 16',
  notActedFlagger:
    'Complaint regarding a decision not to take action on a notice submitted by a Trusted Flagger in accordance with Article 16',
} as const;
export type ComplaintKind = keyof typeof complaintKinds;
