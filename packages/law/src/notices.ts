import { citations, type Language, type Text } from './texts.ts';
import type { RequestLaw } from './validity.ts';

/** Milliseconds of silence after which a notice is sent again. */
export const noticeSilenceMs = 24 * 3_600_000;
/** How often, before a person must look at it. */
export const noticeTries = 7;

export interface NoticeFacts {
  readonly reference: string;
  readonly addresses: readonly string[];
  readonly synthetic: boolean;
  /** Instant of the first notice, in ms. */
  readonly firstSentAt: number;
  readonly sender: string;
}

interface Composed {
  readonly subject: string;
  readonly body: string;
}

const request: Readonly<Record<RequestLaw, Text>> = {
  'us-tida': {
    fr: 'Cette demande est faite au titre du TAKE IT DOWN Act (Pub. L. 119-12, §3). Vous avez au plus 48 heures à compter de sa réception pour retirer l’image et pour rechercher ses copies identiques connues.',
    en: 'This is a request under the TAKE IT DOWN Act (Pub. L. 119-12, §3). Within 48 hours of receiving it you must remove the picture and make reasonable efforts to find and remove known identical copies.',
  },
  'uk-osa': {
    fr: 'Cette demande est faite au titre de l’Online Safety Act 2023, s.20A. Le contenu doit disparaître dès que possible, et au plus tard 48 heures après sa réception (s.10(3A)).',
    en: 'This is a report under section 20A of the Online Safety Act 2023. The content must be taken down as soon as reasonably practicable, and within 48 hours of receipt (s.10(3A)).',
  },
  'eu-dsa': {
    fr: 'Ceci est une notification au sens de l’article 16 du règlement (UE) 2022/2065. Elle vous donne connaissance d’un contenu illicite ; nous attendons un accusé de réception et votre décision sans délai.',
    en: 'This is a notice under Article 16 of Regulation (EU) 2022/2065. It gives you actual knowledge of illegal content; we await your confirmation of receipt and your decision without undue delay.',
  },
  'fr-lcen': {
    fr: 'Ceci est une notification au sens de l’article 6 de la loi n° 2004-575 et de l’article 16 du règlement (UE) 2022/2065. Les faits relèvent des articles 226-2-1 et 226-8-1 du Code pénal.',
    en: 'This is a notification under article 6 of French law no. 2004-575 and Article 16 of Regulation (EU) 2022/2065. The facts fall under articles 226-2-1 and 226-8-1 of the Code pénal.',
  },
};

/** A notice to another platform: no name, no picture, no hash; only where it is and what the law asks. */
export function composeNotice(law: RequestLaw, language: Language, facts: NoticeFacts): Composed {
  const fr = language === 'fr';
  const { name, article } = citations[law];
  const kind = facts.synthetic
    ? fr
      ? 'une image intime fabriquée ou modifiée'
      : 'an intimate picture that was made or altered'
    : fr
      ? 'une image intime'
      : 'an intimate picture';
  const when = new Date(facts.firstSentAt).toISOString();
  const lines = fr
    ? [
        'Bonjour,',
        `Votre service montre ${kind} d’une personne qui n’y a pas consenti. Nous écrivons en son nom, de bonne foi, et tenons ces informations pour exactes.`,
        `Adresses :\n${facts.addresses.map((address) => `  ${address}`).join('\n')}`,
        request[law].fr,
        `Première notification : ${when}. Référence : ${facts.reference}. Répondez en la citant.`,
        facts.sender,
        `${name.fr}, ${article}`,
      ]
    : [
        'Hello,',
        `Your service shows ${kind} of a person who did not consent to it. We write on their behalf, in good faith, and believe this information to be accurate.`,
        `Addresses:\n${facts.addresses.map((address) => `  ${address}`).join('\n')}`,
        request[law].en,
        `First notice: ${when}. Reference: ${facts.reference}. Please quote it when you answer.`,
        facts.sender,
        `${name.en}, ${article}`,
      ];
  const subject = fr
    ? `Demande de retrait d’une image intime, ${facts.reference}`
    : `Request to take down an intimate picture, ${facts.reference}`;
  return { subject, body: `${lines.join('\n\n')}\n` };
}
