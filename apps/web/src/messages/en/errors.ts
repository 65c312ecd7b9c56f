import type { EngineErrorCode } from '../../chat/engine/api.ts';

/** What a person is told for each code: what happened, then what to do. The compiler finds a missing one. */
export const errors = {
  invalid_input: 'Something in this form is not as expected. Check it and try again.',
  too_large: 'This is too large to be sent. Make it shorter.',
  session_required: 'You are signed out. Sign in to go on.',
  device_required: 'This browser is not one of your devices yet. Add it with a code from another device.',
  proof_required: 'Talking needs a valid proof of age. Yours is missing or has ended.',
  foreign_origin: 'This page was opened from another address. Open Accord by its own address and try again.',
  not_found: 'This is no longer here, or was never open to you.',
  no_route: 'This version of the page is out of date. Load it again.',
  pseudonym_taken: 'Somebody already has this pseudonym. Choose another one.',
  ceremony_failed: 'The passkey was not accepted, or it took too long. Try again.',
  bad_certificate: 'The keys of this browser do not match your account. Add it again with a code.',
  code_unknown: 'This code is unknown, already used, or out of date.',
  last_device: 'This is your last device, so it can’t be removed. You can delete the account instead.',
  proof_refused: 'The proof of age was refused. You can try again or choose another way.',
  requests_used_up: 'Your requests for today are used up. More tomorrow.',
  slow_down: 'That was too many tries in a short time. Wait a moment.',
  wrong_epoch: 'The conversation moved on in the meantime. Try again.',
  group_exists: 'The conversation is already open. Load it again.',
  removal_pending: 'A removed device is being taken out of the conversation. Try again in a moment.',
  bad_key_material: 'The keys received are not sound, so nothing was done.',
  unavailable: 'A part of the service is away for a moment. Nothing is lost; try again soon.',
  internal: 'The fault is ours. Nothing is lost; try again in a moment.',
  offline: 'Accord can’t be reached. Check your connection.',
  storage_full: 'This browser’s storage is full. Nothing was lost and nothing was sent: free some space.',
  storage_failed: 'This browser does not let Accord keep data. Private windows often forbid it.',
  no_keys: 'This browser holds no keys of your account. Add it with a code.',
  code_malformed: 'This code is mistyped: one of its characters is not right.',
  passkey_cancelled: 'The passkey window was closed. Nothing changed.',
  passkey_unsupported: 'This browser has no passkeys. Use a recent one, with screen lock or a security key.',
  keys_not_theirs: 'This person’s keys do not belong together. For your safety, nothing was sent.',
  identity_changed: 'This person’s key has changed. Check with them before you go on.',
  other_account:
    'This browser holds the keys of another account. Sign out there first, or erase them from this browser.',
  conversation_closed: 'This conversation is closed. You can still read it.',
  engine_timeout: 'The page does not answer. Load it again; nothing is lost.',
} satisfies Record<EngineErrorCode, string>;

export const waits = {
  seconds: (count: string) => `Try again in ${count} s.`,
};
