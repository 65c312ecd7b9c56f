// `npm start`: from a fresh clone with Node >= 20 to a server that answers.
import { spawn } from 'node:child_process';
import { build } from './lib/build.mjs';
import { install, ownEnvironment, pinnedNode, root, runScript } from './lib/install.mjs';

runScript(async () => {
  await install();
  await build();
  const server = spawn(pinnedNode, ['apps/server/src/main.ts'], {
    cwd: root,
    stdio: 'inherit',
    env: ownEnvironment,
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => server.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));
  }
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => resolve(code ?? 1));
  });
});
