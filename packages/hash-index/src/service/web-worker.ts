/** The entry of a browser's dedicated worker: one index on the page's port. */
import { serveIndex } from './host.ts';

const scope = globalThis as unknown as {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: 'message', receive: (event: MessageEvent) => void): void;
};
serveIndex({
  post: (message, transfer) => scope.postMessage(message, [...transfer]),
  listen: (receive) => scope.addEventListener('message', ({ data }) => receive(data)),
});
