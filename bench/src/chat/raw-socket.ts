import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** A WebSocket client that costs next to nothing, so that the server is what gets measured (RFC 6455, mask key 0). */
export interface RawSocket {
  sendBinary(payload: Uint8Array): void;
  sendText(payload: string): void;
  close(): void;
}

const handshakePatienceMs = 60_000;

function frame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const head = length < 126 ? 2 : 4;
  const out = Buffer.allocUnsafe(head + 4 + length);
  out[0] = 0x80 | opcode;
  if (head === 2) out[1] = 0x80 | length;
  else {
    out[1] = 0x80 | 126;
    out.writeUInt16BE(length, 2);
  }
  out.writeUInt32BE(0, head);
  out.set(payload, head + 4);
  return out;
}

/** Reads frames of a server; returns what is left of `buffer`. */
function readFrames(buffer: Buffer, socket: Socket, onMessage: (payload: Buffer) => void): Buffer {
  let at = 0;
  while (buffer.length - at >= 2) {
    let length = (buffer[at + 1] as number) & 127;
    let head = 2;
    if (length === 126) {
      if (buffer.length - at < 4) break;
      length = buffer.readUInt16BE(at + 2);
      head = 4;
    } else if (length === 127) {
      if (buffer.length - at < 10) break;
      length = Number(buffer.readBigUInt64BE(at + 2));
      head = 10;
    }
    if (buffer.length - at < head + length) break;
    const opcode = (buffer[at] as number) & 15;
    const payload = buffer.subarray(at + head, at + head + length);
    at += head + length;
    if (opcode === 1 || opcode === 2) onMessage(payload);
    else if (opcode === 9) socket.write(frame(10, payload));
  }
  return at === 0 ? buffer : buffer.subarray(at);
}

/** Opens a WebSocket to a port of 127.0.0.1. */
export function openRawSocket(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
  onMessage: (payload: Buffer) => void,
): Promise<RawSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let buffer: Buffer = Buffer.alloc(0);
    let open = false;
    const patience = setTimeout(() => reject(new Error('no answer to the upgrade')), handshakePatienceMs);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed in the handshake')));
    socket.on('data', (data) => {
      buffer = buffer.length > 0 ? Buffer.concat([buffer, data]) : data;
      if (!open) {
        const end = buffer.indexOf('\r\n\r\n');
        if (end < 0) return;
        const status = buffer.toString('latin1', 0, 12);
        if (status !== 'HTTP/1.1 101') {
          reject(new Error(buffer.toString('latin1', 0, 300)));
          socket.destroy();
          return;
        }
        open = true;
        clearTimeout(patience);
        buffer = buffer.subarray(end + 4);
        resolve({
          sendBinary: (payload) => socket.write(frame(2, payload)),
          sendText: (payload) => socket.write(frame(1, Buffer.from(payload))),
          close: () => socket.destroy(),
        });
      }
      buffer = readFrames(buffer, socket, onMessage);
    });
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(
      `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-key: ${randomBytes(16).toString('base64')}\r\nsec-websocket-version: 13\r\n${lines.join('')}\r\n`,
    );
  });
}
