import { randomUUID } from 'node:crypto';
import { base64url, type Member, newMember, random, type Site } from '../people.ts';
import { firstDevice, groupCrypto, type Talker, uuidBytes } from './device.ts';

/** Two members in a conversation, each with one device, and a group that both have joined by real MLS. */
export interface Pair {
  readonly members: readonly [Member, Member];
  readonly ada: Talker;
  readonly blaise: Talker;
  readonly conversationId: string;
  readonly groupId: string;
}

let count = 0;

/** Two members whose request to talk was accepted; no group yet. */
export async function acquainted(site: Site): Promise<Omit<Pair, 'groupId'>> {
  count += 1;
  const members = [
    await newMember(site, `ada${count}x${Date.now() % 1e6}`),
    await newMember(site, `blaise${count}x${Date.now() % 1e6}`),
  ] as const;
  const [one, other] = members;
  const request = await one.client.call('presence.requests.create', {
    body: { to: other.id, sealedLine: base64url(random(60)) },
  });
  const { conversationId } = await other.client.call('presence.requests.accept', {
    params: { requestId: request.id },
    body: {},
  });
  return { members, ada: firstDevice(site, one), blaise: firstDevice(site, other), conversationId };
}

/** Founds the group of a conversation with everyone whose key package is handed out; returns its id. */
export async function found(founder: Talker, conversationId: string): Promise<string> {
  const groupId = randomUUID();
  const { packages } = await founder.client.call('delivery.keyPackages.claim', {
    params: { conversationId },
    body: {},
  });
  const created = await groupCrypto.createGroup({
    groupId: uuidBytes(groupId),
    device: founder.device,
    members: packages.map(({ keyPackage }) => new Uint8Array(Buffer.from(keyPackage, 'base64url'))),
    now: Date.now(),
  });
  await founder.client.call('delivery.groups.found', {
    params: { conversationId },
    body: {
      groupId,
      groupInfo: base64url(created.groupInfo),
      ...(created.welcome !== undefined && { welcome: base64url(created.welcome) }),
    },
  });
  founder.state = created.state;
  return groupId;
}

/** Takes the Welcome that waits and joins. */
export async function joinByWelcome(
  talker: Talker,
  bundles: Awaited<ReturnType<Talker['publish']>>,
): Promise<void> {
  const wire = await talker.arrive();
  const [item] = wire.items.filter((each) => each.kind === 'welcome');
  if (item === undefined) throw new Error('no Welcome came');
  for (const keyPackage of bundles) {
    const joined = await groupCrypto
      .joinFromWelcome({ welcome: item.body, device: talker.device, keyPackage, now: Date.now() })
      .catch(() => undefined);
    if (joined !== undefined) talker.state = joined;
  }
  wire.ack(item);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await wire.close();
}

/** Two who talk: acquainted, founded, joined. */
export async function talking(site: Site): Promise<Pair> {
  const pair = await acquainted(site);
  const bundles = await pair.blaise.publish();
  const groupId = await found(pair.ada, pair.conversationId);
  await joinByWelcome(pair.blaise, bundles);
  return { ...pair, groupId };
}
