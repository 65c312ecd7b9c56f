import type { BrowserContext } from 'playwright-core';
import type { Seen } from './watch.ts';

/**
 * The least that showing one more thing costs in this browser on this machine at this time: a static page of the
 * same server appends one paragraph, `count` times, timed as the conversation is.
 */
export async function measureFloor(context: BrowserContext, origin: string, count: number): Promise<Seen[]> {
  const page = await context.newPage();
  try {
    await page.goto(`${origin}/pause.html`);
    return await page.evaluate(appendParagraphs, count);
  } finally {
    await page.close();
  }
}

/** Runs in the page. */
async function appendParagraphs(count: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (let index = 0; index < count; index += 1) {
    seen.push(
      await new Promise((resolve) => {
        const start = performance.now();
        const line = document.createElement('p');
        line.textContent = `${index}: slate over chalk, the light from the left`;
        document.body.append(line);
        const commit = performance.now();
        requestAnimationFrame(() => {
          const frame = performance.now();
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => {
            port1.close();
            resolve({ kind: 'event', start, commit, frame, painted: performance.now() });
          };
          port2.postMessage(null);
        });
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  return seen;
}
