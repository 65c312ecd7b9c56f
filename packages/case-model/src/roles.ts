/** What somebody of the staff may be. An account may have several; most have none. */
export const staffRoles = [
  'triage',
  'moderator',
  'second_reviewer',
  'child_safety',
  'legal',
  'transparency',
  'auditor',
  'admin',
] as const;
export type StaffRole = (typeof staffRoles)[number];

/** What a role can do. What is not listed for a role it can't do. */
export const capabilities = [
  'console.open',
  'case.read',
  'case.triage',
  'case.protect',
  'case.decide',
  'case.appeal',
  'case.notice',
  'case.hold',
  'case.order',
  'case.export',
  'case.child_safety',
  'media.reveal',
  'approval.read',
  'figures.read',
  'staff.read',
] as const;
export type Capability = (typeof capabilities)[number];

const reader: readonly Capability[] = ['console.open', 'case.read', 'approval.read', 'figures.read'];
const decider: readonly Capability[] = [
  ...reader,
  'case.triage',
  'case.protect',
  'case.decide',
  'case.appeal',
  'case.notice',
  'media.reveal',
];

/** Deny by default. An admin sets up, and sees no case and no media; an auditor reads, and sees no media. */
export const capabilitiesOf: Readonly<Record<StaffRole, readonly Capability[]>> = {
  triage: [...reader, 'case.triage', 'case.protect'],
  moderator: decider,
  second_reviewer: decider,
  child_safety: [...decider, 'case.child_safety', 'case.export', 'case.hold'],
  legal: [...reader, 'case.hold', 'case.order', 'case.export', 'case.notice', 'staff.read'],
  transparency: ['console.open', 'figures.read'],
  auditor: [...reader, 'case.export', 'staff.read'],
  admin: ['console.open', 'approval.read', 'figures.read', 'staff.read'],
};

export const can = (roles: readonly StaffRole[], capability: Capability): boolean =>
  roles.some((role) => capabilitiesOf[role]?.includes(capability) ?? false);

/** What takes two people. Never removing, never filing: those must not wait. */
export const approvalActions = [
  'restore',
  'decline_likely_valid',
  'export_hash',
  'reveal_reporter',
  'delete_evidence',
  'clear_child_safety',
  'roles',
  'bulk',
  'threshold',
] as const;
export type ApprovalAction = (typeof approvalActions)[number];

/** Those that concern one case, and are decided in its state. */
export type CaseAction = Exclude<ApprovalAction, 'roles' | 'bulk' | 'threshold'>;

/** More than this many cases in one go take two people. */
export const bulkLimit = 20;

/**
 * How near, in bits of 256, a picture may have to come to be taken for a copy: two people choose within these. Narrower, what was
 * saved anew slips through; wider, other pictures are refused.
 */
export const radiusBounds = { least: 20, most: 40 } as const;

/** Who may ask, and who may say yes. */
export const approvalRoles: Readonly<
  Record<ApprovalAction, { readonly ask: readonly StaffRole[]; readonly approve: readonly StaffRole[] }>
> = {
  restore: {
    ask: ['moderator', 'second_reviewer', 'legal'],
    approve: ['moderator', 'second_reviewer', 'legal'],
  },
  decline_likely_valid: { ask: ['moderator', 'second_reviewer'], approve: ['second_reviewer', 'legal'] },
  export_hash: {
    ask: ['moderator', 'second_reviewer', 'child_safety'],
    approve: ['second_reviewer', 'child_safety'],
  },
  reveal_reporter: { ask: ['moderator', 'legal', 'child_safety'], approve: ['legal', 'child_safety'] },
  delete_evidence: { ask: ['legal', 'child_safety'], approve: ['legal'] },
  clear_child_safety: { ask: ['child_safety'], approve: ['child_safety'] },
  roles: { ask: ['admin'], approve: ['admin', 'legal'] },
  bulk: { ask: ['moderator', 'second_reviewer'], approve: ['second_reviewer', 'legal'] },
  threshold: { ask: ['second_reviewer', 'admin'], approve: ['second_reviewer', 'legal', 'admin'] },
};

const hasOne = (roles: readonly StaffRole[], wanted: readonly StaffRole[]): boolean =>
  roles.some((role) => wanted.includes(role));

export const mayAsk = (roles: readonly StaffRole[], action: ApprovalAction): boolean =>
  hasOne(roles, approvalRoles[action].ask);

export const mayApprove = (roles: readonly StaffRole[], action: ApprovalAction): boolean =>
  hasOne(roles, approvalRoles[action].approve);
