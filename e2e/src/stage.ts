import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { startServer, type TestServer } from '../../apps/server/test/support.ts';
import { launchChromium } from './chromium.ts';

/** What every journey needs: the real server with a database of its own, and a real browser. */
export interface Stage {
  readonly server: TestServer;
  readonly browser: Browser;
  readonly origin: string;
}

/** One server and one browser for a file of journeys; each person has a profile of their own. */
export function useStage(env: Readonly<Record<string, string>> = {}): () => Stage {
  let stage: Stage | undefined;
  beforeAll(async () => {
    const [server, browser] = await Promise.all([startServer({ env }), launchChromium()]);
    stage = { server, browser, origin: server.url };
  });
  afterAll(async () => {
    await stage?.browser.close();
    await stage?.server.close();
  });
  return () => {
    if (stage === undefined) throw new Error('the stage is set before each file');
    return stage;
  };
}
