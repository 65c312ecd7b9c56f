import type { BrowserContext, Page } from 'playwright-core';

/** One load of one page, in milliseconds after the navigation began. */
export interface Load {
  readonly ttfb: number;
  readonly fcp: number;
  readonly lcp: number;
  /** What the page is opened for is in the document. */
  readonly stands: number;
  /** What the largest content was. */
  readonly element: string;
}

interface Watched {
  accordLcp?: { time: number; element: string };
  accordStands?: number;
}

/** Runs in the page before its scripts: keeps the last candidate, and when `stands` was first there. */
function watchPaint(stands: string): void {
  const watched = globalThis as Watched;
  const look = () => {
    if (watched.accordStands === undefined && document.querySelector(stands) !== null)
      watched.accordStands = performance.now();
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { element?: Element | null })[]) {
      const { element, startTime } = entry;
      const text = (element?.textContent ?? '').trim().slice(0, 24);
      watched.accordLcp = { time: startTime, element: `${element?.localName ?? 'gone'} “${text}”` };
    }
  }).observe({ type: 'largest-contentful-paint', buffered: true });
}

/** Later content than this after the page stands would show as a higher LCP: so long it is waited for, ms. */
const settleMs = 700;

/**
 * Opens `path` with nothing kept: no HTTP cache, no service worker, none of its caches. What the person has
 * (cookies, IndexedDB) stays. `stands` is a selector of what the page is opened for.
 */
export async function coldLoad(
  context: BrowserContext,
  origin: string,
  { path, stands }: { readonly path: string; readonly stands: string },
  viewport: { readonly width: number; readonly height: number },
): Promise<Load> {
  const page = await context.newPage();
  try {
    await page.setViewportSize(viewport);
    await page.addInitScript(watchPaint, stands);
    const cdp = await context.newCDPSession(page);
    await cdp.send('Network.clearBrowserCache');
    await cdp.send('Storage.clearDataForOrigin', { origin, storageTypes: 'service_workers,cache_storage' });
    await page.goto(`${origin}${path}`);
    await page.locator(stands).first().waitFor();
    await page.waitForTimeout(settleMs);
    return await readPaint(page);
  } finally {
    await page.close();
  }
}

const readPaint = (page: Page): Promise<Load> =>
  page.evaluate(() => {
    const { accordLcp, accordStands } = globalThis as Watched;
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    const fcp = performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
    if (
      accordLcp === undefined ||
      accordStands === undefined ||
      fcp === undefined ||
      navigation === undefined
    )
      throw new Error('nothing was painted');
    return {
      ttfb: navigation.responseStart,
      fcp,
      lcp: accordLcp.time,
      stands: accordStands,
      element: accordLcp.element,
    };
  });
