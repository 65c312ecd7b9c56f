import type { Messages } from '../index.ts';

export const common: Messages['common'] = {
  name: 'Accord',
  skip: 'Aller au contenu',
  close: 'Fermer',
  back: 'Retour',
  cancel: 'Annuler',
  save: 'Enregistrer',
  saved: 'Enregistré.',
  retry: 'Réessayer',
  copy: 'Copier',
  copied: 'Copié',
  loading: 'Chargement…',
  more: 'Autres actions',
  done: 'Terminé',
  offlineTitle: 'Pas de connexion',
  failedTitle: 'Cela n’a pas fonctionné',
  offlineBanner:
    'Vous êtes hors connexion. Ce que vous écrivez est gardé, et partira dès le retour de la connexion.',
  storageFull:
    'Le stockage de ce navigateur est plein. Rien n’est perdu, mais rien de nouveau ne peut être gardé : libérez de l’espace.',
  storageFailed:
    'Ce navigateur ne laisse pas Accord garder de données. C’est souvent le cas des fenêtres privées.',
  notFoundTitle: 'Il n’y a rien ici',
  notFound: 'L’adresse est peut-être mal saisie, ou ce qui s’y trouvait n’existe plus.',
  toStart: 'Vers l’accueil',
  crashed:
    'Cette page a cessé de fonctionner. Vos messages sont en sécurité sur cet appareil : rechargez-la.',
  reload: 'Recharger',
  language: 'Langue',
  hide: 'Cacher cette page',
  hideHint: 'Mène aussitôt à une page neutre. Appuyer deux fois sur Échap fait de même.',
  nav: {
    label: 'Principale',
    people: 'Membres',
    requests: 'Demandes',
    talk: 'Discussions',
    you: 'Vous',
    waiting: (count) => `${count} en attente`,
  },
};
