/** Where a fact was read, and the day (ISO 8601) on which it was. */
export interface Source {
  readonly address: string;
  readonly on: string;
}

/** A fact without one can't be written down. */
export type Sources = readonly [Source, ...Source[]];

/** Who listens, or takes pictures down elsewhere. */
export interface HelpLine {
  readonly id: string;
  readonly name: string;
  readonly number?: string;
  readonly site: string;
  readonly kind: 'talk' | 'remove';
  /** Whom it is for; `anyone` includes both. */
  readonly whom: 'minor' | 'adult' | 'anyone';
  /** ISO 3166-1 codes, upper case; `EU` for most of Europe, `*` for anywhere. */
  readonly countries: readonly string[];
  readonly about: { readonly fr: string; readonly en: string };
  /** Together they say all that is said here. */
  readonly sources: Sources;
}

const on = '2026-11-28';

/**
 * Each entry says what its sources said on the day noted beside them, and no more. They were read as archived copies of those
 * pages; nobody dialled the numbers. What no source bears out is left out.
 */
export const helpLines: readonly HelpLine[] = [
  {
    id: 'fr3018',
    name: '3018',
    number: '3018',
    site: 'https://3018.fr/',
    kind: 'talk',
    whom: 'minor',
    countries: ['FR'],
    about: {
      fr: 'France. Harcèlement, chantage et violences en ligne. Tous les jours de 9 h à 23 h. Gratuit et confidentiel.',
      en: 'France. Bullying, blackmail and violence online. Every day from 9 am to 11 pm. Free and in confidence.',
    },
    sources: [
      { address: 'https://solidarites.gouv.fr/node/2219', on },
      {
        address:
          'https://mairie-villetaneuse.fr/actualites/le-3018-un-numero-gratuit-et-une-app-pour-les-victimes-de-cyberharcelement',
        on,
      },
    ],
  },
  {
    id: 'fr119',
    name: '119',
    number: '119',
    site: 'https://allo119.gouv.fr/',
    kind: 'talk',
    whom: 'minor',
    countries: ['FR'],
    about: {
      fr: 'France. Enfance en danger, de jour comme de nuit. Gratuit, et absent de la facture de téléphone.',
      en: 'France. Children in danger, by day and by night. Free, and not shown on the phone bill.',
    },
    sources: [{ address: 'https://solidarites.gouv.fr/node/2219', on }],
  },
  {
    id: 'eu116111',
    name: '116 111',
    number: '116111',
    site: 'https://childhelplineinternational.org/15-years-of-116111/',
    kind: 'talk',
    whom: 'minor',
    countries: ['EU'],
    about: {
      fr: 'La ligne d’écoute des enfants dans la plupart des pays d’Europe, sous un seul numéro.',
      en: 'The children’s helpline in most European countries, under one number.',
    },
    sources: [{ address: 'https://childhelplineinternational.org/15-years-of-116111/', on }],
  },
  {
    id: 'childline',
    name: 'Childline',
    number: '0800 1111',
    site: 'https://www.childline.org.uk/',
    kind: 'talk',
    whom: 'minor',
    countries: ['GB'],
    about: {
      fr: 'Royaume-Uni. Pour les moins de 19 ans, de jour comme de nuit. Gratuit.',
      en: 'United Kingdom. For anyone under 19, by day and by night. Free.',
    },
    sources: [
      { address: 'https://learning.nspcc.org.uk/services/childline', on },
      {
        address:
          'https://www.sunderlandecho.com/news/opinion/columnists/childline-advice-when-a-child-contacts-us-we-will-listen-and-support-them-3817957',
        on,
      },
    ],
  },
  {
    id: 'childHelplines',
    name: 'Child Helpline International',
    site: 'https://childhelplineinternational.org/about/members/',
    kind: 'talk',
    whom: 'minor',
    countries: ['*'],
    about: {
      fr: 'Le réseau des lignes d’écoute des enfants, partout dans le monde.',
      en: 'The network of children’s helplines, all over the world.',
    },
    sources: [{ address: 'https://childhelplineinternational.org/about/members/', on }],
  },
  {
    id: 'takeItDown',
    name: 'Take It Down',
    site: 'https://takeitdown.ncmec.org/',
    kind: 'remove',
    whom: 'minor',
    countries: ['*'],
    about: {
      fr: 'Partout dans le monde. Pour les images prises avant vos 18 ans. L’image reste sur votre appareil ; seule son empreinte part.',
      en: 'Worldwide. For pictures taken before you were 18. The picture stays on your device; only its fingerprint is sent.',
    },
    sources: [
      { address: 'https://takeitdown.ncmec.org/faq/', on },
      {
        address:
          'https://www.wtap.com/prnewswire/2023/02/27/ncmec-launches-new-service-that-can-help-you-take-it-down/',
        on,
      },
    ],
  },
  {
    id: 'reportRemove',
    name: 'Report Remove',
    site: 'https://www.iwf.org.uk/what-we-do/why-we-exist/report-remove',
    kind: 'remove',
    whom: 'minor',
    countries: ['GB'],
    about: {
      fr: 'Royaume-Uni. Pour les moins de 18 ans, par Childline et l’Internet Watch Foundation.',
      en: 'United Kingdom. For anyone under 18, by Childline and the Internet Watch Foundation.',
    },
    sources: [
      { address: 'https://www.iwf.org.uk/what-we-do/why-we-exist/report-remove', on },
      { address: 'https://crimestoppers-uk.org/fearless/news/2024/report-remove', on },
    ],
  },
  {
    id: 'stopNcii',
    name: 'StopNCII',
    site: 'https://stopncii.org/',
    kind: 'remove',
    whom: 'adult',
    countries: ['*'],
    about: {
      fr: 'Partout dans le monde, pour les adultes. L’empreinte de l’image part vers les plateformes qui participent ; l’image reste chez vous.',
      en: 'Worldwide, for adults. The picture’s fingerprint goes to the platforms that take part; the picture stays with you.',
    },
    sources: [
      {
        address: 'https://swgfl.org.uk/magazine/stopncii-org-tackling-non-consensual-intimate-image-abuse/',
        on,
      },
      { address: 'https://stopncii.org/how-it-works/?lang=sv-se', on },
    ],
  },
  {
    id: 'fr116006',
    name: '116 006',
    number: '116006',
    site: 'https://www.france-victimes.fr/',
    kind: 'talk',
    whom: 'anyone',
    countries: ['FR'],
    about: {
      fr: 'France. Aide aux victimes : écoute, vos droits, une association près de chez vous. Tous les jours de l’année. Gratuit.',
      en: 'France. Help for victims: listening, your rights, an association near you. Every day of the year. Free.',
    },
    sources: [
      {
        address:
          'https://www.savoie.gouv.fr/Actualites/Actualites/Lancement-du-116-006-numero-d-aide-aux-victimes',
        on,
      },
      { address: 'http://www.orne.gouv.fr/116-006-numero-europeen-d-aide-aux-victimes-a9103.html', on },
    ],
  },
  {
    id: 'fr3919',
    name: '3919',
    number: '3919',
    site: 'https://solidaritefemmes.org/',
    kind: 'talk',
    whom: 'adult',
    countries: ['FR'],
    about: {
      fr: 'France. Violences faites aux femmes, de jour comme de nuit. Gratuit et anonyme.',
      en: 'France. Violence against women, by day and by night. Free and anonymous.',
    },
    sources: [
      {
        address:
          'https://www.tf1info.fr/societe/journee-internationale-de-lutte-conte-les-violences-faites-aux-femmes-ces-numeros-de-telephone-utiles-qu-il-faut-connaitre-2277414.html',
        on,
      },
      {
        address:
          'https://informations.handicap.fr/a-3919-femmes-sourdes-victimes-violences-aide-h24-31115.php',
        on,
      },
    ],
  },
  {
    id: 'revengePornHelpline',
    name: 'Revenge Porn Helpline',
    number: '0345 6000 459',
    site: 'https://revengepornhelpline.org.uk/',
    kind: 'talk',
    whom: 'adult',
    countries: ['GB'],
    about: {
      fr: 'Royaume-Uni. Pour les adultes dont une image intime a été partagée, ou est menacée de l’être. Du lundi au vendredi, de 10 h à 16 h. Gratuit et confidentiel.',
      en: 'United Kingdom. For adults whose intimate picture was shared, or who are threatened with it. Monday to Friday, 10 am to 4 pm. Free and in confidence.',
    },
    sources: [
      { address: 'https://swgfl.org.uk/helplines/revenge-porn-helpline/', on },
      { address: 'https://revengepornhelpline.org.uk/faq/', on },
    ],
  },
  {
    id: 'ccri',
    name: 'Image Abuse Helpline (CCRI)',
    number: '1 844 878 2274',
    site: 'https://cybercivilrights.org/',
    kind: 'talk',
    whom: 'adult',
    countries: ['US'],
    about: {
      fr: 'États-Unis. Images intimes partagées sans accord, vraies ou truquées. De jour comme de nuit. Gratuit.',
      en: 'United States. Intimate pictures shared without consent, real or faked. By day and by night. Free.',
    },
    sources: [
      { address: 'https://consumer.ftc.gov/articles/what-do-if-youre-target-revenge-porn', on },
      { address: 'https://www.cybercivilrights.org/faqs-usvictims/', on },
      { address: 'https://ovc.ojp.gov/funding/awards/15povc-23-gk-01579-nonf', on },
    ],
  },
  {
    id: 'cybertipCa',
    name: 'Cybertip.ca',
    site: 'https://www.cybertip.ca/app/en/report-sharing_sexual_pictures',
    kind: 'remove',
    whom: 'minor',
    countries: ['CA'],
    about: {
      fr: 'Canada. Pour les moins de 18 ans dont une image circule, et pour leurs parents.',
      en: 'Canada. For anyone under 18 whose picture is going around, and for their parents.',
    },
    sources: [
      { address: 'https://www.cybertip.ca/app/en/report-sharing_sexual_pictures', on },
      { address: 'https://www.protectkidsonline.ca/app/en/report_concerning_behaviour', on },
    ],
  },
  {
    id: 'eSafety',
    name: 'eSafety Commissioner',
    site: 'https://www.esafety.gov.au/report',
    kind: 'remove',
    whom: 'anyone',
    countries: ['AU'],
    about: {
      fr: 'Australie. L’autorité peut ordonner aux plateformes le retrait d’une image intime.',
      en: 'Australia. The authority can order platforms to take an intimate picture down.',
    },
    sources: [
      { address: 'https://www.esafety.gov.au/whats-on/online-safety/english-indian-nepali-community', on },
      { address: 'https://www.esafety.gov.au/report/image-based-abuse/making-a-report-faq', on },
    ],
  },
];

/** Those for this person. What one country offers comes first, what helps anywhere last. */
export function helpFor(whom: 'minor' | 'adult', kind?: HelpLine['kind'], country?: string): HelpLine[] {
  const rank = ({ countries }: HelpLine) =>
    country !== undefined && countries.includes(country) ? 0 : countries.includes('*') ? 2 : 1;
  return helpLines
    .filter(
      (line) => (line.whom === whom || line.whom === 'anyone') && (kind === undefined || line.kind === kind),
    )
    .map((line) => ({ line, rank: rank(line) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ line }) => line);
}
