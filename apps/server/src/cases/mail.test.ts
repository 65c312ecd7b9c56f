import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { smtpPost } from './mail.ts';

it('a mail server that goes on greeting holds nobody up', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const timer = setInterval(() => socket.write('220-wait\r\n'), 5);
    socket.on('error', () => {}).on('close', () => clearInterval(timer));
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const post = smtpPost(
    `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    'desk@accord.example',
    100,
  );
  const letter = { to: 'a@example.org', subject: 's', text: 't', messageId: '<1@accord.example>' };
  await expect(post?.send(letter)).rejects.toThrow('the mail server took too long');
});
