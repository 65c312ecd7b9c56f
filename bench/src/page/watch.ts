/** One message as it came onto the screen; milliseconds of one clock. */
export interface Seen {
  readonly kind: 'event' | 'key' | 'tap';
  /** The engine's event reached the page, a key went down, a link was pressed. */
  readonly start: number;
  /** It is in the document, laid out by the list. */
  readonly commit: number;
  /** The frame that shows it began … */
  readonly frame: number;
  /** … and was handed over. */
  readonly painted: number;
}

export interface Watched {
  accordSeen?: Seen[];
  /** Set to have the next `article` that appears counted from the press before it. */
  accordAwait?: 'key' | 'tap' | null;
}

/**
 * Runs in the page before its scripts. Hears the worker's messages before the page does, and sees each article
 * that the list draws; a frame is over when a task posted from within it runs.
 */
export function watchTimeline(): void {
  const watched = globalThis as Watched;
  const seen: Seen[] = [];
  watched.accordSeen = seen;
  const begun = new Map<string, number>();
  let pressed = 0;

  const Native = Worker;
  globalThis.Worker = class extends Native {
    constructor(address: string | URL, options?: WorkerOptions) {
      super(address, options);
      this.addEventListener('message', ({ data }: MessageEvent) => {
        if (data?.type !== 'event' || data.event?.type !== 'timeline') return;
        for (const entry of data.event.entries)
          if (entry.type === 'message' && !entry.mine && !begun.has(entry.id))
            begun.set(entry.id, performance.now());
      });
    }
  };

  function follow(kind: Seen['kind'], start: number): void {
    const commit = performance.now();
    requestAnimationFrame(() => {
      const frame = performance.now();
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        seen.push({ kind, start, commit, frame, painted: performance.now() });
      };
      port2.postMessage(null);
    });
  }

  function appeared(id: string): void {
    const start = begun.get(id);
    if (start !== undefined) {
      begun.delete(id);
      follow('event', start);
    } else if (pressed > 0 && watched.accordAwait) {
      follow(watched.accordAwait, pressed);
      watched.accordAwait = null;
      pressed = 0;
    }
  }

  const press = (event: Event) => {
    if (event instanceof KeyboardEvent && event.key !== 'Enter') return;
    pressed = event.timeStamp;
  };
  addEventListener('keydown', press, { capture: true });
  addEventListener('pointerdown', press, { capture: true });
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue;
        const own = node.matches('article') ? [node] : [];
        for (const { id } of [...own, ...node.querySelectorAll('article')])
          if (id.startsWith('message-')) appeared(id.slice('message-'.length));
      }
  }).observe(document, { childList: true, subtree: true });
}
