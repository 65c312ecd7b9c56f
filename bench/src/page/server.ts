import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort, startChild } from '../chat/child.ts';

export const root = resolve(import.meta.dirname, '../../..');

export interface Served {
  /** Where the page is; a name, for passkeys are not made for addresses of numbers. */
  readonly origin: string;
  stop(): Promise<void>;
}

/** Our server as an operator starts it, with the built page, its own database and a folder of its own. */
export async function startServed(): Promise<Served> {
  if (!existsSync(join(root, 'apps/web/dist/index.html')))
    throw new Error('the page is not built: npm run build');
  const data = await mkdtemp(join(tmpdir(), 'accord-bench-page-'));
  // The database runs as a user of its own, who has to get in.
  await chmod(data, 0o711);
  const origin = `http://localhost:${await freePort()}`;
  const env = {
    PATH: process.env.PATH,
    ACCORD_DATA: data,
    ACCORD_PUBLIC_URL: origin,
    ACCORD_HOST: '127.0.0.1',
    ACCORD_LOG_LEVEL: 'warn',
    // All loads come from one address, which a person's do not.
    ACCORD_RATE_LIMITS: 'false',
  };
  const main = join(root, 'apps/server/src/main.ts');
  const child = await startChild(process.execPath, [main], env, /http:\/\//);
  return {
    origin,
    async stop() {
      await child.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}
