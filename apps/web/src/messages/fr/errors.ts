import type { Messages } from '../index.ts';

export const errors: Messages['errors'] = {
  invalid_input: 'Un élément de ce formulaire n’est pas celui attendu. Vérifiez-le et réessayez.',
  too_large: 'C’est trop volumineux pour être envoyé. Raccourcissez.',
  session_required: 'Votre session est terminée. Connectez-vous pour continuer.',
  device_required:
    'Ce navigateur n’est pas encore l’un de vos appareils. Ajoutez-le avec un code venu d’un autre appareil.',
  proof_required: 'Pour discuter, il faut une preuve d’âge valable. La vôtre manque ou a expiré.',
  foreign_origin:
    'Cette page a été ouverte depuis une autre adresse. Ouvrez Accord par sa propre adresse et réessayez.',
  not_found: 'Ceci n’existe plus, ou ne vous a jamais été ouvert.',
  no_route: 'Cette version de la page est dépassée. Rechargez-la.',
  pseudonym_taken: 'Ce pseudonyme est déjà pris. Choisissez-en un autre.',
  ceremony_failed: 'La clé d’accès n’a pas été acceptée, ou l’attente a été trop longue. Réessayez.',
  bad_certificate:
    'Les clés de ce navigateur ne correspondent pas à votre compte. Ajoutez-le à nouveau avec un code.',
  code_unknown: 'Ce code est inconnu, déjà utilisé ou expiré.',
  last_device:
    'C’est votre dernier appareil : il ne peut pas être retiré. Vous pouvez en revanche supprimer le compte.',
  proof_refused: 'La preuve d’âge a été refusée. Vous pouvez réessayer ou choisir un autre moyen.',
  proofs_used_up:
    'Trop de preuves n’ont pas été acceptées aujourd’hui. Réessayez demain : votre compte reste.',
  requests_used_up: 'Vos demandes du jour sont épuisées. D’autres demain.',
  slow_down: 'Trop d’essais en peu de temps. Patientez un instant.',
  wrong_epoch: 'La conversation a avancé entre-temps. Réessayez.',
  group_exists: 'La conversation est déjà ouverte. Rechargez-la.',
  removal_pending: 'Un appareil retiré est en train de quitter la conversation. Réessayez dans un instant.',
  bad_key_material: 'Les clés reçues ne sont pas saines : rien n’a été fait.',
  wrong_offset: 'L’envoi doit retrouver sa place. Réessayez : il reprendra où il s’était arrêté.',
  bad_upload: 'Ce qui est arrivé n’est pas ce qui a été envoyé. L’envoi recommence.',
  no_room: 'Votre place pour les images est pleine. Reprenez-en, ou attendez demain.',
  consent_missing: 'Toutes les personnes sur cette image n’ont pas dit oui. Rien n’a été envoyé.',
  bad_consent: 'Cette réponse ne correspond pas à la question. Rouvrez-la et répondez de nouveau.',
  not_attested: 'Cette image n’a pas été vérifiée, ou il y a trop longtemps. Envoyez-la de nouveau.',
  bad_report: 'Ce signalement est illisible. Rechargez la page et envoyez-le de nouveau.',
  two_people: 'Il faut être deux. Demandez l’accord de quelqu’un d’autre.',
  same_person: 'Il faut quelqu’un d’autre que la personne qui a demandé ou décidé.',
  wrong_phase: 'Le dossier a changé entre-temps. Rechargez-le.',
  open_work:
    'Quelque chose est encore ouvert dans ce dossier : un balayage, une notification, une contestation ou une demande d’accord.',
  too_late: 'Il est trop tard pour cela.',
  child_safety_first:
    'La protection des mineurs passe d’abord : impossible dans ce dossier, ou pas avant son signalement.',
  already_done: 'C’est déjà fait.',
  unavailable: 'Une partie du service est indisponible un moment. Rien n’est perdu ; réessayez bientôt.',
  internal: 'L’erreur vient de nous. Rien n’est perdu ; réessayez dans un instant.',
  offline: 'Accord est injoignable. Vérifiez votre connexion.',
  storage_full:
    'Le stockage de ce navigateur est plein. Rien n’est perdu et rien n’est parti : libérez de l’espace.',
  storage_failed:
    'Ce navigateur ne laisse pas Accord garder de données. C’est souvent le cas des fenêtres privées.',
  no_keys: 'Ce navigateur n’a aucune clé de votre compte. Ajoutez-le avec un code.',
  code_malformed: 'Ce code est mal saisi : l’un de ses caractères n’est pas le bon.',
  passkey_cancelled: 'La fenêtre de la clé d’accès a été fermée. Rien n’a changé.',
  passkey_unsupported:
    'Ce navigateur ne connaît pas les clés d’accès. Prenez-en un récent, avec verrouillage d’écran ou clé de sécurité.',
  keys_not_theirs:
    'Les clés de cette personne ne vont pas ensemble. Pour votre sécurité, rien n’a été envoyé.',
  identity_changed: 'La clé de cette personne a changé. Vérifiez avec elle avant de continuer.',
  other_account:
    'Ce navigateur garde les clés d’un autre compte. Déconnectez-le d’abord, ou effacez-les de ce navigateur.',
  conversation_closed: 'Cette conversation est close. Vous pouvez encore la lire.',
  engine_timeout: 'La page ne répond pas. Rechargez-la ; rien n’est perdu.',
};

export const waits: Messages['waits'] = {
  seconds: (count) => `Réessayez dans ${count} s.`,
};
