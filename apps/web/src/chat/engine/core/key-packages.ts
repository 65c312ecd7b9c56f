import type { GroupCrypto } from '@accord/group-crypto';
import { limits } from '@accord/protocol/limits';
import { toBase64Url, toHex } from './bytes.ts';
import type { Keys } from './keys.ts';
import type { Clock, Http } from './ports.ts';
import { Batch, type Store } from './store.ts';

/** The half of a key package that stays here. */
export interface StoredPackage {
  readonly publicBytes: Uint8Array;
  readonly privateBytes: Uint8Array;
  readonly expiresAt: number;
  readonly lastResort: boolean;
}

interface Upkeep {
  readonly lastResortAt: number;
}

const day = 86_400_000;
/** Refilled at half, so that an evening of new conversations never meets the last resort. */
const refillBelow = limits.keyPackages / 2;
/** A last resort may be used by several, so it is young: replaced weekly. */
const lastResortAge = 7 * day;
/** Made in portions: the worker has other things to do in between. */
const portion = 10;

/**
 * Keeps the stock of key packages at the server, and the private halves here until their welcome came. Private
 * halves are stored before the public ones leave.
 */
export async function keepKeyPackages(
  ports: { readonly store: Store; readonly http: Http; readonly clock: Clock },
  groups: { readonly crypto: GroupCrypto },
  keys: Keys,
): Promise<void> {
  const { store, http, clock } = ports;
  await forgetExpired(store, clock.now());
  const stock = await http.call('delivery.keyPackages.count');
  const upkeep = await store.get<Upkeep>('vault', 'key-packages');
  const renew =
    !stock.lastResort || upkeep === undefined || clock.now() - upkeep.lastResortAt > lastResortAge;
  let missing = stock.oneTime < refillBelow ? limits.keyPackages - stock.oneTime : 0;
  for (let first = true; missing > 0 || (first && renew); first = false) {
    const count = Math.min(portion, missing);
    missing -= count;
    const now = clock.now();
    const oneTime = count === 0 ? [] : await groups.crypto.createKeyPackages(keys.device, count, { now });
    const last =
      first && renew ? await groups.crypto.createKeyPackages(keys.device, 1, { now, lastResort: true }) : [];
    const batch = new Batch();
    for (const { ref, publicBytes, privateBytes, expiresAt, lastResort } of [...oneTime, ...last])
      batch.put('keyPackages', toHex(ref), {
        publicBytes,
        privateBytes,
        expiresAt,
        lastResort,
      } satisfies StoredPackage);
    await store.commit(batch);
    const [lastResort] = last;
    await http.call('delivery.keyPackages.publish', {
      body: {
        oneTime: oneTime.map(({ publicBytes }) => toBase64Url(publicBytes)),
        ...(lastResort === undefined ? {} : { lastResort: toBase64Url(lastResort.publicBytes) }),
      },
    });
    if (lastResort !== undefined)
      await store.commit(new Batch().put('vault', 'key-packages', { lastResortAt: now } satisfies Upkeep));
  }
}

/** A welcome may lie in the inbox for weeks after its key package ran out at the server. */
const keptAfterExpiry = limits.inboxDays * day;

async function forgetExpired(store: Store, now: number): Promise<void> {
  const batch = new Batch();
  for (const { key, value } of await store.range<StoredPackage>('keyPackages'))
    if (value.expiresAt + keptAfterExpiry < now) batch.delete('keyPackages', key);
  await store.commit(batch);
}
