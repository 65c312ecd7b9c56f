/** What one part of the service tells the others, in every process. Ids only, never content. */
export interface BusEvents {
  /** Items wait in these devices' inboxes. */
  readonly inbox: { readonly deviceIds: readonly string[] };
  /** Something to tell an account's or a device's open sockets; see the protocol's `Notice`. */
  readonly notice: {
    readonly accountIds?: readonly string[];
    readonly deviceIds?: readonly string[];
    readonly notice: import('@accord/protocol/socket').Notice;
  };
  /** Typing and the like: dropped when nobody listens. `body` is base64. */
  readonly ephemeral: {
    readonly deviceIds: readonly string[];
    readonly groupId: string;
    readonly body: string;
  };
  /** A device opened this socket: an older one of the same device, wherever it is, gives way. */
  readonly attached: { readonly deviceId: string; readonly socketId: string };
  /** These sessions' sockets must close: signed out, device removed, account deleted. */
  readonly revoked: { readonly accountId: string; readonly deviceId?: string };
  /** Banks or registered pictures changed: the index has something to look at again. */
  readonly matching: Readonly<Record<string, never>>;
  /** Events of other processes may have been missed: look at the database. Only ever heard, never published. */
  readonly gap: Readonly<Record<string, never>>;
}

export type BusTopic = keyof BusEvents;

/** Fan-out between the sockets of all processes. Delivery is best effort: the database is the truth. */
export interface Bus {
  publish<T extends BusTopic>(topic: T, event: BusEvents[T]): void;
  /** Returns the way to stop listening. */
  subscribe<T extends BusTopic>(topic: T, listener: (event: BusEvents[T]) => void): () => void;
  close(): Promise<void>;
}

/** Ids to one event: 39 bytes each in JSON, so that PostgreSQL's 8000 bytes have room for the rest. */
const idsAtOnce = 180;

function chunks(ids: readonly string[]): (readonly string[])[] {
  const out: (readonly string[])[] = [];
  for (let at = 0; at < ids.length; at += idsAtOnce) out.push(ids.slice(at, at + idsAtOnce));
  return out;
}

/** One event as events that each fit a payload of any bus: lists of ids are split. */
export function split<T extends BusTopic>(event: BusEvents[T]): BusEvents[T][] {
  const { deviceIds, accountIds } = event as {
    readonly deviceIds?: readonly string[];
    readonly accountIds?: readonly string[];
  };
  if ((deviceIds?.length ?? 0) + (accountIds?.length ?? 0) <= idsAtOnce) return [event];
  const { deviceIds: _devices, accountIds: _accounts, ...rest } = event as unknown as Record<string, unknown>;
  const parts = [
    ...chunks(deviceIds ?? []).map((part) => ({ ...rest, deviceIds: part })),
    ...chunks(accountIds ?? []).map((part) => ({ ...rest, accountIds: part })),
  ];
  return parts as unknown as BusEvents[T][];
}

type Listener = (event: never) => void;

/** The bus of a single process: a listener runs before `publish` returns; one that throws harms no other. */
export function localBus(onError: (error: unknown) => void): Bus {
  const listeners = new Map<BusTopic, Set<Listener>>();
  return {
    publish(topic, event) {
      for (const listener of listeners.get(topic) ?? []) {
        try {
          (listener as (event: unknown) => void)(event);
        } catch (error) {
          onError(error);
        }
      }
    },
    subscribe(topic, listener) {
      const set = listeners.get(topic) ?? new Set<Listener>();
      listeners.set(topic, set.add(listener as Listener));
      return () => set.delete(listener as Listener);
    },
    async close() {
      listeners.clear();
    },
  };
}
