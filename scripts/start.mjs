// `npm start`: from a fresh clone with Node >= 20 to a server that answers.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { install, ownEnvironment, pinnedNode, root, runScript } from './lib/install.mjs';

runScript(async () => {
  await install();
  await build();
  // Beyond it the space for young objects grows to three times 16 MB in a wave of sign-ins and stays there.
  const { nodeFlags } = JSON.parse(readFileSync(join(root, 'apps/server/package.json'), 'utf8'));
  const server = spawn(pinnedNode, [...nodeFlags, 'apps/server/src/main.ts'], {
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
