import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Anchor } from '@accord/age-proof';
import { nodePrimitives } from '@accord/age-proof/node';
import { anchorsOf, type Pin, pinName, readPin } from '@accord/age-proof/trust';

const dayMs = 86_400_000;
/** Milliseconds for which the file is not looked at again. */
const lookEveryMs = 10_000;

/** What is known of the list of trusted issuers. `until` (ms): when its next edition is due. */
type ListState =
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'current' | 'overdue' | 'over'; readonly until: number; readonly authorities: number };

/** The list of trusted issuers as `accord age trust import` pinned it: this file alone, never the network. */
export interface TrustedList {
  /** The anchors that hold at `now` (ms): none without a list, or with one that is overdue beyond its grace. */
  anchors(now: number): Promise<readonly Anchor[]>;
  state(now: number): Promise<ListState>;
}

interface Look {
  /** What the file was then; another one is read without a restart. */
  readonly mark: string;
  readonly pin: Pin | 'missing' | 'unreadable';
  readonly anchors: readonly Anchor[];
}

/** Reads the pinned list of a data folder, and again when the file has changed. */
export function openTrustedList(folder: string, graceDays: number): TrustedList {
  const path = join(folder, pinName);
  const graceMs = graceDays * dayMs;
  let known: Look | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;

  const look = async (now: number): Promise<Look> => {
    if (known !== undefined && Math.abs(now - lookedAt) < lookEveryMs) return known;
    const mark = await markOf(path);
    // One that could not be read may be whole by now, under the same mark.
    if (known?.mark !== mark || known.pin === 'unreadable') known = await readList(path, mark);
    lookedAt = now;
    return known;
  };
  return {
    async anchors(now) {
      const { pin, anchors } = await look(now);
      return typeof pin !== 'string' && now <= pin.nextUpdate + graceMs ? anchors : [];
    },
    async state(now) {
      const { pin, anchors } = await look(now);
      if (pin === 'missing') return { kind: 'missing' };
      if (pin === 'unreadable') return { kind: 'unreadable' };
      const kind = now <= pin.nextUpdate ? 'current' : now <= pin.nextUpdate + graceMs ? 'overdue' : 'over';
      return { kind, until: pin.nextUpdate, authorities: anchors.length };
    },
  };
}

async function markOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return 'missing';
  }
}

async function readList(path: string, mark: string): Promise<Look> {
  if (mark === 'missing') return { mark, pin: 'missing', anchors: [] };
  const text = await readFile(path, 'utf8').catch(() => '');
  const read = await readPin(text);
  if (!read.ok) return { mark, pin: 'unreadable', anchors: [] };
  // Whether it still holds is asked at each proof; here it is only read.
  const made = await anchorsOf(read.pin, read.pin.issuedAt, 0, nodePrimitives);
  return made.ok ? { mark, pin: read.pin, anchors: made.anchors } : { mark, pin: 'unreadable', anchors: [] };
}
