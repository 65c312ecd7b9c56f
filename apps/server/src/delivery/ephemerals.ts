import { sql } from 'kysely';
import type { Platform } from '../platform/platform.ts';
import type { Connection } from './connection.ts';
import { Gate } from './gate.ts';
import type { Sockets } from './sockets.ts';

interface Seat {
  readonly deviceId: string;
  /** Accounts in the group that this device's account has blocked. */
  readonly shuns: readonly string[];
}

interface Circle {
  readonly seats: Promise<readonly Seat[]>;
  readonly until: number;
}

/** Milliseconds for which a group's members are remembered: one who left is told nothing stored, and not for long. */
const rememberMs = 5000;
const mostRemembered = 5000;
const lookUpsAtOnce = 2;
const mostLookUpsWaiting = 100;
const mostBytes = 4096;

/**
 * Typing and the like: to the other members of the group that are here or at another process, never stored,
 * dropped when there is anything better to do. Whoever is no member is told nothing, not even that.
 */
export class Ephemerals {
  readonly #platform: Platform;
  readonly #sockets: Pick<Sockets, 'of'>;
  readonly #circles = new Map<string, Circle>();
  readonly #lookUps = new Gate(lookUpsAtOnce);
  readonly #stop: () => void;

  constructor(platform: Platform, sockets: Pick<Sockets, 'of'>) {
    this.#platform = platform;
    this.#sockets = sockets;
    this.#stop = platform.bus.subscribe('ephemeral', ({ deviceIds, body }) => {
      const frame = Buffer.from(body, 'base64');
      for (const deviceId of deviceIds) this.#sockets.of(deviceId)?.tell(frame);
    });
  }

  /** `frame` is the sender's; what the others get differs in its first byte only. */
  tell(from: Connection, groupId: string, frame: Uint8Array): void {
    if (frame.length > mostBytes) return;
    const out = Buffer.from(frame);
    out[0] = 0x84;
    this.#seats(groupId)
      ?.then((seats) => this.#pass(from, groupId, seats, out))
      .catch(() => {});
  }

  #pass(from: Connection, groupId: string, seats: readonly Seat[], frame: Buffer): void {
    const { deviceId, accountId } = from.owner;
    if (!seats.some((seat) => seat.deviceId === deviceId)) return;
    const elsewhere: string[] = [];
    for (const seat of seats) {
      if (seat.deviceId === deviceId || seat.shuns.includes(accountId)) continue;
      const connection = this.#sockets.of(seat.deviceId);
      if (connection === undefined) elsewhere.push(seat.deviceId);
      else connection.tell(frame);
    }
    if (elsewhere.length === 0 || this.#platform.config.bus === 'process') return;
    this.#platform.bus.publish('ephemeral', {
      deviceIds: elsewhere,
      groupId,
      body: frame.toString('base64'),
    });
  }

  #seats(groupId: string): Promise<readonly Seat[]> | undefined {
    const now = performance.now();
    const known = this.#circles.get(groupId);
    if (known !== undefined && known.until > now) return known.seats;
    if (this.#lookUps.waiting >= mostLookUpsWaiting) return undefined;
    const seats = this.#lookUps.run(() => this.#read(groupId));
    this.#circles.delete(groupId);
    this.#circles.set(groupId, { seats, until: now + rememberMs });
    if (this.#circles.size > mostRemembered) {
      const oldest = this.#circles.keys().next().value;
      if (oldest !== undefined) this.#circles.delete(oldest);
    }
    return seats;
  }

  async #read(groupId: string): Promise<readonly Seat[]> {
    const { rows } = await sql<Seat>`
      select m.device_id as "deviceId",
             array(select b.blocked_id::text from block b where b.blocker_id = m.account_id) as shuns
      from group_member m join mls_group g on g.id = m.group_id
      where m.group_id = ${groupId} and not m.leaving and not g.closed and not g.evicting`.execute(
      this.#platform.db,
    );
    return rows;
  }

  close(): void {
    this.#stop();
  }
}
