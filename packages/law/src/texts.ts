import type { ClockId } from './clocks.ts';
import type { DeclineGround, RemoveGround, StatementOfReasons } from './statement.ts';
import type { Need, RequestLaw } from './validity.ts';

export type Language = 'fr' | 'en';
export type Text = Readonly<Record<Language, string>>;

/** A law as we cite it. */
export interface Citation {
  readonly name: Text;
  readonly article: string;
  readonly source: string;
}

export const citations = {
  'us-tida': {
    name: { fr: 'TAKE IT DOWN Act (États-Unis)', en: 'TAKE IT DOWN Act (United States)' },
    article: 'Pub. L. 119-12, §3; 47 U.S.C. 223a',
    source: 'https://www.congress.gov/bill/119th-congress/senate-bill/146',
  },
  'uk-osa': {
    name: { fr: 'Online Safety Act 2023 (Royaume-Uni)', en: 'Online Safety Act 2023 (United Kingdom)' },
    article: 's.10(3A), s.20A',
    source: 'https://www.legislation.gov.uk/ukpga/2023/50',
  },
  'eu-dsa': {
    name: { fr: 'Règlement sur les services numériques (UE)', en: 'Digital Services Act (EU)' },
    article: '(EU) 2022/2065, art. 16, 17, 20',
    source: 'https://eur-lex.europa.eu/eli/reg/2022/2065/oj',
  },
  'fr-lcen': {
    name: { fr: 'Code pénal et LCEN (France)', en: 'Code pénal and LCEN (France)' },
    article: 'Code pénal, art. 226-2-1 et 226-8-1 ; loi n° 2004-575, art. 6',
    source: 'https://www.legifrance.gouv.fr/codes/texte_lc/LEGITEXT000006070719/',
  },
} as const satisfies Record<RequestLaw, Citation>;

/** What is missing, said to the person who asks. */
export const needTexts: Readonly<Record<Need, Text>> = {
  who: {
    fr: 'Dites si l’image est de vous, ou pour qui vous agissez.',
    en: 'Say whether the picture is of you, or for whom you act.',
  },
  intimate: {
    fr: 'Dites ce que c’est : une vraie image, une image truquée ou une menace, et si elle est intime.',
    en: 'Say what it is: a real picture, a faked one or a threat, and whether it is intimate.',
  },
  no_consent: { fr: 'Dites que l’accord manque.', en: 'Say that consent is missing.' },
  locate: {
    fr: 'Donnez une empreinte, une adresse ou quelques mots qui permettent de trouver l’image.',
    en: 'Give a fingerprint, an address or a few words by which the picture can be found.',
  },
  reasons: {
    fr: 'Dites en une phrase pourquoi elle doit disparaître.',
    en: 'Say in a sentence why it must go.',
  },
  contact: {
    fr: 'Laissez une adresse, ou choisissez de suivre la demande sur la page de suivi.',
    en: 'Leave an address, or choose to follow the request on the follow-up page.',
  },
  email: { fr: 'Laissez une adresse e-mail.', en: 'Leave an e-mail address.' },
  signature: {
    fr: 'Signez : tapez votre nom, ou le nom sous lequel on vous connaît.',
    en: 'Sign: type your name, or the name by which you are known.',
  },
  good_faith: {
    fr: 'Confirmez que vous dites vrai, de bonne foi.',
    en: 'Confirm that what you say is true, in good faith.',
  },
};

export const declineTexts: Readonly<Record<DeclineGround, Text>> = {
  not_intimate: {
    fr: 'L’image n’est pas intime au sens de la loi.',
    en: 'The picture is not intimate in the sense of the law.',
  },
  not_subject: {
    fr: 'La demande ne vient ni de la personne sur l’image, ni de quelqu’un qui agit pour elle.',
    en: 'The request comes neither from the person in the picture nor from anyone acting for them.',
  },
  cannot_locate: {
    fr: 'Nous n’avons pas pu trouver l’image, même après vous avoir demandé de nous aider.',
    en: 'We could not find the picture, even after asking you to help.',
  },
  already_gone: { fr: 'L’image n’est plus sur Accord.', en: 'The picture is no longer on Accord.' },
  agreed: {
    fr: 'La personne sur l’image avait donné son accord, et il tient toujours.',
    en: 'The person in the picture had agreed, and that still stands.',
  },
};

