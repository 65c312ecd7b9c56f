import { lazy, memo, Suspense } from 'react';
import { classes, MoreIcon } from '../../design/index.ts';
import { useLanguage } from '../../messages/index.ts';
import type { Entry, MessageEntry } from '../engine/api.ts';
import type { PictureActions } from '../pictures/bubble.tsx';
import { timeInWords } from '../time.ts';
import styles from './bubble.module.css';
import { StateIcon } from './state-icon.tsx';
import { inWords, noteInWords } from './words.ts';

/** Pictures come with what checks them: only who has one fetches it. */
const PictureBubble = lazy(() => import('../pictures/bubble.tsx'));

/** What a person can do with a message, besides reading it. */
export interface BubbleActions extends PictureActions {
  readonly menu: (entry: MessageEntry, anchor: HTMLElement) => void;
  readonly react: (entry: MessageEntry, emoji: string | null) => void;
  readonly retry: (entry: MessageEntry) => void;
  readonly history: (entry: MessageEntry) => void;
  readonly jump: (id: string) => void;
}

interface BubbleProps {
  readonly conversationId: string;
  readonly entry: MessageEntry;
  readonly name: string;
  readonly follows: boolean;
  readonly lit: boolean;
  /** What the quoted message says now, where it is loaded. */
  readonly quoted: Entry | undefined;
  readonly actions: BubbleActions;
}

/** One message. */
export const Bubble = memo(function Bubble(props: BubbleProps) {
  const { conversationId, entry, name, follows, lit, quoted, actions } = props;
  const { messages } = useLanguage();
  const t = messages.talk;
  const { mine, kind } = entry;
  const text =
    kind === 'deleted' ? (mine ? t.deletedMine : t.deleted) : kind === 'newer' ? t.newer : (entry.text ?? '');
  const shape = [
    styles.line,
    mine ? styles.mine : styles.theirs,
    follows && styles.follows,
    lit && styles.lit,
  ];
  return (
    <div className={classes(...shape)}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a long press is a short cut; the button does the same */}
      <div
        className={classes(styles.bubble, kind !== 'text' && kind !== 'picture' && styles.quiet)}
        onContextMenu={(event) => {
          // A selection wants the browser's own menu.
          if (getSelection()?.isCollapsed === false) return;
          event.preventDefault();
          actions.menu(entry, event.currentTarget);
        }}
      >
        {entry.firstLine && <span className={styles.first}>{t.firstLine}</span>}
        {entry.replyTo !== null && <Quoted entry={entry} name={name} quoted={quoted} actions={actions} />}
        {kind === 'picture' ? (
          <Suspense fallback={null}>
            <PictureBubble conversationId={conversationId} entry={entry} name={name} actions={actions} />
          </Suspense>
        ) : (
          <p className={styles.text} dir="auto">
            {text}
          </p>
        )}
        <Meta entry={entry} actions={actions} />
      </div>
      {(kind === 'text' || kind === 'picture') && (
        <button
          type="button"
          tabIndex={-1}
          className={styles.more}
          aria-label={t.menu.label}
          title={t.menu.open}
          onClick={(event) => actions.menu(entry, event.currentTarget)}
        >
          <MoreIcon size={18} />
        </button>
      )}
      {entry.reactions.length > 0 && <Reactions entry={entry} actions={actions} />}
    </div>
  );
});

function Meta({ entry, actions }: Pick<BubbleProps, 'entry' | 'actions'>) {
  const { messages, language } = useLanguage();
  const t = messages.talk;
  const { at, editedAt, expiresAt, mine, state, failure } = entry;
  return (
    <span className={styles.meta}>
      {editedAt !== null && (
        <button
          type="button"
          className={styles.edited}
          aria-label={t.editedLabel}
          onClick={() => actions.history(entry)}
        >
          {t.edited}
        </button>
      )}
      {expiresAt !== null && (
        <span
          className={styles.vanishes}
          role="img"
          aria-label={t.vanishes(inWords(expiresAt, Date.now(), language))}
        >
          ◔
        </span>
      )}
      <time dateTime={new Date(at).toISOString()}>{timeInWords(at, language)}</time>
      {mine && entry.kind !== 'deleted' && <StateIcon state={state} />}
      {state === 'failed' && entry.kind !== 'picture' && (
        <>
          <span className={styles.why}>{messages.errors[failure ?? 'internal']}</span>
          <button type="button" className={styles.retry} onClick={() => actions.retry(entry)}>
            {t.tryAgain}
          </button>
        </>
      )}
    </span>
  );
}

function Quoted({
  entry,
  name,
  quoted,
  actions,
}: Pick<BubbleProps, 'entry' | 'name' | 'quoted' | 'actions'>) {
  const { talk: t, pictures } = useLanguage().messages;
  const { replyTo } = entry;
  if (replyTo === null) return null;
  const now = quoted?.type === 'message' ? quoted : null;
  const text = now === null ? replyTo.text : now.text;
  return (
    <button type="button" className={styles.quote} onClick={() => actions.jump(replyTo.id)}>
      <span className={styles.who}>{(now?.mine ?? replyTo.mine) ? t.you : name}</span>
      <span className={styles.quoted} dir="auto">
        {text ??
          (now?.kind === 'deleted'
            ? t.deleted
            : now?.kind === 'picture'
              ? pictures.bubble.label
              : t.quoteGone)}
      </span>
    </button>
  );
}

function Reactions({ entry, actions }: Pick<BubbleProps, 'entry' | 'actions'>) {
  const t = useLanguage().messages.talk;
  const counts = new Map<string, { count: number; mine: boolean }>();
  for (const { emoji, mine } of entry.reactions) {
    const before = counts.get(emoji) ?? { count: 0, mine: false };
    counts.set(emoji, { count: before.count + 1, mine: before.mine || mine });
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms; these are a few buttons
    <span className={styles.reactions} role="group" aria-label={t.showsReactions}>
      {[...counts].map(([emoji, { count, mine }]) => (
        <button
          key={emoji}
          type="button"
          className={classes(styles.reaction, mine && styles.own)}
          aria-label={mine ? t.removeReaction(emoji) : t.addReaction(emoji)}
          aria-pressed={mine}
          onClick={() => actions.react(entry, mine ? null : emoji)}
        >
          {emoji}
          {count > 1 && <span className={styles.times}>{count}</span>}
        </button>
      ))}
    </span>
  );
}

/** A line of the system. */
export function NoteLine({
  entry,
  name,
}: {
  readonly entry: Extract<Entry, { type: 'note' }>;
  readonly name: string;
}) {
  const t = useLanguage().messages.talk;
  const serious = entry.note.kind === 'identity-changed';
  return (
    <p className={classes(styles.note, serious && styles.serious)}>{noteInWords(entry.note, name, t)}</p>
  );
}
