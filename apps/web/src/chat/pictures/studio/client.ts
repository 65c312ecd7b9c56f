import { scriptAddress } from '../../../trusted.ts';
import type { Edits, Size } from './edits.ts';
import workerAddress from './studio-worker.ts?worker&url';
import type {
  AskedHashes,
  Canonical,
  Drawn,
  StudioAnswer,
  StudioCall,
  StudioCode,
  StudioReady,
} from './types.ts';

/** Something that the studio could not do, by its code. */
export class StudioError extends Error {
  override readonly name = 'StudioError';
  readonly code: StudioCode;

  constructor(code: StudioCode) {
    super(code);
    this.code = code;
  }
}

/** A picture that is being prepared: its size, a preview to draw, and the way to its canonical form. */
export interface OpenPicture extends Size {
  readonly preview: ImageBitmap;
  readonly finish: (edits: Edits) => Promise<Canonical>;
  readonly close: () => void;
}

export interface Studio {
  /** @throws {StudioError} */
  readonly open: (file: Blob) => Promise<OpenPicture>;
  /** Draws canonical bytes and hashes the very pixels; with what the matching service is asked about. @throws {StudioError} */
  readonly draw: (bytes: Uint8Array<ArrayBuffer>, asked?: boolean) => Promise<Drawn>;
  /** What the matching service is asked with about these bytes. @throws {StudioError} */
  readonly ask: (bytes: Uint8Array<ArrayBuffer>) => Promise<AskedHashes>;
}

type Without<T> = T extends { readonly id: string } ? Omit<T, 'id'> : never;

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: StudioError) => void;
}

/**
 * A decoder that is stuck in a hostile picture is ended and started anew after this long at work, in ms: longer than the slowest phone
 * takes for an honest one, as nothing else waits for it.
 */
const patience = 120_000;

let running: Studio | null = null;

/** The tab's studio; its worker and the hashing module are fetched when the first picture needs them. */
export function studio(): Studio {
  running ??= startStudio();
  return running;
}

function startStudio(): Studio {
  const waiting = new Map<string, Waiting>();
  let worker: Worker | null = null;
  /** Resolves once the worker is fetched and at work; over a slow network that alone may take minutes. */
  let ready = Promise.withResolvers<void>();

  function stop(code: StudioCode): void {
    worker?.terminate();
    worker = null;
    ready = Promise.withResolvers();
    for (const { reject } of waiting.values()) reject(new StudioError(code));
    waiting.clear();
  }

  function start(): Worker {
    const made = new Worker(scriptAddress(workerAddress), { type: 'module', name: 'accord-studio' });
    let there = false;
    made.addEventListener('message', ({ data }: MessageEvent<StudioAnswer | StudioReady>) => {
      if (!('id' in data)) {
        there = true;
        ready.resolve();
        return;
      }
      const asked = waiting.get(data.id);
      waiting.delete(data.id);
      if ('code' in data) asked?.reject(new StudioError(data.code));
      else asked?.resolve(data.value as never);
    });
    made.addEventListener('error', () => stop(there ? 'picture_unreadable' : 'studio_away'));
    return made;
  }

  function ask<T>(call: Without<StudioCall>, id: string = crypto.randomUUID()): Promise<T> {
    worker ??= start();
    const to = worker;
    return new Promise<T>((resolve, reject) => {
      let settled = false;
      let timer: ReturnType<typeof setTimeout> | undefined;
      void ready.promise.then(() => {
        if (!settled) timer = setTimeout(() => stop('picture_timeout'), patience);
      });
      const settle =
        <V>(then: (value: V) => void) =>
        (value: V) => {
          settled = true;
          clearTimeout(timer);
          then(value);
        };
      waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
      to.postMessage({ ...call, id } as StudioCall);
    });
  }

  return {
    async open(file) {
      const source = crypto.randomUUID();
      const opened = await ask<Size & { preview: ImageBitmap }>({ kind: 'open', file }, source);
      return {
        ...opened,
        finish: (edits) => ask({ kind: 'finish', source, edits }),
        close: () => {
          opened.preview.close();
          void ask({ kind: 'close', source }).catch(() => undefined);
        },
      };
    },
    draw: (bytes, asked = false) => ask({ kind: 'draw', bytes, asked }),
    ask: (bytes) => ask({ kind: 'ask', bytes }),
  };
}
