import {
  decodeGrant,
  encodeGrant,
  type Grant,
  giveGrant,
  grantIdOf,
  publicKeyOf,
  signOwnerAct,
} from '@accord/sealed-media';
import type { Prepared } from '../../pictures-api.ts';
import { fromBase64Url, sameBytes, toBase64Url } from '../bytes.ts';
import type { Content } from '../content.ts';
import type { Keys } from '../keys.ts';
import type { Clock, Http, Random } from '../ports.ts';
import { Batch, type Store } from '../store.ts';
import { isLike } from './likeness.ts';
import { saltedReceiver } from './matching.ts';
import { grantKey, grantRange, type KeptGrant, type OwnPicture } from './records.ts';
import { ownerSeedOf } from './sealing.ts';

interface GrantPorts {
  readonly store: Store;
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: Keys;
}

export interface GrantReceiver {
  readonly accountId: string;
  readonly pseudonym: string;
  readonly identityPublicKey: string;
}

/**
 * Permissions to share an own picture, given and received. The key that uses one is made by the owner for this grant alone and
 * goes with it, end-to-end encrypted: the matching service learns that sharing is allowed, and not by whom.
 */
export class Grants {
  readonly #ports: GrantPorts;

  constructor(ports: GrantPorts) {
    this.#ports = ports;
  }

  async all(): Promise<KeptGrant[]> {
    const rows = await this.#ports.store.range<KeptGrant>('pictures', grantRange);
    return rows.map(({ value }) => value).filter(({ until }) => until > this.#ports.clock.now());
  }

  async byId(id: string): Promise<KeptGrant | null> {
    return (await this.#ports.store.get<KeptGrant>('pictures', grantKey(id))) ?? null;
  }

  /** One that lets this person share this picture with the owner of that identity key. */
  async fitting(like: Prepared, receiver: Uint8Array): Promise<KeptGrant | null> {
    const hashes = { h: like.hash, ...like.asked, kept: like.kept, anchors: like.anchors };
    for (const kept of await this.all()) {
      if (kept.mine) continue;
      const grant = decodeGrant(kept.grant);
      const named = await saltedReceiver(grant.salt, receiver);
      const covers = grant.receivers.some((each) => sameBytes(each, named));
      if (covers && isLike(hashes, { h: grant.h, kept: new Uint8Array() })) return kept;
    }
    return null;
  }

  /** Lets `to` share an own picture; the answer is the message that tells them. */
  async give(
    own: OwnPicture,
    what: {
      readonly to: string;
      readonly receivers: readonly GrantReceiver[];
      readonly until: number;
      readonly id: string;
    },
  ): Promise<Content> {
    const { random, keys, store } = this.#ports;
    const ownerSeed = await ownerSeedOf(keys.identity.privateKey, own.ownerBlobId);
    const sharerSeed = random(32);
    const salt = random(16);
    const grant: Grant = await giveGrant(ownerSeed, {
      ownerKey: await publicKeyOf(ownerSeed),
      h: own.h,
      sharer: await publicKeyOf(sharerSeed),
      receivers: await Promise.all(
        what.receivers.map(({ identityPublicKey }) => saltedReceiver(salt, fromBase64Url(identityPublicKey))),
      ),
      salt,
      until: what.until,
    });
    const receivers = what.receivers.map(({ accountId, pseudonym, identityPublicKey: key }) => ({
      accountId,
      pseudonym,
      key,
    }));
    const kept: KeptGrant = {
      id: what.id,
      messageId: own.id,
      mine: true,
      to: what.to,
      grant: encodeGrant(grant),
      sharerSeed,
      receivers,
      until: what.until,
    };
    await store.commit(new Batch().put('pictures', grantKey(kept.id), kept));
    return {
      kind: 'grant',
      id: what.id,
      target: own.id,
      grant: toBase64Url(kept.grant),
      seed: toBase64Url(sharerSeed),
      receivers: receivers.map(({ accountId, pseudonym }) => ({ accountId, pseudonym })),
      until: what.until,
    };
  }

  /** Takes one back at the matching service: from then on it lets nothing through. */
  async withdraw(kept: KeptGrant, own: OwnPicture): Promise<void> {
    const { http, clock, keys, store } = this.#ports;
    const ownerSeed = await ownerSeedOf(keys.identity.privateKey, own.ownerBlobId);
    const ownerKey = await publicKeyOf(ownerSeed);
    const about = await grantIdOf(decodeGrant(kept.grant));
    const at = clock.now();
    const proof = await signOwnerAct(ownerSeed, ownerKey, { act: 'withdraw_grant', at, about });
    await http.call('matching.grants.withdraw', {
      body: {
        ownerKey: toBase64Url(ownerKey),
        grantId: toBase64Url(about),
        until: kept.until,
        at,
        proof: toBase64Url(proof),
      },
    });
    await store.commit(new Batch().delete('pictures', grantKey(kept.id)));
  }
}

/** A grant that came in a message, as it is kept; null where it is not well-formed. */
export function receivedGrant(content: Extract<Content, { kind: 'grant' }>, from: string): KeptGrant | null {
  try {
    const grant = fromBase64Url(content.grant);
    const { until } = decodeGrant(grant);
    return {
      id: content.id,
      messageId: content.target,
      mine: false,
      to: from,
      grant,
      sharerSeed: fromBase64Url(content.seed),
      receivers: content.receivers.map((receiver) => ({ ...receiver, key: '' })),
      until,
    };
  } catch {
    return null;
  }
}
