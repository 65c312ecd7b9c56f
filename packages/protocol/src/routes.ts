import type { Capability } from '@accord/case-model';

/**
 * Every HTTP route: method, path and who may call it. Data without schemas, so that the browser gets it
 * for a few bytes; `contract.ts` has the shapes.
 *
 * - `anyone`: no session;
 * - `anonymous`: nobody: cookies are dropped before they are read, and no line of the log tells of a single call;
 * - `session`: signed in;
 * - `device`: signed in on an enrolled device;
 * - `talking`: an enrolled device of an account with a valid proof of age. One function decides;
 * - `staff`: signed in, with a role that has the capability `may`. To everybody else the route is absent.
 */
export type Access = 'anyone' | 'anonymous' | 'session' | 'device' | 'talking' | 'staff';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly access: Access;
  /** For `staff`: the capability that the route takes. */
  readonly may?: Capability;
}

export const routes = {
  'accounts.registration.begin': { method: 'POST', path: '/api/accounts/registrations', access: 'anyone' },
  'accounts.registration.finish': {
    method: 'POST',
    path: '/api/accounts/registrations/:ceremonyId',
    access: 'anyone',
  },
  'accounts.signIn.begin': { method: 'POST', path: '/api/accounts/sign-ins', access: 'anyone' },
  'accounts.signIn.finish': { method: 'POST', path: '/api/accounts/sign-ins/:ceremonyId', access: 'anyone' },
  'accounts.return.begin': { method: 'POST', path: '/api/accounts/returns', access: 'anyone' },
  'accounts.return.finish': { method: 'POST', path: '/api/accounts/returns/:ceremonyId', access: 'anyone' },
  'accounts.checks.begin': { method: 'POST', path: '/api/accounts/checks', access: 'session' },
  'accounts.checks.finish': { method: 'POST', path: '/api/accounts/checks/:ceremonyId', access: 'session' },
  'accounts.me': { method: 'GET', path: '/api/accounts/me', access: 'session' },
  'accounts.delete': { method: 'DELETE', path: '/api/accounts/me', access: 'session' },
  'accounts.signOut': { method: 'POST', path: '/api/accounts/sign-out', access: 'session' },
  'accounts.devices.list': { method: 'GET', path: '/api/accounts/devices', access: 'session' },
  'accounts.devices.enrol': { method: 'POST', path: '/api/accounts/devices', access: 'session' },
  'accounts.devices.rename': { method: 'PATCH', path: '/api/accounts/devices/:deviceId', access: 'session' },
  'accounts.devices.remove': { method: 'DELETE', path: '/api/accounts/devices/:deviceId', access: 'session' },
  'accounts.links.create': { method: 'POST', path: '/api/accounts/links', access: 'device' },
  'accounts.recovery.replace': { method: 'PUT', path: '/api/accounts/recovery', access: 'device' },
  'accounts.blocks.list': { method: 'GET', path: '/api/accounts/blocks', access: 'session' },
  'accounts.blocks.add': { method: 'POST', path: '/api/accounts/blocks', access: 'session' },
  'accounts.blocks.remove': { method: 'DELETE', path: '/api/accounts/blocks/:accountId', access: 'session' },

  'gate.read': { method: 'GET', path: '/api/gate', access: 'session' },
  'gate.begin': { method: 'POST', path: '/api/gate/proofs', access: 'session' },
  'gate.await': { method: 'GET', path: '/api/gate/proofs/:proofId', access: 'session' },
  'gate.finish': { method: 'POST', path: '/api/gate/proofs/:proofId', access: 'session' },
  'gate.touch': { method: 'POST', path: '/api/gate/touch', access: 'session' },
  'gate.statement': { method: 'GET', path: '/api/gate/statement', access: 'anyone' },

  'presence.profile.read': { method: 'GET', path: '/api/presence/profile', access: 'talking' },
  'presence.profile.write': { method: 'PUT', path: '/api/presence/profile', access: 'talking' },
  'presence.people.list': { method: 'GET', path: '/api/presence/people', access: 'talking' },
  'presence.people.read': { method: 'GET', path: '/api/presence/people/:accountId', access: 'talking' },
  'presence.requests.list': { method: 'GET', path: '/api/presence/requests', access: 'talking' },
  'presence.requests.create': { method: 'POST', path: '/api/presence/requests', access: 'talking' },
  'presence.requests.accept': {
    method: 'POST',
    path: '/api/presence/requests/:requestId/accept',
    access: 'talking',
  },
  'presence.requests.hide': {
    method: 'POST',
    path: '/api/presence/requests/:requestId/hide',
    access: 'talking',
  },
  'presence.reports.create': { method: 'POST', path: '/api/presence/reports', access: 'talking' },

  'delivery.conversations.list': { method: 'GET', path: '/api/delivery/conversations', access: 'talking' },
  'delivery.conversations.read': {
    method: 'GET',
    path: '/api/delivery/conversations/:conversationId',
    access: 'talking',
  },
  'delivery.conversations.close': {
    method: 'DELETE',
    path: '/api/delivery/conversations/:conversationId',
    access: 'talking',
  },
  'delivery.keyPackages.count': { method: 'GET', path: '/api/delivery/key-packages', access: 'talking' },
  'delivery.keyPackages.publish': { method: 'POST', path: '/api/delivery/key-packages', access: 'talking' },
  'delivery.keyPackages.claim': {
    method: 'POST',
    path: '/api/delivery/conversations/:conversationId/key-packages',
    access: 'talking',
  },
  'delivery.groups.found': {
    method: 'PUT',
    path: '/api/delivery/conversations/:conversationId/group',
    access: 'talking',
  },
  'delivery.groups.info': {
    method: 'GET',
    path: '/api/delivery/conversations/:conversationId/group',
    access: 'talking',
  },
  'delivery.groups.commit': {
    method: 'POST',
    path: '/api/delivery/conversations/:conversationId/commits',
    access: 'talking',
  },
  'delivery.messages.send': { method: 'POST', path: '/api/delivery/messages', access: 'talking' },
  'delivery.inbox.list': { method: 'GET', path: '/api/delivery/inbox', access: 'talking' },
  'delivery.inbox.ack': { method: 'POST', path: '/api/delivery/inbox/acks', access: 'talking' },

  'matching.attest': { method: 'POST', path: '/api/matching/attestations', access: 'anonymous' },
  'matching.recheck': { method: 'POST', path: '/api/matching/rechecks', access: 'anonymous' },
  'matching.ownership': { method: 'POST', path: '/api/matching/ownership', access: 'anonymous' },
  'matching.grants.withdraw': {
    method: 'POST',
    path: '/api/matching/grants/withdrawals',
    access: 'anonymous',
  },
  'matching.keys': { method: 'GET', path: '/api/matching/keys', access: 'anonymous' },
  // Taking back (revoke, cancel, withdraw) and reporting ask for less than talking: a proof that ran out keeps nobody from it.
  'media.blobs.begin': { method: 'POST', path: '/api/media/blobs', access: 'talking' },
  'media.blobs.state': { method: 'GET', path: '/api/media/blobs/:blobId/state', access: 'talking' },
  'media.blobs.append': { method: 'POST', path: '/api/media/blobs/:blobId/parts', access: 'talking' },
  'media.blobs.complete': { method: 'POST', path: '/api/media/blobs/:blobId/complete', access: 'talking' },
  'media.blobs.read': { method: 'GET', path: '/api/media/blobs/:blobId', access: 'talking' },
  'media.pictures.create': { method: 'POST', path: '/api/media/pictures', access: 'talking' },
  'media.pictures.list': { method: 'GET', path: '/api/media/pictures', access: 'session' },
  'media.pictures.revoke': { method: 'DELETE', path: '/api/media/pictures/:blobId', access: 'session' },
  'media.pictures.revokeAll': { method: 'DELETE', path: '/api/media/pictures', access: 'session' },
  'media.pictures.accept': {
    method: 'POST',
    path: '/api/media/pictures/:blobId/acceptance',
    access: 'talking',
  },
  'media.pictures.view': { method: 'POST', path: '/api/media/pictures/:blobId/views', access: 'talking' },
  'media.pictures.check': { method: 'POST', path: '/api/media/pictures/checks', access: 'talking' },
  'media.senders.list': { method: 'GET', path: '/api/media/senders', access: 'talking' },
  'media.senders.write': { method: 'PUT', path: '/api/media/senders/:accountId', access: 'talking' },
  'media.consents.ask': { method: 'POST', path: '/api/media/consents', access: 'talking' },
  'media.consents.list': { method: 'GET', path: '/api/media/consents', access: 'session' },
  'media.consents.read': { method: 'GET', path: '/api/media/consents/:consentId', access: 'session' },
  'media.consents.answer': {
    method: 'POST',
    path: '/api/media/consents/:consentId/answer',
    access: 'talking',
  },
  'media.consents.cancel': { method: 'DELETE', path: '/api/media/consents/:consentId', access: 'session' },
  'media.links.read': { method: 'GET', path: '/api/media/links/:linkId', access: 'anyone' },
  'media.links.view': { method: 'POST', path: '/api/media/links/:linkId/views', access: 'anyone' },
  'media.links.blob': { method: 'GET', path: '/api/media/links/:linkId/blob', access: 'anyone' },
  'media.links.answer': { method: 'POST', path: '/api/media/links/:linkId/answer', access: 'anyone' },
  'media.records.read': { method: 'GET', path: '/api/media/records/:recordId', access: 'anyone' },
  'media.records.withdraw': {
    method: 'POST',
    path: '/api/media/records/:recordId/withdrawal',
    access: 'anyone',
  },
  'media.keys.read': { method: 'GET', path: '/api/media/keys', access: 'session' },
  'media.reports.create': { method: 'POST', path: '/api/media/reports', access: 'device' },

  'cases.file': { method: 'POST', path: '/api/cases', access: 'anyone' },
  'cases.check': { method: 'POST', path: '/api/cases/checks', access: 'anyone' },
  'cases.mine.list': { method: 'GET', path: '/api/cases/mine', access: 'session' },
  'cases.mine.appeal': { method: 'POST', path: '/api/cases/mine/:decisionId/appeals', access: 'session' },
  'cases.mine.console': { method: 'GET', path: '/api/cases/mine/console', access: 'session' },
  'cases.staff.me': { method: 'GET', path: '/api/console', access: 'staff', may: 'console.open' },
  'cases.staff.list': { method: 'GET', path: '/api/console/staff', access: 'staff', may: 'staff.read' },
  'cases.staff.find': {
    method: 'GET',
    path: '/api/console/staff/search',
    access: 'staff',
    may: 'staff.read',
  },
  'cases.list': { method: 'GET', path: '/api/console/cases', access: 'staff', may: 'case.read' },
  'cases.read': { method: 'GET', path: '/api/console/cases/:caseId', access: 'staff', may: 'case.read' },
  'cases.matches': {
    method: 'GET',
    path: '/api/console/cases/:caseId/matches',
    access: 'staff',
    may: 'case.read',
  },
  'cases.preview': {
    method: 'GET',
    path: '/api/console/cases/:caseId/preview',
    access: 'staff',
    may: 'case.decide',
  },
  'cases.command': {
    method: 'POST',
    path: '/api/console/cases/:caseId/commands',
    access: 'staff',
    may: 'case.read',
  },
  'cases.reveal': {
    method: 'POST',
    path: '/api/console/cases/:caseId/items/:itemId/reveals',
    access: 'staff',
    may: 'media.reveal',
  },
  'cases.evidence': {
    method: 'POST',
    path: '/api/console/cases/:caseId/evidence',
    access: 'staff',
    may: 'case.export',
  },
  'cases.notice': {
    method: 'GET',
    path: '/api/console/cases/:caseId/notices/:noticeId',
    access: 'staff',
    may: 'case.notice',
  },
  'cases.approvals.list': {
    method: 'GET',
    path: '/api/console/approvals',
    access: 'staff',
    may: 'approval.read',
  },
  'cases.approvals.ask': {
    method: 'POST',
    path: '/api/console/approvals',
    access: 'staff',
    may: 'approval.read',
  },
  'cases.approvals.answer': {
    method: 'POST',
    path: '/api/console/approvals/:approvalId',
    access: 'staff',
    may: 'approval.read',
  },
  'cases.figures': { method: 'GET', path: '/api/console/figures', access: 'staff', may: 'figures.read' },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;

/** The WebSocket's path; access as `talking`. */
export const socketPath = '/api/delivery/socket';

/** The cookie that carries the session. */
export const sessionCookie = 'accord_session';
