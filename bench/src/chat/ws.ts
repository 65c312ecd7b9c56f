import { join } from 'node:path';
import { freePort, startChild } from './child.ts';
import { openRawSocket } from './raw-socket.ts';
import { messageBytes, type Subject } from './subject.ts';

/** A bare `ws` router: nothing checked, nothing stored. */
export async function startWs(): Promise<Subject> {
  const port = await freePort();
  const args = [join(import.meta.dirname, 'ws-router.ts'), String(port)];
  const child = await startChild(process.execPath, args, { PATH: process.env.PATH }, /ready/);
  return {
    name: 'ws router',
    pids: [child.pid],
    loginsAtOnce: 50,
    async connect(client, arrival) {
      const socket = await openRawSocket(port, `/${client}`, {}, (frame) =>
        arrival(client, frame.readDoubleBE(4)),
      );
      return {
        send(to, due) {
          const frame = Buffer.alloc(4 + messageBytes, 7);
          frame.writeUInt32BE(to, 0);
          frame.writeDoubleBE(due, 4);
          socket.sendBinary(frame);
        },
        close: () => socket.close(),
      };
    },
    stop: () => child.stop(),
  };
}
