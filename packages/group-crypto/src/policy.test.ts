import { createCommit, joinGroupExternal } from 'ts-mls/createCommit.js';
import { initializeEpoch } from 'ts-mls/keySchedule.js';
import { encodeMlsMessage } from 'ts-mls/message.js';
import type { Proposal } from 'ts-mls/proposal.js';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Account,
  at,
  type Client,
  createAccount,
  createClient,
  createTestDevice,
  createTestGroup,
  day,
  hex,
  keyPackage,
  now,
  random,
  receive,
  receiveCommit,
  refusal,
  Trust,
} from '../test/people.ts';
import { decodeMessage, LAST_RESORT_EXTENSION } from './codec.ts';
import { requirePath } from './commits.ts';
import { createContext, openSession, unwrapState, withConfig } from './context.ts';
import { encodeCredential } from './identity.ts';
import { createGroupCrypto, FALLBACK_SUITE, type GroupState, LIMITS } from './index.ts';
import { requireLifetime } from './inspect-key-package.ts';
import { ownKeyPackage } from './key-packages.ts';
import { paddedLength } from './messages.ts';
import { inspectCommit } from './server.ts';
import { suiteImplementation } from './suite.ts';

let trust: Trust;
let accounts: [Account, Account, Account];
let ada: Client;
let bo: Client;
let cy: Client;
let states: [GroupState, GroupState, GroupState];

beforeAll(async () => {
  trust = new Trust();
  accounts = [await createAccount(), await createAccount(), await createAccount()];
  ada = await createClient('ada', accounts[0], trust);
  bo = await createClient('bo', accounts[1], trust);
  cy = await createClient('cy', accounts[2], trust);
  states = (await createTestGroup(ada, [bo, cy])) as [GroupState, GroupState, GroupState];
});

/** A client that obeys ts-mls but none of our rules: it trusts everyone and commits what it likes. */
const lawless = createContext({ random, trust: () => true });
const cs = () => suiteImplementation(FALLBACK_SUITE, random);

async function lawlessCommit(state: GroupState, proposals: Proposal[], open: boolean): Promise<Uint8Array> {
  const mls = withConfig(unwrapState(state), openSession(lawless));
  const options = { extraProposals: proposals, wireAsPublicMessage: open, ratchetTreeExtension: true };
  return encodeMlsMessage((await createCommit({ state: mls, cipherSuite: await cs() }, options)).commit);
}

/** An external commit by a client that takes the leaf of `victim` for its own former one. */
async function lawlessJoin(client: Client, groupInfoBytes: Uint8Array, victim?: Client): Promise<Uint8Array> {
  const { groupInfo } = decodeMessage('mls_group_info', groupInfoBytes, LIMITS.handshakeMessage);
  const { publicPackage, privatePackage } = await ownKeyPackage(
    lawless,
    client.device,
    FALLBACK_SUITE,
    now(),
  );
  const { config } = openSession(lawless);
  const target = victim === undefined ? '' : hex(victim.device.signaturePublicKey);
  const keyPackageEqualityConfig = {
    compareKeyPackages: () => false,
    compareKeyPackageToLeafNode: (_: unknown, leaf: { signaturePublicKey: Uint8Array }) =>
      hex(leaf.signaturePublicKey) === target,
  };
  const joined = await joinGroupExternal(
    groupInfo,
    publicPackage,
    privatePackage,
    victim !== undefined,
    await cs(),
    undefined,
    { ...config, keyPackageEqualityConfig },
  );
  return encodeMlsMessage({
    version: 'mls10',
    wireformat: 'mls_public_message',
    publicMessage: joined.publicMessage,
  });
}

