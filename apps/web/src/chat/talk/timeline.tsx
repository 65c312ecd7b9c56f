import {
  type KeyboardEvent,
  memo,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { ForwardIcon, Hidden } from '../../design/index.ts';
import { useLanguage } from '../../messages/index.ts';
import type { Entry, MessageEntry } from '../engine/api.ts';
import { timeInWords } from '../time.ts';
import { Bubble, type BubbleActions, NoteLine } from './bubble.tsx';
import { type Entries, noRows, type Row, type Rows, rowsOf } from './entries.ts';
import styles from './timeline.module.css';
import { dayName } from './words.ts';

export interface TimelineHandle {
  /** Scrolls to a loaded message and lights it up; false where it is not loaded. */
  readonly show: (id: string) => boolean;
  readonly toEnd: () => void;
}

interface TimelineProps {
  readonly ref: Ref<TimelineHandle>;
  readonly conversationId: string;
  readonly name: string;
  readonly entries: Entries;
  /** How many stand before them on this device and are not loaded. */
  readonly before: number;
  readonly earlier: boolean;
  readonly shifted: boolean;
  readonly firstUnread: string | null;
  readonly actions: BubbleActions;
  readonly onStart: () => void;
  /** Told when the newest message is, or is no longer, in view. */
  readonly onEnd: (atEnd: boolean) => void;
}

/** Within so many pixels of the end, new messages keep the view at the end. */
const nearEnd = 64;
const nearStart = 600;
const litFor = 2_000;
/** The click of a finger follows its release within so many ms. */
const clickAfter = 100;

/** The messages, drawn only where they are seen; again only for a change of their own. */
export const TimelineView = memo(function TimelineView(props: TimelineProps) {
  const {
    ref,
    conversationId,
    name,
    entries,
    before,
    earlier,
    shifted,
    firstUnread,
    actions,
    onStart,
    onEnd,
  } = props;
  const t = useLanguage().messages.talk;
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const atEnd = useRef(true);
  const [lit, setLit] = useState<string | null>(null);
  const [away, setAway] = useState(false);
  const [active, setActive] = useState<string | null>(null);
  const drawn = useRef(noRows);
  const { rows } = useMemo(() => {
    drawn.current = rowsOf(entries, firstUnread, drawn.current);
    return drawn.current;
  }, [entries, firstUnread]);
  const focus = useRef<string | null>(null);

  const toEnd = useCallback(() => {
    list.current?.scrollToIndex(rows.length - 1, { align: 'end' });
  }, [rows.length]);

  const show = useCallback(
    (id: string) => {
      const index = rows.indexOf(id);
      if (index < 0) return false;
      list.current?.scrollToIndex(index, { align: 'center' });
      setLit(id);
      setActive(id);
      setTimeout(() => setLit((now) => (now === id ? null : now)), litFor);
      return true;
    },
    [rows],
  );
  useImperativeHandle(ref, () => ({ show, toEnd }), [show, toEnd]);

  const follow = useStillness(toEnd);
  // Asked at once: what grew while the list was held still has moved its end away.
  const stayAtEnd = useCallback(() => {
    if (atEnd.current) follow();
  }, [follow]);

  // The first view starts at what is new, else at the end; later ones stay at the end where they were there.
  const placed = useRef(false);
  useLayoutEffect(() => {
    if (rows.length === 0) return;
    if (placed.current) {
      stayAtEnd();
      return;
    }
    placed.current = true;
    const divider = rows.indexOf('new');
    if (divider < 0) toEnd();
    else list.current?.scrollToIndex(divider, { align: 'start' });
  }, [rows, toEnd, stayAtEnd]);

  const onScroll = useCallback(() => {
    const handle = list.current;
    if (handle === null) return;
    const left = handle.scrollSize - handle.scrollOffset - handle.viewportSize;
    const end = left < nearEnd;
    if (end !== atEnd.current) {
      atEnd.current = end;
      setAway(!end);
      onEnd(end);
    }
    if (earlier && handle.scrollOffset < nearStart) onStart();
  }, [earlier, onStart, onEnd]);

  useEffect(() => {
    const id = focus.current;
    if (id === null || id !== active) return;
    focus.current = null;
    requestAnimationFrame(() => document.getElementById(`message-${id}`)?.focus({ preventScroll: true }));
  }, [active]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const here = (event.target as HTMLElement).closest('article');
    if (here === null || here !== event.target) return;
    const at = rows.indexOf(here.id.slice('message-'.length));
    const next = {
      ArrowUp: entryRow(rows, at - 1, -1),
      ArrowDown: entryRow(rows, at + 1, 1),
      Home: entryRow(rows, 0, 1),
      End: entryRow(rows, rows.length - 1, -1),
    }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      const to = rows.at(next);
      if (next < 0 || to === undefined) return;
      focus.current = to.key;
      setActive(to.key);
      list.current?.scrollToIndex(next, { align: 'nearest' });
    } else if (event.key === 'Enter' || event.key === ' ' || event.key === 'ContextMenu') {
      const row = rows.at(at);
      const entry = row?.type === 'entry' ? row.entry : undefined;
      if (entry?.type !== 'message' || (entry.kind !== 'text' && entry.kind !== 'picture')) return;
      event.preventDefault();
      actions.menu(entry, here);
    }
  };

  // The list asks for rows by their places; an array of all of them would be copied for each message.
  const places = useMemo((): ArrayLike<unknown> => ({ length: rows.length }), [rows]);
  const last = rows.at(-1)?.key ?? null;
  const stop = active !== null && entries.indexOf(active) >= 0 ? active : last;
  const kept = stop === null ? -1 : rows.indexOf(stop);
  return (
    <div className={styles.frame}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the articles inside */}
      <div ref={scroller} className={styles.scroller} onKeyDown={onKeyDown}>
        <div role="log" aria-label={t.messagesLabel(name)} aria-live="off" className={styles.log}>
          {/* Few messages stand at the foot, beside the composer. */}
          <div className={styles.spacer} />
          <Virtualizer
            ref={list}
            scrollRef={scroller}
            shift={shifted}
            data={places}
            keepMounted={kept < 0 ? [] : [kept]}
            bufferSize={300}
            onScroll={onScroll}
            onScrollEnd={onScroll}
            onResize={stayAtEnd}
          >
            {(_, index) => {
              const row = rows.at(index) as Row;
              return (
                <RowView
                  key={row.key}
                  row={row}
                  conversationId={conversationId}
                  name={name}
                  before={before}
                  lit={row.key === lit}
                  stop={row.key === stop}
                  quoted={quotedBy(row, entries)}
                  actions={actions}
                  onFocus={setActive}
                />
              );
            }}
          </Virtualizer>
        </div>
      </div>
      <Announcer name={name} entries={entries} />
      {away && (
        <ToLatest
          entries={entries}
          onGo={() => {
            setActive(null);
            toEnd();
          }}
        />
      )}
    </div>
  );
});

