import { HashIndexError } from '../errors.ts';
import { HashIndex } from '../hash-index.ts';
import type { Calls, Opening, Port, Reply, Request, Surroundings } from './protocol.ts';

const NOTHING: Surroundings = {
  withSnapshotFile: () => {
    throw new HashIndexError('snapshot.unreadable');
  },
  collect: () => {},
};

/** Calls that may leave a whole index, or a copy of its rows, behind. */
const LEAVE_MUCH: ReadonlySet<keyof Calls> = new Set(['open', 'addMany', 'compact', 'snapshot']);

/** Answers a port with one index: the worker's half, the same in Node and in a browser. */
export function serveIndex(port: Port, around: Surroundings = NOTHING): void {
  const calls = callsOn(around);
  port.listen((message) => {
    const { call, name, args } = message as Request;
    let reply: Reply;
    try {
      const act = calls[name] as (...args: readonly unknown[]) => unknown;
      reply = { call, value: act(...args) };
    } catch (error) {
      // Anything but a refusal is memory the host would not give: the validated input leaves no other way to fail.
      reply = { call, code: error instanceof HashIndexError ? error.code : 'index.full' };
    }
    port.post(reply, 'value' in reply ? buffersOf(reply.value) : []);
    if (LEAVE_MUCH.has(name)) around.collect();
  });
}

function buffersOf(value: unknown): ArrayBuffer[] {
  const all = Array.isArray(value) ? value : [value];
  return all.flatMap((one) =>
    ArrayBuffer.isView(one) && one.buffer instanceof ArrayBuffer ? [one.buffer] : [],
  );
}

function callsOn({ withSnapshotFile }: Surroundings): Calls {
  let opened: HashIndex | undefined;
  let shard = { index: 0, of: 1 };
  const index = (): HashIndex => {
    if (!opened) throw new HashIndexError('service.closed');
    return opened;
  };
  return {
    open({ module, options, rows, snapshot, shard: own }: Opening) {
      shard = own;
      if (snapshot) {
        const restored =
          typeof snapshot === 'string'
            ? withSnapshotFile(snapshot, (source) => HashIndex.restoreShard(module, source))
            : HashIndex.restoreShard(module, snapshot);
        if (restored.shard.of !== own.of) throw new HashIndexError('snapshot.shards');
        opened = restored.index;
        shard = restored.shard;
      } else {
        opened = HashIndex.create(module, options, rows);
      }
      return { banks: opened.banks.names, shard };
    },
    size: () => index().size,
    stats: () => index().stats,
    get: (id) => index().get(id),
    add: (id, hash, banks) => index().add(id, hash, banks),
    addMany: (rows) => index().addMany(rows),
    absent: (ids) => ids.every((id) => !index().has(id)),
    removeMany: (ids) => {
      for (const id of ids) index().remove(id);
    },
    remove: (id) => index().remove(id),
    replace: (id, hash, banks) => index().replace(id, hash, banks),
    search: (hashes, options) => index().searchFlat(hashes, options),
    snapshot: (lists) => index().snapshot({ lists, shard }),
    compact: () => index().compact(),
  };
}
