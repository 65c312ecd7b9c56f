import type { Socket } from 'node:net';
import pg from 'pg';

/** Times in ms. */
interface Patience {
  /** Between two looks at what is under way. */
  readonly lookMs: number;
  /** After so long without a word about a statement it is asked whether the database is there at all. */
  readonly silentMs: number;
  /** How long it may take to answer that. */
  readonly probeMs: number;
  /** Longer than the server lets any statement run: the answer was lost. */
  readonly mostMs: number;
}

/** The driver's client where it is wider than its types. */
interface Inside {
  /** Null, or undefined, where there is none. */
  readonly _activeQuery: unknown;
  readonly connection: { readonly stream: Socket };
}

interface Seen {
  readonly query: unknown;
  readonly bytesRead: number;
  /** When this statement was first seen without a word since, in ms. */
  readonly since: number;
}

/** Whether somebody at that address speaks PostgreSQL, be it to refuse us. */
async function isThere(settings: pg.ClientConfig, withinMs: number): Promise<boolean> {
  const client = new pg.Client({ ...settings, connectionTimeoutMillis: withinMs });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    return error instanceof pg.DatabaseError;
  } finally {
    void client.end().catch(() => {});
  }
}

/**
 * Ends connections whose database does not answer any more: the machine hangs, or the way to it drops what we send. A broken
 * connection tells; such a one would wait for a quarter of an hour, and whoever asked with it. Looked at from time to time, as a timer
 * for each statement costs more than most statements; a slow one is left alone while somebody is there.
 */
export function watchConnections(
  settings: pg.ClientConfig,
  { lookMs, silentMs, probeMs, mostMs }: Patience,
): (client: pg.ClientBase) => void {
  const clients = new Map<Inside, Seen | undefined>();
  let timer: NodeJS.Timeout | undefined;
  let probing = false;

  /** Those that have waited so long. */
  const silentFor = (ms: number): Inside[] => {
    const now = performance.now();
    return [...clients]
      .filter(([, seen]) => seen !== undefined && now - seen.since >= ms)
      .map(([client]) => client);
  };
  const look = () => {
    for (const [client, seen] of clients) {
      const { _activeQuery: query, connection } = client;
      const { bytesRead } = connection.stream;
      const same = query === seen?.query && bytesRead === seen?.bytesRead;
      if (query === null || query === undefined) clients.set(client, undefined);
      else if (!same) clients.set(client, { query, bytesRead, since: performance.now() });
    }
  };
  const end = (silent: readonly Inside[]) => {
    for (const { connection } of silent)
      connection.stream.destroy(new Error('Connection terminated: no answer'));
  };
  const lookAfter = async (): Promise<void> => {
    look();
    end(silentFor(mostMs));
    if (probing || silentFor(silentMs).length === 0) return;
    probing = true;
    const there = await isThere(settings, probeMs);
    probing = false;
    look();
    if (!there) end(silentFor(silentMs));
  };
  return (driver) => {
    const client = driver as unknown as Inside;
    clients.set(client, undefined);
    timer ??= setInterval(() => void lookAfter(), lookMs).unref();
    driver.once('end', () => {
      clients.delete(client);
      if (clients.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    });
  };
}