describe('after one removal', () => {
  /** What the hole of ts-mls <= 1.6.2 allowed: the next epoch from the old init secret and no path. */
  async function deriveWithoutPath(state: GroupState, groupInfoBytes: Uint8Array): Promise<string> {
    const { groupInfo } = decodeMessage('mls_group_info', groupInfoBytes, LIMITS.handshakeMessage);
    const { kdf } = await cs();
    const zero = () => new Uint8Array(kdf.size);
    const { initSecret } = unwrapState(state).keySchedule;
    const { keySchedule } = await initializeEpoch(initSecret, zero(), groupInfo.groupContext, zero(), kdf);
    return hex(keySchedule.epochAuthenticator);
  }

  it('the removed state does not give the next epoch authenticator, by the attack that works on a commit without path', async () => {
    const dee = await createClient('dee', await createAccount(), trust);
    const added = await ada.crypto.addDevices(states[0], [(await keyPackage(dee)).publicBytes], {
      now: now(),
    });
    expect(await deriveWithoutPath(states[2], added.groupInfo)).toBe(
      hex(ada.crypto.epochAuthenticator(added.next)),
    );

    const removed = await ada.crypto.removeDevices(states[0], [cy.device]);
    expect(await deriveWithoutPath(states[2], removed.groupInfo)).not.toBe(
      hex(ada.crypto.epochAuthenticator(removed.next)),
    );
  });

  it('a commit that would not evict is neither sent nor followed nor stored', async () => {
    const { commit } = await ada.crypto.removeDevices(states[0], [cy.device]);
    const message = decodeMessage('mls_public_message', commit, LIMITS.handshakeMessage);
    const { content } = message.publicMessage;
    if (content.contentType !== 'commit') throw new Error('not a commit');
    const pathless = {
      ...message,
      publicMessage: {
        ...message.publicMessage,
        content: { ...content, commit: { ...content.commit, path: undefined } },
      },
    };
    const bytes = encodeMlsMessage(pathless);
    expect(await refusal(() => requirePath(pathless))).toBe('would_not_evict');
    expect(await refusal(() => receive(bo, states[1], bytes))).toBe('would_not_evict');
    expect(await refusal(() => inspectCommit(bytes, { now: now() }))).toBe('would_not_evict');
    expect(await refusal(() => requirePath(message))).toBe('none');
  });
});

describe('a lawless member', () => {
  it('cannot change the group context, end the group, remove in private, or add whom nobody trusts', async () => {
    const context: Proposal = {
      proposalType: 'group_context_extensions',
      groupContextExtensions: {
        extensions: [{ extensionType: LAST_RESORT_EXTENSION, extensionData: random(2) }],
      },
    };
    const reinit: Proposal = {
      proposalType: 'reinit',
      reinit: { groupId: random(16), version: 'mls10', cipherSuite: FALLBACK_SUITE, extensions: [] },
    };
    const stranger = await createClient('stranger', await createAccount(), new Trust());
    const strangers = decodeMessage(
      'mls_key_package',
      (await keyPackage(stranger)).publicBytes,
      LIMITS.keyPackage,
    );
    expect(
      await refusal(async () => receive(bo, states[1], await lawlessCommit(states[0], [context], true))),
    ).toBe('forbidden_proposal');
    const remove: Proposal = { proposalType: 'remove', remove: { removed: 2 } };
    expect(
      await refusal(async () => receive(bo, states[1], await lawlessCommit(states[0], [remove], false))),
    ).toBe('forbidden_proposal');
    const add: Proposal = { proposalType: 'add', add: { keyPackage: strangers.keyPackage } };
    expect(
      await refusal(async () => receive(bo, states[1], await lawlessCommit(states[0], [add], true))),
    ).toBe('untrusted_identity');
    expect(
      await refusal(async () => receive(bo, states[1], await lawlessCommit(states[0], [reinit], true))),
    ).toBe('forbidden_proposal');
  });
});

describe('a member that commits under another identity', () => {
  it.each([true, false])('is refused, the commit being public: %s', async (open) => {
    const other = await createTestDevice(accounts[0]);
    const mls = unwrapState(states[0]);
    const [own, ...rest] = mls.ratchetTree;
    if (own?.nodeType !== 'leaf') throw new Error('no leaf');
    // ts-mls takes the new leaf's credential from the committer's own tree: a liar bends it there.
    const leaf = {
      ...own.leaf,
      credential: { credentialType: 'basic' as const, identity: encodeCredential(other) },
      signaturePublicKey: other.signaturePublicKey,
    };
    const lying = { ...mls, ratchetTree: [{ ...own, leaf }, ...rest] };
    const state = withConfig(lying, openSession(lawless));
    const impl = await cs();
    const signWith = {
      ...impl.signature,
      sign: signOwnLeafWith(impl.signature.sign, other.signaturePrivateKey),
    };
    const options = { wireAsPublicMessage: open };
    const { commit } = await createCommit({ state, cipherSuite: { ...impl, signature: signWith } }, options);
    expect(await refusal(() => receive(bo, states[1], encodeMlsMessage(commit)))).toBe('forbidden_proposal');
  });
});

