import type { ExchangeSpec } from '../../src/exchange/index.ts';
import { ListPeer, type LoopbackPeer, NcmecPeer, StopNciiPeer, ThreatExchangePeer } from './peers.ts';

const keys = {
  STOPNCII: { subscription: 'sub', fetch: 'f', submit: 's', feedback: 'b' },
  NCMEC: { user: 'user', password: 'word' },
  TX: { token: '7|secret' },
};

/** One peer of each kind on this machine. */
export class World {
  readonly stopncii = new StopNciiPeer();
  readonly ncmec = new NcmecPeer();
  readonly tx = new ThreatExchangePeer();
  readonly list = new ListPeer();

  get peers(): readonly LoopbackPeer[] {
    return [this.stopncii, this.ncmec, this.tx, this.list];
  }

  async start(): Promise<this> {
    await Promise.all(this.peers.map((peer) => peer.start()));
    return this;
  }

  async stop(): Promise<void> {
    await Promise.all(this.peers.map((peer) => peer.stop()));
  }

  /** Settings of a server that may ask them. */
  get env(): Record<string, string> {
    return {
      ACCORD_EXCHANGE_KEYS: JSON.stringify(keys),
      ACCORD_EXCHANGE_ORIGINS: this.peers.map(({ origin }) => origin).join(','),
      ACCORD_EXCHANGE_LOOPBACK: 'true',
    };
  }

  get specs(): { readonly [name in 'STOPNCII' | 'NCMEC' | 'TX' | 'LIST']: ExchangeSpec } {
    return {
      STOPNCII: {
        name: 'STOPNCII',
        kind: 'stopncii',
        settings: { base: `${this.stopncii.origin}/v1`, self: 'Accord' },
        tells: true,
      },
      NCMEC: {
        name: 'NCMEC',
        kind: 'ncmec',
        settings: {
          base: `${this.ncmec.origin}/hashsharing`,
          self: '9',
          reason: '01234567-abcd-0123-4567-012345678900',
        },
        tells: true,
      },
      TX: {
        name: 'TX',
        kind: 'threatexchange',
        settings: { base: `${this.tx.origin}/v21.0`, privacyGroup: '77', pageSize: 2 },
        tells: true,
      },
      LIST: { name: 'LIST', kind: 'list', settings: { url: `${this.list.origin}/hashes.csv` } },
    };
  }
}
