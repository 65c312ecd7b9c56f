/** The entry of a worker thread of Node: one index on the parent's port. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort } from 'node:worker_threads';
import { withSnapshotFile } from '../node.ts';
import { serveIndex } from './host.ts';

/** Less than this left behind is not worth a collection. */
const MUCH = 2 ** 26;

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const held = () => process.memoryUsage().external;
  let kept = held();
  return () => {
    if (held() - kept < MUCH) return;
    // An instance and its memory go in the second collection, when nothing refers to them after the first.
    gc();
    gc();
    kept = held();
  };
}

if (parentPort) {
  const port = parentPort;
  const collect = collector();
  serveIndex(
    {
      post: (message, transfer) => port.postMessage(message, [...transfer]),
      listen: (receive) => port.on('message', receive),
    },
    // After the turn, whose stack may still hold what was left.
    { withSnapshotFile, collect: () => setImmediate(collect) },
  );
}
