import fc from 'fast-check';
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { varLenDataEncoder } from 'ts-mls/codec/variableLength.js';
import { encodeMlsMessage } from 'ts-mls/message.js';
import { decodeRatchetTree, encodeNode } from 'ts-mls/ratchetTree.js';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  at,
  type Client,
  createAccount,
  createClient,
  createTestGroup,
  keyPackage,
  now,
  receive,
  refusal,
  Trust,
  utf8,
} from '../test/people.ts';
import { concat } from './bytes.ts';
import { decodeMessage } from './codec.ts';
import { decodeDevice, encodeDevice, type GroupState, inspectWelcome, readCredential } from './index.ts';
import { inspectCommit, inspectGroupInfo, inspectKeyPackage, readHeader } from './server.ts';

let ada: Client;
let bo: Client;
let boState: GroupState;
/** Valid bytes of every kind, to be bent. */
let samples: Uint8Array[];
/** Everything that takes bytes from outside. */
let entrances: Record<string, (bytes: Uint8Array) => unknown>;

beforeAll(async () => {
  const trust = new Trust();
  ada = await createClient('ada', await createAccount(), trust);
  bo = await createClient('bo', await createAccount(), trust);
  const [adaState, state] = (await createTestGroup(ada, [bo])) as [GroupState, GroupState];
  boState = state;
  const bundle = await keyPackage(bo);
  const created = await ada.crypto.createGroup({
    groupId: new Uint8Array(16),
    device: ada.device,
    members: [bundle.publicBytes],
    now: now(),
  });
  const removal = await ada.crypto.removeDevices(adaState, [bo.device]);
  samples = [
    (await ada.crypto.encrypt(adaState, utf8('sample'), utf8('aad'))).ciphertext,
    (await ada.crypto.updateOwnKeys(adaState)).commit,
    removal.commit,
    removal.groupInfo,
    await ada.crypto.proposeRemoval(adaState, ada.device),
    bundle.publicBytes,
    created.welcome ?? new Uint8Array(),
    bo.crypto.encodeState(boState),
    encodeDevice(bo.device),
  ];
  entrances = {
    process: (bytes) => receive(bo, boState, bytes),
    joinFromWelcome: (welcome) =>
      bo.crypto.joinFromWelcome({ welcome, device: bo.device, keyPackage: bundle, now: now() }),
    keyPackagePrivate: (privateBytes) =>
      bo.crypto.joinFromWelcome({
        welcome: at(samples, 6),
        device: bo.device,
        keyPackage: { ...bundle, privateBytes },
        now: now(),
      }),
    joinByExternalCommit: (groupInfo) =>
      bo.crypto.joinByExternalCommit({ groupInfo, device: bo.device, now: now() }),
    createGroup: (member) =>
      bo.crypto.createGroup({
        groupId: new Uint8Array(16),
        device: bo.device,
        members: [member],
        now: now(),
      }),
    decodeState: (bytes) => bo.crypto.decodeState(bytes),
    decodeDevice,
    readCredential,
    readHeader,
    inspectWelcome,
    inspectCommit: (bytes) => inspectCommit(bytes, { now: now() }),
    inspectGroupInfo,
    inspectKeyPackage: (bytes) => inspectKeyPackage(bytes, now()),
  };
});

const NAMES = [
  'process',
  'joinFromWelcome',
  'keyPackagePrivate',
  'joinByExternalCommit',
  'createGroup',
  'decodeState',
  'decodeDevice',
  'readCredential',
  'readHeader',
  'inspectWelcome',
  'inspectCommit',
  'inspectGroupInfo',
  'inspectKeyPackage',
];

// `refusal` passes on whatever is not a GroupCryptoError, so each of these fails on an untyped throw.
describe.each(NAMES)('%s answers anything with a GroupCryptoError', (name) => {
  const enter = (bytes: Uint8Array) => refusal(() => entrances[name]?.(bytes));

  it('random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(await enter(bytes)).not.toBe('none');
      }),
      { numRuns: 60 },
    );
  });

  it('a valid head and random bytes after it', async () => {
    const head = fc.constantFrom([0, 1, 0, 1], [0, 1, 0, 2], [0, 1, 0, 3], [0, 1, 0, 4], [0, 1, 0, 5], [1]);
    await fc.assert(
      fc.asyncProperty(head, fc.uint8Array({ maxLength: 200 }), async (start, rest) => {
        expect(typeof (await enter(Uint8Array.of(...start, ...rest)))).toBe('string');
      }),
      { numRuns: 60 },
    );
  });

  it('valid bytes cut, extended, or with bytes changed', async () => {
    const bend = fc.record({
      sample: fc.nat(8),
      cut: fc.double({ min: 0, max: 1, noNaN: true }),
      changes: fc.array(
        fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.integer({ min: 1, max: 255 })),
        { maxLength: 3 },
      ),
      tail: fc.uint8Array({ maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(bend, async ({ sample, cut, changes, tail }) => {
        const whole = at(samples, sample);
        const bytes = Uint8Array.of(
          ...whole.slice(0, cut > 0.5 ? whole.length : Math.floor(whole.length * cut * 2)),
          ...tail,
        );
        for (const [where, mask] of changes) {
          const index = Math.floor(where * bytes.length);
          bytes[index] = (bytes[index] ?? 0) ^ mask;
        }
        expect(typeof (await enter(bytes))).toBe('string');
      }),
      { numRuns: 120 },
    );
  });
});

describe('a tree of mostly blank nodes, signed by a member', () => {
  // 64 leaves are 127 nodes; one more node makes the tree twice as wide.
  it.each([127, 128, 20_001])('of %i nodes is measured before anything walks over it', async (nodes) => {
    const { groupInfo } = decodeMessage('mls_group_info', at(samples, 3), 1_000_000);
    const [tree] = groupInfo.extensions.filter((extension) => extension.extensionType === 'ratchet_tree');
    const [leaf] = tree === undefined ? [] : (decodeRatchetTree(tree.extensionData, 0)?.[0] ?? []);
    if (leaf === undefined) throw new Error('no leaf');
    const present = Uint8Array.of(1, ...encodeNode(leaf));
    const wide = encode(varLenDataEncoder)(concat(present, new Uint8Array(nodes - 2), present));
    const extensions = [{ extensionType: 'ratchet_tree' as const, extensionData: wide }];
    const bytes = encodeMlsMessage({
      version: 'mls10',
      wireformat: 'mls_group_info',
      groupInfo: { ...groupInfo, extensions },
    });
    expect(await refusal(() => inspectGroupInfo(bytes))).toBe(nodes > 127 ? 'group_full' : 'not_authentic');
  });
});
