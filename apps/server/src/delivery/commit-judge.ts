import {
  type CommitFacts,
  type GroupInfoFacts,
  inspectCommit,
  inspectGroupInfo,
  inspectWelcome,
  readHeader,
} from '@accord/group-crypto/server';
import type { Parsed } from '@accord/protocol';
import type { DeviceCaller } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import {
  badMaterial,
  fromBase64,
  groupIdBytes,
  isGenuine,
  type Roster,
  readingMaterial,
  sameSet,
} from './roster.ts';

/** A member as the table has it. */
export interface Seat {
  readonly deviceId: string;
  readonly accountId: string;
  readonly leaf: number;
  readonly leaving: boolean;
}

/** A commit with what comes along, read and found sound against the GroupInfo of the epoch it ends. */
export interface ReadCommit {
  readonly commit: Buffer;
  readonly welcome: Buffer | undefined;
  readonly groupInfo: Buffer;
  /** Absent for a private commit, which renews keys and changes no membership. */
  readonly facts: CommitFacts | undefined;
  /** Of the next epoch. */
  readonly next: GroupInfoFacts;
}

/** What a commit does to the table. */
export interface Change {
  /** Members that go; one that comes back by an external commit is both here and in `joined`. */
  readonly removed: readonly Seat[];
  readonly joined: readonly Seat[];
  /** Whom the Welcome is for. */
  readonly welcomed: readonly string[];
  /** Who gets the commit: whoever was a member, but its sender and those who leave. */
  readonly told: readonly string[];
  /** Members that leave and are still there: only a newcomer's own join may leave them to others. */
  readonly stillLeaving: boolean;
}

/** Reads a commit's bundle. @throws {Refusal} `bad_key_material` */
export function readCommit(
  body: Parsed<'delivery.groups.commit'>['body'],
  currentGroupInfo: Uint8Array,
  now: number,
): Promise<ReadCommit> {
  const commit = fromBase64(body.commit);
  const welcome = body.welcome === undefined ? undefined : fromBase64(body.welcome);
  const groupInfo = fromBase64(body.groupInfo);
  return readingMaterial(async () => {
    const header = readHeader(commit);
    if (header.kind !== 'commit' || header.epoch !== body.epoch) throw badMaterial();
    const isPublic = header.wireFormat === 'public';
    const facts = isPublic ? await inspectCommit(commit, { now, groupInfo: currentGroupInfo }) : undefined;
    const next = await inspectGroupInfo(groupInfo);
    const groupId = groupIdBytes(body.groupId);
    const refs = welcome === undefined ? [] : inspectWelcome(welcome).refs;
    const sound =
      groupId.equals(header.groupId) &&
      groupId.equals(next.groupId) &&
      next.epoch === body.epoch + 1 &&
      sameSet(refs, facts?.addedRefs ?? []) &&
      // RFC 9420 §12.4.3.1: an empty Welcome is none.
      (welcome === undefined || refs.length > 0);
    if (!sound) throw badMaterial();
    return { commit, welcome, groupInfo, facts, next };
  });
}

/**
 * What a commit does, judged against the members and the devices that are registered now.
 * @throws {Refusal} `not_found` from a stranger, `bad_key_material`, `removal_pending`
 */
export function judgeCommit(
  caller: DeviceCaller,
  read: ReadCommit,
  seats: readonly Seat[],
  roster: Roster,
): Change {
  const { facts, next } = read;
  const self = seats.find((seat) => seat.deviceId === caller.deviceId);
  const external = facts?.externalJoiner;
  if (external === undefined) {
    if (self === undefined || self.leaving) throw new Refusal('not_found');
    if (facts?.sender.kind === 'member' && facts.sender.leaf !== self.leaf) throw badMaterial();
  } else if (external.deviceId !== caller.deviceId || !isGenuine(external, roster)) throw badMaterial();

  const removed = (facts?.removedLeaves ?? []).map((leaf) => {
    const seat = seats.find((each) => each.leaf === leaf);
    if (seat === undefined || !mayRemove(caller, seat, external !== undefined)) throw badMaterial();
    return seat;
  });
  const remaining = seats.filter((seat) => !removed.includes(seat));
  const arrivals = [...(facts?.addedDevices ?? []), ...(external === undefined ? [] : [external])];
  if (!arrivals.every((arrival) => isGenuine(arrival, roster))) throw badMaterial();
  const joined = seatsAfter(
    caller,
    next,
    remaining,
    new Set(arrivals.map(({ deviceId }) => deviceId)),
    roster,
  );
  if (joined.length !== arrivals.length) throw badMaterial();

  const stillLeaving = remaining.some((seat) => seat.leaving);
  if (stillLeaving && external === undefined) throw new Refusal('removal_pending');
  return {
    removed,
    joined,
    welcomed: (facts?.addedDevices ?? []).map(({ deviceId }) => deviceId),
    told: seats.filter((seat) => !seat.leaving && seat !== self).map(({ deviceId }) => deviceId),
    stillLeaving,
  };
}

/** A device that leaves may be removed by any member, another one by its own account; itself only on its way back in. */
function mayRemove(caller: DeviceCaller, seat: Seat, external: boolean): boolean {
  if (external) return seat.deviceId === caller.deviceId;
  return seat.deviceId !== caller.deviceId && (seat.leaving || seat.accountId === caller.accountId);
}

/**
 * Holds the next epoch's tree to what the commit says: who remains at their leaf, who arrived, nobody else, and
 * signed by the caller. The seats of those who arrived.
 */
function seatsAfter(
  caller: DeviceCaller,
  next: GroupInfoFacts,
  remaining: readonly Seat[],
  arrivals: ReadonlySet<string>,
  roster: Roster,
): Seat[] {
  if (next.members.find((member) => member.leaf === next.signerLeaf)?.deviceId !== caller.deviceId) {
    throw badMaterial();
  }
  const joined: Seat[] = [];
  for (const member of next.members) {
    const { deviceId, accountId, leaf } = member;
    const seat = remaining.find((each) => each.deviceId === deviceId);
    if (seat === undefined) {
      if (!arrivals.has(deviceId) || !isGenuine(member, roster)) throw badMaterial();
      joined.push({ deviceId, accountId, leaf, leaving: false });
    } else if (seat.leaf !== leaf || seat.accountId !== accountId) throw badMaterial();
    else if (!seat.leaving && !isGenuine(member, roster)) throw badMaterial();
  }
  if (next.members.length !== remaining.length + joined.length) throw badMaterial();
  return joined;
}
