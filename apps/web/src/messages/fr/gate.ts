import type { Messages } from '../index.ts';
import { pluralIn } from '../plural.ts';

const plural = pluralIn('fr');

export const gate: Messages['gate'] = {
  title: 'Prouvez que vous êtes adulte',
  documentTitle: 'Preuve d’âge',
  lead: 'Un service indépendant, ou votre portefeuille, dit une seule chose : plus de 18 ans. Il ne dit pas qui vous êtes.',
  keptTitle: 'Ce que nous gardons',
  kept: [
    'que vous êtes adulte, et jusqu’à quel jour la preuve vaut',
    'le jour où vous l’avez montrée, le genre de moyen, et selon quelles règles',
    'vos clés d’accès de ce jour-là : quand la dernière disparaît, la preuve aussi',
  ],
  keptMark: 'une marque de l’attestation qui ne mène à personne, pour qu’elle ne serve pas deux fois',
  keptSession: 'tant que dure votre session : depuis quand l’accès vous est ouvert ici',
  keptActive: 'tant que dure votre session : votre dernière activité, pour la fermer après une pause',
  notKeptTitle: 'Ce que nous ne gardons pas',
  notKept: [
    'votre nom ou votre visage',
    'votre date de naissance',
    'une pièce d’identité',
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
        'Double anonymat : qui l’a délivrée n’apprend pas que vous êtes ici, et nous n’apprenons pas qui vous êtes.',
    },
    provider: {
      name: 'Tiers vérificateur',
      about: 'Un service indépendant vérifie votre âge et nous dit « plus de 18 ans ».',
      learns: 'Il apprend qui vous êtes, dans la mesure où il le demande. Nous apprenons « plus de 18 ans ».',
    },
  },
  doubleBlind: 'Double anonymat : qui vérifie votre âge n’apprend pas où vous le montrez.',
  notNow: 'Indisponible pour le moment',
  testOnly: 'Installation d’essai : tout le monde peut passer cette porte.',
  none: 'Aucune preuve d’âge ne peut être montrée ici pour le moment ; vous n’y êtes pour rien. Revenez plus tard : votre compte et vos messages restent.',
  leaving: 'Ouverture…',
  checking: 'Vérification de la preuve…',
  failedTitle: 'La preuve n’a pas été acceptée',
  failedNext:
    'Rien n’en a été gardé. Réessayez avec une attestation neuve, ou choisissez un autre moyen. Ne nous envoyez jamais de document : nous ne pouvons pas en recevoir.',
  failedTries: (count) =>
    plural(count, {
      one: 'Une preuve par jour peut être refusée ; la suivante est examinée le lendemain.',
      other: '# preuves par jour peuvent être refusées ; la suivante est examinée le lendemain.',
      many: '# de preuves par jour peuvent être refusées ; la suivante est examinée le lendemain.',
    }),
  failedYoung: 'Moins de 18 ans ?',
  failedHelp: 'Qui écoute, et aide',
  interrupted: 'Votre réponse n’est pas encore arrivée',
  emptyHanded: 'Vous revenez sans réponse. Rien n’a été gardé ; choisissez un moyen pour recommencer.',
  passedTitle: 'Vous y êtes',
  passed: (until) => `Votre preuve vaut jusqu’au ${until}.`,
  next: 'Quelques mots sur moi',
  onward: 'Continuer',
  leave: 'Se déconnecter, prendre vos données ou supprimer le compte',
  waits:
    'Votre compte est tel que vous l’avez laissé : vos messages vous attendent et arrivent une fois votre âge prouvé.',
  elsewhere: {
    title: 'Revenez là où vous avez commencé',
    documentTitle: 'Autre navigateur',
    lead: 'Votre portefeuille vous a conduit dans un navigateur où votre compte n’est pas ouvert. Par sûreté, sa réponse ne vaut que dans celui où vous avez commencé.',
    next: 'Là, choisissez « Afficher un code » et ouvrez son lien dans votre portefeuille : aucun retour n’est alors nécessaire. Ou connectez-vous ici et recommencez. Chaque fois, votre portefeuille montre une attestation neuve.',
    signIn: 'Se connecter ici',
  },
  reopen: {
    title: 'Est-ce toujours vous ?',
    documentTitle: 'Continuer',
    lead: 'Cela fait un moment. Vos messages vous attendent et arrivent dès que vous continuez.',
    passkey: 'Continuer avec ma clé d’accès',
    busy: 'En attente de la clé d’accès…',
    other: 'Ou prouvez votre âge à nouveau',
  },
  again: {
    title: 'Votre preuve, une fois encore',
    lead: (minutes) =>
      `Elle est demandée à chaque visite${
        minutes === null
          ? ''
          : plural(minutes, {
              one: ', et après # minute sans un geste',
              other: ', et après # minutes sans un geste',
              many: ', et après # de minutes sans un geste',
            })
      }. Vos messages vous attendent et arrivent dès qu’elle est montrée.`,
  },
  wallet: {
    title: 'Montrez votre portefeuille',
    documentTitle: 'Portefeuille',
    lead: 'Votre portefeuille vous demande d’abord votre accord. Il dit ensuite « plus de 18 ans », et rien d’autre.',
    browser: 'Demander au portefeuille de cet appareil',
    browserAbout: 'Votre navigateur interroge le portefeuille, et pour ce site seulement.',
    waiting: 'En attente de votre portefeuille…',
    stop: 'Ne plus attendre',
    link: 'Ouvrir mon application',
    linkAbout: 'L’application répond, puis vous ramène ici.',
    linkWaiting: 'Répondez dans l’application du portefeuille ; elle vous ramène ensuite ici.',
    linkAnswered: 'Votre portefeuille a répondu. Continuez dans la page qu’il a ouverte.',
    linkLost:
      'Aucune page ouverte, ou dans un autre navigateur ? Affichez plutôt un code, et ouvrez son lien dans votre portefeuille.',
    linkNothing:
      'Rien ne s’est ouvert ? Aucune application ne répond ici : montrez plutôt un code à votre téléphone.',
    code: 'Afficher un code pour mon téléphone',
    codeAbout: 'Lisez-le avec le téléphone qui contient votre portefeuille.',
    codeLabel: 'Code à lire avec un téléphone',
    codeGood: 'Cette page continue seule dès que votre portefeuille a répondu.',
    codeLeft: (time) => `Valable encore ${time}.`,
    codeEnding: 'Le code arrive à son terme. Vous pouvez en afficher un nouveau.',
    codeOwn: 'Ne lisez un code que sur votre propre écran : il prouve l’âge de qui l’affiche.',
    over: 'Le temps est écoulé. Rien n’a été gardé ; recommencez.',
    newCode: 'Afficher un nouveau code',
    cantRead: 'Le code est illisible ?',
    openLink: 'Ouvrir dans le portefeuille de cet appareil',
    copyLink: 'Copier le lien',
    cantReadHow: 'Ouvrez le lien sur l’appareil qui contient votre portefeuille, celui-ci ou un autre.',
    problems: {
      declined: 'Le portefeuille n’a pas répondu. Vous pouvez lui redemander, ou prendre un autre moyen.',
      stopped: 'Arrêté. Rien n’a été montré, rien n’a été gardé.',
      late: 'Le temps est écoulé. Rien n’a été gardé ; redemandez quand votre portefeuille est prêt.',
      unable:
        'Ce navigateur ne sait pas interroger un portefeuille. Ouvrez l’application, ou montrez un code à votre téléphone.',
    },
  },
  statement: {
    title: 'Comment l’âge est vérifié ici',
    lead: 'Page tirée des réglages en vigueur sur ce serveur. La norme ISO/IEC 27566-1 demande à qui s’appuie sur des preuves d’âge de la publier.',
    rulesTitle: 'Selon quelles règles',
    places: {
      fr: 'France : l’âge est vérifié à chaque visite ; deux moyens au moins pour cela, dont un en double anonymat',
      eu: 'Union européenne : un âge vérifié, et non estimé',
      uk: 'Royaume-Uni : une vérification « hautement efficace »',
      other:
        'Ailleurs : sur chaque point, la règle la plus stricte de la France, de l’Union européenne et du Royaume-Uni',
    },
    noEstimates: 'Un âge estimé ne compte pas.',
    trial: 'Aucune : c’est une installation d’essai, et rien ici ne prouve un âge.',
    version: (version) => `Version des règles : ${version}`,
    methodsTitle: 'Les moyens de le prouver',
    verified: 'Âge vérifié',
    estimated: 'Âge estimé',
    whenTitle: 'Quand la preuve est redemandée',
    days: (count) =>
      plural(count, {
        one: 'Une preuve vaut # jour au plus.',
        other: 'Une preuve vaut # jours au plus.',
        many: 'Une preuve vaut # de jours au plus.',
      }),
    hours: (count) =>
      plural(count, {
        one: 'Une session se ferme au bout de # heure, quoi que l’on fasse.',
        other: 'Une session se ferme au bout de # heures, quoi que l’on fasse.',
        many: 'Une session se ferme au bout de # d’heures, quoi que l’on fasse.',
      }),
    idle: (count) =>
      plural(count, {
        one: 'Une session se ferme après # minute sans signe de la personne.',
        other: 'Une session se ferme après # minutes sans signe de la personne.',
        many: 'Une session se ferme après # de minutes sans signe de la personne.',
      }),
    tries: (count) =>
      plural(count, {
        one: 'Après # preuve non acceptée dans la journée, la suivante est examinée le lendemain.',
        other: 'Après # preuves non acceptées dans la journée, la suivante est examinée le lendemain.',
        many: 'Après # de preuves non acceptées dans la journée, la suivante est examinée le lendemain.',
      }),
    recovered: 'Qui revient par le code de secours montre une nouvelle preuve.',
    byPasskey:
      'Une session s’ouvre par la clé d’accès du compte : un doigt, un visage ou un code de l’appareil.',
    byPasskeyInstead:
      'L’exploitant accepte cette clé en lieu et place de la preuve à chaque visite dont parlent ces règles.',
    byProof: 'Une session s’ouvre par une preuve montrée pendant celle-ci, et par rien d’autre.',
    held: 'Tant qu’elle est fermée les messages attendent, et rien n’est perdu.',
    list: (day) => `La liste des émetteurs de confiance est à renouveler avant le ${day}.`,
    listLate: (day) => `La liste des émetteurs de confiance était à renouveler avant le ${day}.`,
    listGrace: (count) =>
      plural(count, {
        one: 'Une liste périmée vaut encore # jour ; ensuite aucun portefeuille n’est cru.',
        other: 'Une liste périmée vaut encore # jours ; ensuite aucun portefeuille n’est cru.',
        many: 'Une liste périmée vaut encore # de jours ; ensuite aucun portefeuille n’est cru.',
      }),
    listNoGrace: 'Une fois qu’elle est périmée, aucun portefeuille n’est cru.',
    underWay:
      'tant qu’une preuve est en cours : qu’elle l’est, sans ce qu’elle dit. Cela part quand elle finit ou expire',
    limitsTitle: 'Ce qu’une preuve ne dit pas',
    limits: [
      'Qu’un adulte tient le téléphone maintenant : seulement qu’un adulte l’a configuré.',
      'Qu’une personne n’a qu’un compte : une preuve ouvre un compte, et l’on peut avoir plusieurs preuves.',
      'Qui est la personne : ni nous, ni qui copierait notre base de données, ne pourrions le dire.',
    ],
    wrongTitle: 'Quand cela se passe mal',
    wrong:
      'Un refus est annoncé sans sa raison, pour que personne n’apprenne à contourner la vérification. Réessayez, ou choisissez un autre moyen. Aucun document n’est jamais demandé ni reçu, ici ou par notre assistance.',
    countedTitle: 'Ce qui est compté',
    counted:
      'Comment finissent les preuves, par genre de moyen et par raison : en nombres, sans compte ni nom.',
    countedTries:
      'Jusqu’à la fin du jour, combien d’un même compte n’ont pas été acceptées : sous une marque qui ne mène à personne.',
    asOf: (day, origin) => `Au ${day}, pour ${origin}.`,
    asData: 'La même en données (JSON)',
  },
};
