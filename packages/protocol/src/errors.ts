/**
 * Every refusal that crosses a boundary, with its HTTP status. The codes are stable: clients and
 * operators may build on them. The sentence shown to a person is the client's, in their language.
 */
export const errorStatus = {
  /** The request does not have the shape that the route asks for; `field` names the first bad one. */
  invalid_input: 400,
  /** The body or frame is larger than the route takes. */
  too_large: 413,
  /** Nobody is signed in, or the session ended. */
  session_required: 401,
  /** Signed in, but this browser is no enrolled device of the account (or was removed). */
  device_required: 403,
  /** Signed in, but no valid proof of age: nothing that talks answers. */
  proof_required: 403,
  /** The request came from another origin. */
  foreign_origin: 403,
  /** Absent or forbidden: the two answer alike. */
  not_found: 404,
  /** No such route. */
  no_route: 404,
  /** The pseudonym is taken. */
  pseudonym_taken: 409,
  /** The passkey ceremony failed, expired or was already used. */
  ceremony_failed: 400,
  /** A device certificate is not signed by the account's identity key. */
  bad_certificate: 400,
  /** A recovery or link code that is unknown, used or expired. */
  code_unknown: 404,
  /** The last device of an account can't be removed: the account can be deleted. */
  last_device: 409,
  /** The proof was refused (under age, declined, not authentic, replayed, expired). */
  proof_refused: 400,
  /** Too many proofs of this account were refused today. */
  proofs_used_up: 429,
  /** Today's requests to talk are used up. */
  requests_used_up: 429,
  /** Too many calls; `Retry-After` says when. */
  slow_down: 429,
  /** The group moved on: fetch the winner's commits, try again. */
  wrong_epoch: 409,
  /** The conversation has a group already: somebody was first. */
  group_exists: 409,
  /** A removed device is still in the group: commit its removal first. */
  removal_pending: 409,
  /** Key material is not well-formed or not authentic. */
  bad_key_material: 400,
  /** A part of an upload does not begin where the last one ended: ask where it stands. */
  wrong_offset: 409,
  /** What was uploaded is not what was announced: the upload begins anew. */
  bad_upload: 400,
  /** This account's room for pictures is full, or today's uploads are used up. */
  no_room: 409,
  /** Not everybody in the picture has said yes to it, to these receivers, for this long. */
  consent_missing: 409,
  /** A consent record that does not fit its question, or is not signed by the one who was asked. */
  bad_consent: 400,
  /** The matching service was not asked about this picture, or too long ago. */
  not_attested: 409,
  /** A report that can't be opened or read. */
  bad_report: 400,
  /** This takes two people: ask for the other's yes. */
  two_people: 409,
  /** This must be somebody else than the one who asked or decided. */
  same_person: 409,
  /** The case is not where this can be done: read it again. */
  wrong_phase: 409,
  /** A sweep, a notice, an appeal or a proposal of the case is still open. */
  open_work: 409,
  /** The time for this is over. */
  too_late: 409,
  /** Child safety comes first: this can't be done in such a case, or not before it is filed. */
  child_safety_first: 409,
  /** It is done already. */
  already_done: 409,
  /** A part of the service is away (database, disk): nothing was stored, try again. */
  unavailable: 503,
  /** Ours. Logged with the request's id, nothing else. */
  internal: 500,
} as const;

export type ErrorCode = keyof typeof errorStatus;

/** The body of every refusal. `field` is a path into the request; `retryAfter` is in seconds. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly field?: string;
  readonly retryAfter?: number;
}
