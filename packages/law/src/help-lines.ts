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
}

/**
 * Names, numbers and addresses are the organisations' own: e-Enfance (3018), Service national d'accueil téléphonique
 * de l'enfance en danger (119), European Commission decision 2007/116/EC (116 111, and 116 006 by its amendment
 * 2009/884/EC), NSPCC (Childline, with the Internet Watch Foundation for Report Remove), Child Helpline International,
 * NCMEC (Take It Down), SWGfL (StopNCII, Revenge Porn Helpline), Solidarité Femmes (3919), France Victimes (116 006),
 * Cyber Civil Rights Initiative, Canadian Centre for Child Protection (Need Help Now), Australia's eSafety Commissioner.
 */
export const helpLines: readonly HelpLine[] = [
  {
    id: 'fr3018',
    name: '3018',
    number: '3018',
    site: 'https://e-enfance.org/numero-3018/',
    kind: 'talk',
    whom: 'minor',
    countries: ['FR'],
    about: {
      fr: 'France. Harcèlement, chantage et violences en ligne. Tous les jours de l’année. Gratuit et confidentiel.',
      en: 'France. Bullying, blackmail and violence online. Every day of the year. Free and in confidence.',
    },
  },
  {
    id: 'fr119',
    name: '119',
    number: '119',
    site: 'https://www.allo119.gouv.fr/',
    kind: 'talk',
    whom: 'minor',
    countries: ['FR'],
    about: {
      fr: 'France. Enfance en danger, de jour comme de nuit. Gratuit, et absent de la facture de téléphone.',
      en: 'France. Children in danger, by day and by night. Free, and not shown on the phone bill.',
    },
  },
  {
    id: 'eu116111',
    name: '116 111',
    number: '116111',
    site: 'https://childhelplineinternational.org/helplines/',
    kind: 'talk',
    whom: 'minor',
    countries: ['EU', 'FR'],
    about: {
      fr: 'La ligne d’écoute des enfants dans la plupart des pays d’Europe, sous un seul numéro.',
      en: 'The children’s helpline in most European countries, under one number.',
    },
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
  },
  {
    id: 'childHelplines',
    name: 'Child Helpline International',
    site: 'https://childhelplineinternational.org/helplines/',
    kind: 'talk',
    whom: 'minor',
    countries: ['*'],
    about: {
      fr: 'La ligne d’écoute des enfants de votre pays, partout dans le monde.',
      en: 'The children’s helpline of your country, anywhere in the world.',
    },
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
  },
  {
    id: 'reportRemove',
    name: 'Report Remove',
    site: 'https://www.childline.org.uk/info-advice/bullying-abuse-safety/online-mobile-safety/report-remove/',
    kind: 'remove',
    whom: 'minor',
    countries: ['GB'],
    about: {
      fr: 'Royaume-Uni. Pour les moins de 18 ans, par Childline et l’Internet Watch Foundation.',
      en: 'United Kingdom. For anyone under 18, by Childline and the Internet Watch Foundation.',
    },
  },
  {
    id: 'stopNcii',
    name: 'StopNCII',
    site: 'https://stopncii.org/',
    kind: 'remove',
    whom: 'adult',
    countries: ['*'],
    about: {
      fr: 'Partout dans le monde, pour les adultes. L’empreinte de l’image part vers les grandes plateformes ; l’image reste chez vous.',
      en: 'Worldwide, for adults. The picture’s fingerprint goes to the large platforms; the picture stays with you.',
    },
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
      fr: 'France. Aide aux victimes : écoute, droit, plainte. Tous les jours de l’année. Gratuit.',
      en: 'France. Help for victims: listening, the law, going to the police. Every day of the year. Free.',
    },
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
      fr: 'Royaume-Uni. Pour les adultes dont une image intime a été partagée, ou est menacée de l’être.',
      en: 'United Kingdom. For adults whose intimate picture was shared, or who are threatened with it.',
    },
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
      fr: 'États-Unis. Images intimes partagées sans accord, vraies ou truquées. Gratuit et confidentiel.',
      en: 'United States. Intimate pictures shared without consent, real or faked. Free and in confidence.',
    },
  },
  {
    id: 'needHelpNow',
    name: 'NeedHelpNow.ca',
    site: 'https://needhelpnow.ca/',
    kind: 'remove',
    whom: 'minor',
    countries: ['CA'],
    about: {
      fr: 'Canada. Pour les jeunes dont une image circule, et pour leurs parents.',
      en: 'Canada. For young people whose picture is going around, and for their parents.',
    },
  },
  {
    id: 'eSafety',
    name: 'eSafety Commissioner',
    site: 'https://www.esafety.gov.au/report',
    kind: 'remove',
    whom: 'anyone',
    countries: ['AU'],
    about: {
      fr: 'Australie. L’autorité peut ordonner le retrait d’une image intime.',
      en: 'Australia. The authority can order an intimate picture to be taken down.',
    },
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
