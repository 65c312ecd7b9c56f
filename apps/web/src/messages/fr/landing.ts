import { emergencyWords } from '@accord/law/emergency-numbers';
import type { Messages } from '../index.ts';

export const landing: Messages['landing'] = {
  title: 'Accueil',
  question: 'Avez-vous plus de 18 ans ?',
  yes: 'Oui, j’ai plus de 18 ans',
  no: 'Non',
  afterYes:
    'Un oui seul n’ouvre rien. Vient ensuite une preuve d’âge indépendante ; nous n’en gardons que « adulte jusqu’au ».',
  checked: 'Comment l’âge est vérifié ici',
  member: 'Déjà membre ?',
  signIn: 'Se connecter',
  what: 'Une messagerie gratuite pour adultes. Ici, une image intime ne circule que si trois personnes disent oui.',
  yeses: [
    { who: 'La personne qu’on y voit', how: 'dit oui, et peut revenir dessus à tout moment.' },
    { who: 'La personne qui l’envoie', how: 'choisit qui la voit, et pour combien de temps.' },
    { who: 'La personne qui la reçoit', how: 'a accepté de la recevoir avant qu’elle n’arrive.' },
  ],
  yesesTitle: 'Trois oui',
  facts: [
    {
      title: 'Ni nom, ni e‑mail, ni numéro',
      text: 'Un pseudonyme, et une clé d’accès qui reste sur votre appareil.',
    },
    { title: 'Chiffré de bout en bout', text: 'Seuls vos appareils et les siens peuvent lire. Nous, non.' },
    {
      title: 'Personne ne vous écrit sans votre accord',
      text: 'On vous envoie une ligne. Vous acceptez, ou vous la laissez expirer.',
    },
  ],
};

export const help: Messages['help'] = {
  title: 'Accord est réservé aux adultes',
  lead: 'Nous ne pouvons donc pas vous laisser entrer. S’il s’est passé quelque chose avec une image ou une vidéo de vous, vraie ou truquée, ce n’est pas votre faute, et des personnes vous aident, gratuitement et en toute confidentialité.',
  immediate: `En danger maintenant ? Appelez les urgences : ${emergencyWords('fr')}.`,
  talk: 'Parler à quelqu’un',
  remove: 'Faire retirer une image',
  adult: 'Vous avez plus de 18 ans ?',
  adultBack: 'Revenir à la question',
  call: (number) => `Appeler le ${number}`,
  visit: 'Ouvrir le site',
  leaves: 'Ces liens quittent Accord.',
};
