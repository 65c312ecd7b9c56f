/** The entry of a worker thread of Node: one index on the parent's port. */
import { parentPort } from 'node:worker_threads';
import { withSnapshotFile } from '../node.ts';
import { serveIndex } from './host.ts';

if (parentPort) {
  const port = parentPort;
  serveIndex(
    {
      post: (message, transfer) => port.postMessage(message, [...transfer]),
      listen: (receive) => port.on('message', receive),
    },
    withSnapshotFile,
  );
}
