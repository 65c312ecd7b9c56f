import { contract, type Reply } from '@accord/protocol';
import type { RouteName } from '@accord/protocol/routes';
import { socketPath } from '@accord/protocol/routes';
import { decodeServerFrame, encodeClientFrame, FrameError } from '@accord/protocol/socket';
import { ApiError, call } from '../../api/client.ts';
import type { EngineEvent } from './api.ts';
import { asEngineError, Core } from './core/core.ts';
import type { Http, OpenSocket } from './core/ports.ts';
import type { OwnPorts } from './own-ports.ts';

/*
 * The engine's core with a browser around it. Loaded by the one worker that leads: the others never fetch it.
 */

const requestTimeout = 25_000;
/** What carries a picture, in ms: over a line of 50 kbit/s, a part of a megabyte takes three minutes. */
const transferTimeout = 5 * 60_000;
const transfers: ReadonlySet<RouteName> = new Set(['media.blobs.append', 'media.blobs.read']);

/** The page's client, with every reply checked: what passes is trusted from here on. */
const http: Http = {
  call: async <N extends RouteName>(name: N, input: object = {}): Promise<Reply<N>> => {
    const signal = AbortSignal.timeout(transfers.has(name) ? transferTimeout : requestTimeout);
    let reply: unknown;
    try {
      reply = await call(name as 'accounts.me', { ...input, signal });
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError('offline');
    }
    const checked = contract[name].reply.safeParse(reply);
    if (!checked.success) throw new ApiError('internal');
    return checked.data as Reply<N>;
  },
};

const openSocket: OpenSocket = (handlers) => {
  const url = new URL(socketPath, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('open', () => handlers.opened());
  socket.addEventListener('close', ({ code }) => handlers.closed(code));
  socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    try {
      if (!(data instanceof ArrayBuffer)) throw new FrameError('text');
      handlers.frame(decodeServerFrame(new Uint8Array(data)));
    } catch {
      // A frame of another version: the connection is of no use.
      socket.close();
    }
  });
  return {
    send(frame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(encodeClientFrame(frame));
    },
    close: () => socket.close(),
  };
};

/** Starts the engine; resolves when calls can be answered. */
export async function lead(own: OwnPorts, tell: (event: EngineEvent) => void): Promise<Core> {
  const report = (error: unknown) =>
    console.error('accord: engine', error instanceof Error ? error.name : 'failure');
  const core = new Core({ ...own, http, openSocket, report }, tell);
  core.network(navigator.onLine);
  await core.start();
  return core;
}

export { asEngineError };