/**
 * Puts `move` off while something is pressed: what moved away between the press and the release was pressed for nothing. Answers
 * the way to call it.
 */
function useStillness(move: () => void): () => void {
  const latest = useRef(move);
  latest.current = move;
  const pressed = useRef(false);
  const due = useRef(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Other buttons open menus of the system, which may keep the release to themselves.
    const onPress = ({ button }: PointerEvent) => {
      clearTimeout(timer);
      pressed.current = button === 0;
    };
    const onRelease = ({ type }: PointerEvent) => {
      clearTimeout(timer);
      // A finger that scrolls has its press cancelled, and leads the list itself.
      if (type === 'pointercancel') due.current = false;
      timer = setTimeout(() => {
        pressed.current = false;
        if (due.current) latest.current();
        due.current = false;
      }, clickAfter);
    };
    addEventListener('pointerdown', onPress, true);
    addEventListener('pointerup', onRelease, true);
    addEventListener('pointercancel', onRelease, true);
    return () => {
      clearTimeout(timer);
      removeEventListener('pointerdown', onPress, true);
      removeEventListener('pointerup', onRelease, true);
      removeEventListener('pointercancel', onRelease, true);
    };
  }, []);
  return useCallback(() => {
    if (pressed.current) due.current = true;
    else latest.current();
  }, []);
}

