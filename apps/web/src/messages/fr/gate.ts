import type { Messages } from '../index.ts';

export const gate: Messages['gate'] = {
  title: 'Prouvez que vous êtes adulte',
  documentTitle: 'Preuve d’âge',
  lead: 'Un service indépendant, ou votre portefeuille, dit une seule chose : plus de 18 ans. Il ne dit pas qui vous êtes.',
  keptTitle: 'Ce que nous gardons',
  kept: ['que vous êtes adulte', 'jusqu’à quand la preuve vaut', 'le moyen choisi'],
  notKeptTitle: 'Ce que nous ne gardons pas',
  notKept: ['votre nom ou votre visage', 'votre date de naissance', 'aucune pièce d’identité'],
  choose: 'Choisissez un moyen',
  methods: {
    test: {
      name: 'Portefeuille d’essai',
      about: 'Ne prouve rien. Il n’existe que sur cette machine, pour essayer Accord.',
    },
    wallet: {
      name: 'Portefeuille d’identité',
      about: 'L’attestation d’âge du portefeuille de votre téléphone ou de votre pays.',
    },
    provider: {
      name: 'Tiers vérificateur',
      about: 'Un service indépendant vérifie votre âge, puis vous oublie.',
    },
  },
  testOnly: 'Installation d’essai : tout le monde peut passer cette porte.',
  none: 'Cette installation ne propose aucune preuve d’âge pour le moment. Revenez plus tard ; votre compte reste.',
  leaving: 'Ouverture…',
  checking: 'Vérification de la preuve…',
  failedTitle: 'La preuve n’a pas été acceptée',
  failedNext: 'Rien n’en a été gardé. Réessayez, ou choisissez un autre moyen.',
  passedTitle: 'Vous y êtes',
  passed: (until) => `Votre preuve vaut jusqu’au ${until}.`,
  next: 'Quelques mots sur moi',
  later: 'Voir les membres',
  signOut: 'Se déconnecter',
};