/** The leaf is signed by its new key, the message by the old one, as RFC 9420 wants of such a commit. */
function signOwnLeafWith(sign: Sign, leafKey: Uint8Array): Sign {
  return (key, message) => sign(Buffer.from(message).includes('LeafNodeTBS') ? leafKey : key, message);
}

type Sign = (signKey: Uint8Array, message: Uint8Array) => Promise<Uint8Array>;

describe('a lawless joiner', () => {
  let groupInfo: Uint8Array;
  let current: GroupState;
  beforeAll(async () => {
    const update = await ada.crypto.updateOwnKeys(states[0]);
    groupInfo = update.groupInfo;
    current = (await receiveCommit(bo, states[1], update.commit)).state;
  });

  const verdicts = async (commit: Uint8Array) => [
    await refusal(() => receive(bo, current, commit)),
    await refusal(() => inspectCommit(commit, { now: now(), groupInfo })),
  ];

  it('cannot evict another, not even of its own account', async () => {
    const second = await createClient('cy 2', accounts[2], trust);
    expect(await verdicts(await lawlessJoin(second, groupInfo, ada))).toEqual([
      'forbidden_proposal',
      'forbidden_proposal',
    ]);
    expect(await verdicts(await lawlessJoin(second, groupInfo, cy))).toEqual([
      'forbidden_proposal',
      'forbidden_proposal',
    ]);
    expect(await verdicts(await lawlessJoin(second, groupInfo))).toEqual(['none', 'none']);
    expect(await verdicts(await lawlessJoin(cy, groupInfo, cy))).toEqual(['none', 'none']);
  });

  it('cannot join as a contact who is no member, nor as a member under another identity key', async () => {
    const contact = await createClient('contact', await createAccount(), trust);
    expect(await verdicts(await lawlessJoin(contact, groupInfo))).toEqual(['not_member', 'not_member']);
    const thief = await createAccount();
    const ghost = await createClient(
      'ghost',
      { accountId: accounts[1].accountId, identity: thief.identity },
      new Trust(),
    );
    expect(await verdicts(await lawlessJoin(ghost, groupInfo))).toEqual(['not_member', 'not_member']);
  });
});

describe('lifetimes', () => {
  it('of those who enter are judged when the server accepted the commit, for who comes back late too', async () => {
    const dee = await createClient('dee', await createAccount(), trust);
    const { commit } = await ada.crypto.addDevices(states[0], [(await keyPackage(dee)).publicBytes], {
      now: now(),
    });
    const late = now() + 40 * day;
    expect(await refusal(() => bo.crypto.process(states[1], commit, { now: late }))).toBe(
      'key_package_expired',
    );
    const followed = await bo.crypto.process(states[1], commit, { now: late, sentAt: now() });
    expect(followed.kind).toBe('commit');
  });

  it('longer than allowed are refused, though they include the present', () => {
    const year = { notBefore: 0n, notAfter: BigInt(Math.floor(now() / 1000) + 365 * 86_400) };
    expect(() => requireLifetime(year, now())).toThrow(
      expect.objectContaining({ code: 'key_package_expired' }),
    );
  });
});

describe('padding', () => {
  it('shows the bucket and not the length', async () => {
    const size = async (length: number) =>
      (await ada.crypto.encrypt(states[0], new Uint8Array(length))).ciphertext.length;
    expect(await size(0)).toBe(await size(180));
    expect(await size(200)).toBe(await size(950));
    expect(await size(180)).toBeLessThan(await size(200));
    expect([0, 188, 189, 956, 957, 4028, 4029, 16_316, 16_317, LIMITS.plaintext].map(paddedLength)).toEqual([
      256, 256, 1024, 1024, 4096, 4096, 16_384, 16_384, 32_768, 81_920,
    ]);
  });
});

describe('trust', () => {
  it('that throws, or answers anything but true, denies', async () => {
    const bundle = at(await bo.crypto.createKeyPackages(bo.device, 1, { now: now() }), 0);
    for (const answer of [
      () => false,
      () => Promise.reject(new Error('storage')),
      () => 1 as unknown as boolean,
    ]) {
      const wary = createGroupCrypto({ random, suite: FALLBACK_SUITE, trust: answer });
      const create = () =>
        wary.createGroup({
          groupId: random(16),
          device: ada.device,
          members: [bundle.publicBytes],
          now: now(),
        });
      expect(await refusal(create)).toBe('untrusted_identity');
    }
  });
});