/** The place of the next row that is an entry's, from `at` on; -1 where none follows. */
function entryRow(rows: Rows['rows'], at: number, step: 1 | -1): number {
  for (let place = at; place >= 0 && place < rows.length; place += step) {
    if (rows.at(place)?.type === 'entry') return place;
  }
  return -1;
}

const quotedBy = (row: Row, entries: Entries): Entry | undefined =>
  row.type === 'entry' && row.entry.type === 'message' && row.entry.replyTo !== null
    ? entries.find(row.entry.replyTo.id)
    : undefined;

interface RowViewProps {
  readonly row: Row;
  readonly conversationId: string;
  readonly name: string;
  readonly before: number;
  readonly lit: boolean;
  /** The one that Tab stops at. */
  readonly stop: boolean;
  readonly quoted: Entry | undefined;
  readonly actions: BubbleActions;
  readonly onFocus: (id: string) => void;
}

const RowView = memo(function RowView(props: RowViewProps) {
  const { row, conversationId, name, before, lit, stop, quoted, actions, onFocus } = props;
  const { messages, language } = useLanguage();
  const t = messages.talk;
  if (row.type === 'day') return <p className={styles.day}>{dayName(row.at, Date.now(), language, t)}</p>;
  if (row.type === 'new')
    return (
      <p className={styles.new}>
        <span>{t.newMessages}</span>
      </p>
    );
  const { entry, index } = row;
  const author = entry.type === 'message' && entry.mine ? t.you : name;
  return (
    <article
      id={`message-${entry.id}`}
      className={styles.article}
      // A roving stop, so that the keyboard reaches every message.
      tabIndex={stop ? 0 : -1}
      aria-label={t.messageOf(author, timeInWords(entry.at, language))}
      // Said to be unknown: it grows with each message, and every article would be written again to tell.
      aria-setsize={-1}
      aria-posinset={before + index + 1}
      // Also where a button inside has it: the row stays, and the focus with it.
      onFocus={() => onFocus(entry.id)}
    >
      {entry.type === 'note' ? (
        <NoteLine entry={entry} name={name} />
      ) : (
        <Bubble
          conversationId={conversationId}
          entry={entry}
          name={name}
          follows={row.follows}
          lit={lit}
          quoted={quoted}
          actions={actions}
        />
      )}
    </article>
  );
});

/** Reads out what comes, and nothing that scrolling brings back. */
function Announcer({ name, entries }: { readonly name: string; readonly entries: Entries }) {
  const { pictures } = useLanguage().messages;
  const last = entries.findLast(
    (entry): entry is MessageEntry =>
      entry.type === 'message' && !entry.mine && (entry.kind === 'text' || entry.kind === 'picture'),
  );
  const first = useRef<string | undefined>(undefined);
  if (first.current === undefined && entries.length > 0) first.current = last?.id ?? '';
  const said =
    last === undefined || last.id === first.current ? '' : `${name}: ${last.text ?? pictures.bubble.label}`;
  return (
    <div aria-live="polite">
      <Hidden>{said}</Hidden>
    </div>
  );
}

function ToLatest({ entries, onGo }: { readonly entries: Entries; readonly onGo: () => void }) {
  const t = useLanguage().messages.talk;
  // By rank, not by count: earlier pages that are loaded meanwhile are nothing new.
  const [since] = useState(() => entries.at(-1)?.rank ?? '');
  let fresh = 0;
  for (let at = entries.length - 1; at >= 0; at -= 1) {
    const entry = entries.at(at);
    if (entry === undefined || entry.rank <= since) break;
    if (entry.type === 'message' && !entry.mine) fresh += 1;
  }
  return (
    <button type="button" className={styles.latest} onClick={onGo}>
      {fresh > 0 ? (
        <span className={styles.fresh}>{t.toLatestCount(fresh)}</span>
      ) : (
        <Hidden>{t.toLatest}</Hidden>
      )}
      <ForwardIcon size={20} />
    </button>
  );
}
