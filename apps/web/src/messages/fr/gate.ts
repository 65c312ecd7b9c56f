import type { Messages } from '../index.ts';
import { pluralIn } from '../plural.ts';

const plural = pluralIn('fr');

export const gate: Messages['gate'] = {
  title: 'Prouvez que vous êtes adulte',
  documentTitle: 'Preuve d’âge',
  lead: 'Un service indépendant, ou votre portefeuille, dit une seule chose : plus de 18 ans. Il ne dit pas qui vous êtes.',
  keptTitle: 'Ce que nous gardons',
  kept: [
    'que vous êtes adulte, et jusqu’à quel jour la preuve vaut',
    'le jour où vous l’avez montrée, le genre de moyen, et selon quelles règles',
    'une marque de l’attestation qui ne mène à personne, pour qu’elle ne serve pas deux fois',
  ],
  notKeptTitle: 'Ce que nous ne gardons pas',
  notKept: [
    'votre nom ou votre visage',
    'votre date de naissance',
    'aucune pièce d’identité',
    'l’attestation, ni qui l’a délivrée',
  ],
  statementLink: 'Comment l’âge est vérifié ici',
  choose: 'Choisissez un moyen',
  methods: {
    test: {
      name: 'Portefeuille d’essai',
      about: 'Ne prouve rien. Il n’existe que sur cette machine, pour essayer Accord.',
      learns: 'Il croit tout ce qu’on lui dit, et n’apprend rien.',
    },
    wallet: {
      name: 'Portefeuille d’identité',
      about: 'L’attestation d’âge du portefeuille de votre téléphone ou de votre pays.',
      learns:
        'Qui l’a délivrée n’apprend pas que vous êtes ici. Nous apprenons « plus de 18 ans », et non qui vous êtes.',
    },
    provider: {
      name: 'Tiers vérificateur',
      about: 'Un service indépendant vérifie votre âge, puis vous oublie.',
      learns: 'Il apprend qui vous êtes, dans la mesure où il le demande. Nous apprenons « plus de 18 ans ».',
    },
  },
  doubleBlind: 'Double anonymat : qui vérifie votre âge n’apprend pas où vous le montrez.',
  notNow: 'Indisponible pour le moment',
  testOnly: 'Installation d’essai : tout le monde peut passer cette porte.',
  none: 'Cette installation ne propose aucune preuve d’âge pour le moment. Revenez plus tard ; votre compte reste.',
  leaving: 'Ouverture…',
  checking: 'Vérification de la preuve…',
  failedTitle: 'La preuve n’a pas été acceptée',
  failedNext:
    'Rien n’en a été gardé. Réessayez avec une attestation neuve, ou choisissez un autre moyen. Ne nous envoyez jamais de document : nous ne pouvons pas en recevoir.',
  passedTitle: 'Vous y êtes',
  passed: (until) => `Votre preuve vaut jusqu’au ${until}.`,
  next: 'Quelques mots sur moi',
  later: 'Voir les membres',
  onward: 'Continuer',
  signOut: 'Se déconnecter',
  reopen: {
    title: 'Est-ce toujours vous ?',
    documentTitle: 'Continuer',
    lead: 'Cela fait un moment. Vos messages vous attendent et arrivent dès que vous continuez.',
    passkey: 'Continuer avec ma clé d’accès',
    busy: 'En attente de la clé d’accès…',
    other: 'Ou prouvez votre âge à nouveau',
  },
  again: {
    title: 'Votre preuve, une fois encore',
    lead: 'La loi la demande à chaque visite et après une longue pause. Vos messages vous attendent et arrivent dès qu’elle est montrée.',
  },
  wallet: {
    title: 'Montrez votre portefeuille',
    documentTitle: 'Portefeuille',
    lead: 'Votre portefeuille vous demande d’abord votre accord. Il dit ensuite « plus de 18 ans », et rien d’autre.',
    browser: 'Demander au portefeuille de cet appareil',
    browserAbout: 'Votre navigateur interroge le portefeuille, et pour ce site seulement.',
    waiting: 'En attente de votre portefeuille…',
    stop: 'Ne plus attendre',
    link: 'Ouvrir mon application',
    linkAbout: 'L’application répond, puis vous ramène ici.',
    linkWaiting: 'Répondez dans l’application du portefeuille ; elle vous ramène ensuite ici.',
    linkAnswered: 'Votre portefeuille a répondu. Continuez dans la page qu’il a ouverte.',
    linkNothing:
      'Rien ne s’est ouvert ? Aucune application ne répond ici : montrez plutôt un code à votre téléphone.',
    code: 'Afficher un code pour mon téléphone',
    codeAbout: 'Lisez-le avec le téléphone qui contient votre portefeuille.',
    codeLabel: 'Code à lire avec un téléphone',
    codeGood: 'Valable deux minutes. Cette page continue seule dès que votre portefeuille a répondu.',
    codeOwn: 'Ne lisez un code que sur votre propre écran : il prouve l’âge de qui l’affiche.',
    over: 'Le temps est écoulé. Rien n’a été gardé ; recommencez.',
    newCode: 'Afficher un nouveau code',
    cantRead: 'Le code est illisible ?',
    cantReadHow: 'Ouvrez ce lien sur l’appareil qui contient votre portefeuille :',
    problems: {
      declined: 'Le portefeuille n’a pas répondu. Vous pouvez lui redemander, ou prendre un autre moyen.',
      stopped: 'Arrêté. Rien n’a été demandé, rien n’a été gardé.',
      unable:
        'Ce navigateur ne sait pas interroger un portefeuille. Ouvrez l’application, ou montrez un code à votre téléphone.',
    },
    back: 'Choisir un autre moyen',
  },
  statement: {
    title: 'Comment l’âge est vérifié ici',
    lead: 'Page tirée des réglages en vigueur sur ce serveur. La norme ISO/IEC 27566-1 demande à qui s’appuie sur des preuves d’âge de la publier.',
    rulesTitle: 'Selon quelles règles',
    places: {
      fr: 'France : une preuve à chaque visite, deux moyens au moins, dont un en double anonymat',
      eu: 'Union européenne : un âge vérifié, et non estimé',
      uk: 'Royaume-Uni : une vérification « hautement efficace »',
      other: 'Ailleurs : la plus stricte de toutes ces règles',
    },
    trial: 'Aucune : c’est une installation d’essai, et rien ici ne prouve un âge.',
    version: (version) => `Version des règles : ${version}`,
    methodsTitle: 'Les moyens de le prouver',
    verified: 'Âge vérifié',
    estimated: 'Âge estimé',
    whenTitle: 'Quand la preuve est redemandée',
    days: (count) =>
      plural(count, {
        one: 'Une preuve vaut # jour.',
        other: 'Une preuve vaut # jours.',
        many: 'Une preuve vaut # de jours.',
      }),
    hours: (count) =>
      plural(count, {
        one: 'Une session se ferme au bout de # heure, quoi que l’on fasse.',
        other: 'Une session se ferme au bout de # heures, quoi que l’on fasse.',
        many: 'Une session se ferme au bout de # d’heures, quoi que l’on fasse.',
      }),
    idle: (count) =>
      plural(count, {
        one: 'Elle se ferme après # minute sans signe de la personne.',
        other: 'Elle se ferme après # minutes sans signe de la personne.',
        many: 'Elle se ferme après # de minutes sans signe de la personne.',
      }),
    tries: (count) =>
      plural(count, {
        one: 'Après # preuve non acceptée, la suivante n’est examinée qu’un autre jour.',
        other: 'Après # preuves non acceptées, la suivante n’est examinée qu’un autre jour.',
        many: 'Après # de preuves non acceptées, la suivante n’est examinée qu’un autre jour.',
      }),
    recovered: 'Qui revient par le code de secours montre une nouvelle preuve.',
    byPasskey: 'Elle se rouvre avec la clé d’accès, dont seule la personne peut se servir.',
    byProof: 'Elle ne se rouvre qu’avec une nouvelle preuve.',
    held: 'Entre-temps les messages attendent, et rien n’est perdu.',
    list: (day) =>
      `La liste des émetteurs de confiance est à renouveler avant le ${day}. Une liste périmée n’est pas crue.`,
    limitsTitle: 'Ce qu’une preuve ne dit pas',
    limits: [
      'Qu’un adulte tient le téléphone maintenant : seulement qu’un adulte l’a configuré.',
      'Qu’une personne n’a qu’un compte : une preuve ouvre un compte, et l’on peut avoir plusieurs preuves.',
      'Qui est la personne : ni nous, ni qui copierait notre base de données, ne pourrions le dire.',
    ],
    wrongTitle: 'Quand cela se passe mal',
    wrong:
      'Un refus est annoncé sans sa raison, pour que personne n’apprenne à contourner la vérification. Réessayez, ou choisissez un autre moyen. Aucun document n’est jamais demandé ni reçu, ici ou par notre assistance.',
    countedTitle: 'Ce qui est compté',
    counted:
      'Comment finissent les preuves, par genre de moyen et par raison : sans compte, nom ni heure. Et, jusqu’à la fin du jour, combien d’un même compte n’ont pas été acceptées : sous une marque qui ne mène à personne.',
  },
};
