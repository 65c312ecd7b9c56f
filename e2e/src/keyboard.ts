import type { Page } from 'playwright-core';

/** Where one Tab led: the place of a stop, and whether one sees that it has the focus. */
interface Step {
  readonly place: number;
  readonly name: string;
  readonly seen: boolean;
}

interface Walked extends Window {
  accordStops?: HTMLElement[];
  /** What was seen since it was last taken; there once the walk is watched. */
  accordSteps?: Step[];
}

/** Runs in the page: what a person with a pointer could use, one of each group that the arrow keys walk. */
function markStops(): number {
  const walked = window as Walked;
  const usable =
    'a[href], button:not(:disabled), input:not(:disabled, [type=hidden]), select:not(:disabled), textarea:not(:disabled), summary, [tabindex="0"]';
  // A modal dialog holds the keyboard, and nothing behind it can be used.
  const top = document.querySelector('dialog:modal') ?? document;
  const groups = new Set<string>();
  walked.accordStops = [...top.querySelectorAll<HTMLElement>(usable)].filter((element) => {
    if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('[inert]') !== null)
      return false;
    const { width, height } = element.getBoundingClientRect();
    if (width === 0 || height === 0) return false;
    if (element instanceof HTMLInputElement && element.type === 'radio') {
      const group = `${element.form?.id}/${element.name}`;
      if (groups.has(group)) return false;
      groups.add(group);
      return true;
    }
    // Of a list of messages, a menu and the like, one can be reached and the arrows walk the others.
    return element.tabIndex >= 0;
  });
  return walked.accordStops.length;
}

/** Runs in the page, once a document: notes at the end of each Tab which stop has the focus, and whether one sees that. */
function watchTabs(): void {
  const walked = window as Walked;
  if (walked.accordSteps !== undefined) return;
  walked.accordSteps = [];
  const look = (): Step => {
    const { accordStops = [] } = walked;
    const element = document.activeElement as HTMLElement;
    const sameGroup = (other: Element) =>
      element instanceof HTMLInputElement &&
      element.type === 'radio' &&
      other instanceof HTMLInputElement &&
      other.type === 'radio' &&
      other.name === element.name &&
      other.form === element.form;
    const place = accordStops.findIndex((stop) => stop === element || sameGroup(stop));
    // A field may show it on the frame around it, a hidden box on the label that stands for it.
    const label = element instanceof HTMLInputElement ? element.labels?.[0] : undefined;
    const around = [
      element,
      element.parentElement,
      element.nextElementSibling,
      label,
      label?.firstElementChild,
    ];
    const seen = around.some((each) => {
      if (each == null) return false;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
      return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
    });
    const name = element.getAttribute('aria-label') ?? (element.innerText || element.id || element.tagName);
    return { place, name: name.trim().slice(0, 40), seen };
  };
  addEventListener('keyup', ({ key }) => key === 'Tab' && walked.accordSteps?.push(look()), {
    capture: true,
  });
}

const takeSteps = (): Step[] => (window as Walked).accordSteps?.splice(0) ?? [];

const describeStop = (place: number): string => {
  const element = (window as Walked).accordStops?.[place];
  return (element?.getAttribute('aria-label') ?? (element?.innerText || element?.outerHTML || ''))
    .trim()
    .slice(0, 80);
};

/** Walks a page by Tab alone: what can't be reached, and where the focus can't be seen. Empty when all is well. */
export async function keyboardFaults(page: Page): Promise<string[]> {
  const expected = await page.evaluate(markStops);
  await page.evaluate(watchTabs);
  const reached = new Set<number>();
  const faults = new Set<string>();
  const most = 2 * expected + 4;
  for (let presses = 0; presses < most && reached.size < expected; ) {
    const next = Math.min(most - presses, expected - reached.size);
    for (let press = 0; press < next; press += 1) await page.keyboard.press('Tab');
    presses += next;
    for (const { place, name, seen } of await page.evaluate(takeSteps)) {
      if (place < 0) continue;
      reached.add(place);
      if (!seen) faults.add(`the focus is not seen on “${name}”`);
    }
  }
  for (let place = 0; place < expected; place += 1) {
    if (!reached.has(place)) faults.add(`Tab never reaches “${await page.evaluate(describeStop, place)}”`);
  }
  return [...faults];
}
