import type { Messages } from '../index.ts';
import { pluralIn } from '../plural.ts';

const plural = pluralIn('fr');

export const people: Messages['people'] = {
  title: 'Membres',
  search: 'Rechercher',
  searchPlaceholder: 'Un pseudonyme ou un mot',
  filters: 'Filtres',
  filtersOn: (count) => plural(count, { one: '# filtre actif', other: '# filtres actifs' }),
  language: 'Parle',
  anyLanguage: 'Toutes les langues',
  seeking: 'Recherche',
  anySeeking: 'Tout',
  onlineOnly: 'En ligne',
  clear: 'Effacer les filtres',
  found: (count) => plural(count, { one: '# personne affichée', other: '# personnes affichées' }),
  moreToLoad: 'Afficher plus de membres',
  emptyTitle: 'Personne pour l’instant',
  empty: 'Vous êtes parmi les premiers. Écrivez quelques mots sur vous : les prochains les liront.',
  writeProfile: 'Écrire mon profil',
  noMatchTitle: 'Aucun membre ne correspond',
  noMatch: 'Essayez d’autres mots, ou moins de filtres.',
  here: 'En ligne',
  aboutNone: 'N’a encore rien écrit.',
  chooseTitle: 'Qui aimeriez-vous rencontrer ?',
  choose: 'Choisissez quelqu’un dans la liste pour en lire plus.',
  languages: 'Parle',
  seekings: 'Recherche',
  ask: 'Demander à discuter',
  askedTitle: (name) => `Vous avez demandé à discuter avec ${name}`,
  asked: (left) => `Il lui reste ${left} pour répondre. Son silence est aussi une réponse.`,
  askedYouTitle: (name) => `${name} demande à discuter avec vous`,
  answer: 'Voir la demande',
  talking: 'Aller à votre discussion',
  line: {
    title: (name) => `Une première ligne pour ${name}`,
    label: 'Votre première ligne',
    placeholder: 'Dites ce qui vous a attiré.',
    hint: 'Une ligne, scellée : seul son destinataire peut la lire.',
    used: (used, limit) => `${used} caractères sur ${limit}`,
    left: (count) =>
      plural(count, {
        one: 'Il vous reste # demande aujourd’hui.',
        other: 'Il vous reste # demandes aujourd’hui.',
      }),
    noneLeft: 'Vos demandes du jour sont épuisées. D’autres demain.',
    after:
      'La personne a 72 heures pour accepter. Sinon la demande expire, sans que l’on vous dise pourquoi.',
    send: 'Envoyer ma demande',
    sent: 'Votre demande est partie.',
    empty: 'Écrivez d’abord une ligne.',
  },
  block: {
    action: 'Bloquer',
    title: (name) => `Bloquer ${name} ?`,
    text: 'Plus rien de ce que cette personne écrit ou demande ne vous parvient, et elle ne voit plus si vous êtes là. Elle n’en est pas avertie et ne peut pas le deviner. Vous pouvez revenir dessus dans « Vous », « Personnes bloquées ».',
    confirm: 'Bloquer',
    done: 'Personne bloquée.',
  },
  report: {
    action: 'Signaler',
    title: (name) => `Signaler ${name}`,
    text: 'Une personne lit chaque signalement. Celle que vous signalez ne saura pas qui l’a fait.',
    reason: 'De quoi s’agit-il ?',
    words: 'Que s’est-il passé ?',
    wordsHint:
      'Avec vos mots. La modération ne peut pas lire vos discussions : elle ne voit que ce que vous écrivez ici.',
    also: 'Bloquer aussi cette personne',
    send: 'Envoyer le signalement',
    chooseFirst: 'Choisissez de quoi il s’agit.',
    sent: 'Merci. Le signalement est parti.',
  },
  reasons: {
    harassment: 'Harcèlement ou menaces',
    unwanted_pictures: 'Images que je ne voulais pas',
    ncii: 'Images intimes de quelqu’un, vraies ou truquées, sans son accord',
    minor: 'Personne qui a peut-être moins de 18 ans',
    impersonation: 'Se fait passer pour quelqu’un d’autre',
    spam: 'Publicité ou escroquerie',
    other: 'Autre chose',
  },
  seekingWords: {
    talk: 'Discuter',
    friendship: 'Amitié',
    dating: 'Rencontres',
    play: 'Jeu',
    company: 'Compagnie',
  },
};

export const requests: Messages['requests'] = {
  title: 'Demandes',
  tabs: 'Reçues et envoyées',
  received: 'Reçues',
  sent: 'Envoyées',
  emptyReceivedTitle: 'Aucune demande en attente',
  emptyReceived:
    'Quand quelqu’un demande à discuter, sa première ligne s’affiche ici. Vous acceptez, ou vous la laissez expirer.',
  emptySentTitle: 'Vous n’avez sollicité personne',
  emptySent: 'Parcourez les membres, et envoyez une première ligne à qui vous aimeriez rencontrer.',
  look: 'Voir les membres',
  accept: 'Accepter',
  accepting: 'Ouverture de la discussion…',
  hide: 'Mettre de côté',
  hidden: 'Mise de côté. L’autre n’en sait rien : sa demande attend, puis expire.',
  left: (left) => `Encore ${left} pour répondre`,
  leftTheirs: (left) => `Il lui reste ${left} pour répondre`,
  unread: 'Envoyée depuis un autre de vos appareils : sa ligne ne se lit pas ici.',
  unreadable: 'Sa ligne ne peut pas être lue sur cet appareil.',
  today: (count) =>
    plural(count, {
      one: 'Vous pouvez encore envoyer # demande aujourd’hui.',
      other: 'Vous pouvez encore envoyer # demandes aujourd’hui.',
    }),
  noneToday: 'Vos demandes du jour sont épuisées. D’autres demain.',
};

export const time: Messages['time'] = {
  hours: (count) => plural(count, { one: '# heure', other: '# heures' }),
  minutes: (count) => plural(count, { one: '# minute', other: '# minutes' }),
  days: (count) => plural(count, { one: '# jour', other: '# jours' }),
  moments: 'quelques instants',
};