/** Why a picture was removed, as the person who sent it is told; the law, and why it is met. */
export const removeTexts: Readonly<Record<RemoveGround, { readonly law: Text; readonly why: Text }>> = {
  ncii_real: {
    law: {
      fr: 'Code pénal, art. 226-2-1 ; TAKE IT DOWN Act, §2 ; Online Safety Act, s.10(3A)',
      en: 'TAKE IT DOWN Act, §2; Online Safety Act, s.10(3A); Code pénal, art. 226-2-1',
    },
    why: {
      fr: 'L’image est intime et la personne qui s’y trouve n’a pas accepté qu’elle soit transmise.',
      en: 'The picture is intimate and the person in it did not agree that it be passed on.',
    },
  },
  ncii_synthetic: {
    law: {
      fr: 'Code pénal, art. 226-8-1 ; TAKE IT DOWN Act, §2 ; Online Safety Act, s.10(3A)',
      en: 'TAKE IT DOWN Act, §2; Online Safety Act, s.10(3A); Code pénal, art. 226-8-1',
    },
    why: {
      fr: 'L’image a été fabriquée ou modifiée pour montrer une personne dans une scène intime, sans son accord.',
      en: 'The picture was made or altered to show a person in an intimate scene, without their consent.',
    },
  },
  threat: {
    law: { fr: 'Directive (UE) 2024/1385, art. 5', en: 'Directive (EU) 2024/1385, art. 5' },
    why: {
      fr: 'L’image sert à menacer la personne qui s’y trouve.',
      en: 'The picture is used to threaten the person in it.',
    },
  },
  minor: {
    law: { fr: 'Code pénal, art. 227-23 ; 18 U.S.C. 2252A', en: '18 U.S.C. 2252A; Code pénal, art. 227-23' },
    why: {
      fr: 'La personne sur l’image était mineure, ou semble l’avoir été.',
      en: 'The person in the picture was under 18, or appears to have been.',
    },
  },
  order: {
    law: { fr: 'Loi n° 2004-575, art. 6-1 ; DSA, art. 9', en: 'LCEN art. 6-1; DSA art. 9' },
    why: { fr: 'Une autorité l’a ordonné.', en: 'An authority ordered it.' },
  },
};

const redress: Text = {
  fr: 'Vous pouvez contester ici pendant six mois : une autre personne que celle qui a décidé examinera. Vous pouvez aussi saisir un organe certifié de règlement extrajudiciaire (DSA, art. 21) ou un juge.',
  en: 'You can object here for six months: somebody other than the one who decided will look. You can also turn to a certified out-of-court body (DSA art. 21) or to a court.',
};

const facts = (fromNotice: boolean): Text => ({
  fr: fromNotice
    ? 'Une personne a signalé l’image, et un modérateur l’a examinée.'
    : 'Nous avons examiné l’image de notre propre initiative.',
  en: fromNotice
    ? 'A person reported the picture, and a moderator looked at it.'
    : 'We looked at the picture on our own initiative.',
});

/** The whole statement for a removal. Who reported is never in it. */
export function composeStatement(
  ground: RemoveGround,
  language: Language,
  how: { readonly fromNotice: boolean; readonly automatedDetection: boolean },
): StatementOfReasons {
  const { law, why } = removeTexts[ground];
  return {
    restriction: 'removed',
    territory: 'everywhere',
    until: null,
    facts: facts(how.fromNotice)[language],
    fromNotice: how.fromNotice,
    automatedDetection: how.automatedDetection,
    automatedDecision: 'not',
    legalGround: law[language],
    legalExplanation: why[language],
    redress: redress[language],
  };
}

const decided: Readonly<Record<'remove' | 'decline', Text>> = {
  remove: { fr: 'Nous avons décidé de la retirer.', en: 'We decided to remove it.' },
  decline: { fr: 'Nous avons décidé de ne pas la retirer.', en: 'We decided not to remove it.' },
};

/** What whoever asked is told of a decision: what, and why. */
export function composeAnswer(
  decision:
    | { readonly kind: 'remove'; readonly ground: RemoveGround }
    | { readonly kind: 'decline'; readonly ground: DeclineGround },
  language: Language,
): string {
  const why = decision.kind === 'remove' ? removeTexts[decision.ground].why : declineTexts[decision.ground];
  return `${decided[decision.kind][language]} ${why[language]}`;
}

/** What a clock is called on a page. */
export const clockTexts: Readonly<Record<ClockId, Text>> = {
  'us-tida': { fr: 'Retrait (loi américaine, 48 h)', en: 'Removal (US law, 48 h)' },
  'uk-osa': { fr: 'Retrait (loi britannique, 48 h)', en: 'Removal (UK law, 48 h)' },
  'eu-16-ack': { fr: 'Accusé de réception', en: 'Acknowledgement' },
  'eu-16': { fr: 'Décision (notre engagement, 24 h)', en: 'Decision (our promise, 24 h)' },
  'eu-20': { fr: 'Réponse à la contestation (7 jours)', en: 'Answer to an appeal (7 days)' },
  'fr-6-1': { fr: 'Injonction (24 h)', en: 'Order (24 h)' },
  'us-2258a': { fr: 'Signalement au NCMEC', en: 'Report to NCMEC' },
  'us-preserve': { fr: 'Conservation (un an)', en: 'Preservation (one year)' },
  'in-3-2-b': { fr: 'Retrait (Inde, 2 h)', en: 'Removal (India, 2 h)' },
};
