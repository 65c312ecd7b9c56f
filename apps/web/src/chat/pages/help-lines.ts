import type { Messages } from '../../messages/index.ts';

export interface HelpLine {
  readonly id: keyof Messages['help']['lines'];
  readonly name: string;
  readonly number?: string;
  readonly site: string;
  readonly kind: 'talk' | 'remove';
}

/**
 * Help for minors. Names, numbers and addresses are the organisations' own, from their sites in
 * November 2026: e-Enfance (3018), Service national d'accueil téléphonique de l'enfance en danger (119),
 * European Commission decision 2007/116/EC (116 111), NSPCC (Childline, with the Internet Watch Foundation
 * for Report Remove), Child Helpline International, NCMEC (Take It Down).
 */
export const helpLines: readonly HelpLine[] = [
  { id: 'fr3018', name: '3018', number: '3018', site: 'https://e-enfance.org/numero-3018/', kind: 'talk' },
  { id: 'fr119', name: '119', number: '119', site: 'https://www.allo119.gouv.fr/', kind: 'talk' },
  {
    id: 'eu116111',
    name: '116 111',
    number: '116111',
    site: 'https://childhelplineinternational.org/helplines/',
    kind: 'talk',
  },
  {
    id: 'childline',
    name: 'Childline',
    number: '0800 1111',
    site: 'https://www.childline.org.uk/',
    kind: 'talk',
  },
  {
    id: 'childHelplines',
    name: 'Child Helpline International',
    site: 'https://childhelplineinternational.org/helplines/',
    kind: 'talk',
  },
  { id: 'takeItDown', name: 'Take It Down', site: 'https://takeitdown.ncmec.org/', kind: 'remove' },
  {
    id: 'reportRemove',
    name: 'Report Remove',
    site: 'https://www.childline.org.uk/info-advice/bullying-abuse-safety/online-mobile-safety/report-remove/',
    kind: 'remove',
  },
];
