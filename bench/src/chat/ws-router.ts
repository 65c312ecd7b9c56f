import { type WebSocket, WebSocketServer } from 'ws';

/**
 * The floor: hands a frame to the socket that it names, and does nothing else. The first four bytes are the
 * receiver. `node ws-router.ts PORT`
 */
const sockets = new Map<number, WebSocket>();
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  perMessageDeflate: false,
  clientTracking: false,
});
server.on('connection', (socket, request) => {
  const id = Number(request.url?.slice(1));
  sockets.set(id, socket);
  socket.on('message', (data: Buffer) => sockets.get(data.readUInt32BE(0))?.send(data));
  socket.on('close', () => sockets.delete(id));
  socket.on('error', () => {});
});
server.on('listening', () => process.stdout.write('ready\n'));
