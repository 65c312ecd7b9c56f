/** What scrolls: the members' frame has a scroller of its own between its bars, other pages are the document. */
export function scroller(): Element {
  return document.querySelector('[data-scroller]') ?? document.documentElement;
}
