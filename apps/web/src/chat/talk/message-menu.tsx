import { type Ref, useId, useImperativeHandle, useRef, useState } from 'react';
import {
  CopyIcon,
  classes,
  EditIcon,
  FlagIcon,
  MenuItem,
  menuPanel,
  moveFocus,
  PlusIcon,
  ReplyIcon,
  TrashIcon,
} from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import type { MessageEntry } from '../engine/api.ts';
import { EmojiGrid, placeAbove } from './emoji-picker.tsx';
import { quickReactions } from './emoji-set.ts';
import styles from './message-menu.module.css';

export interface MessageMenuHandle {
  readonly open: (entry: MessageEntry, anchor: HTMLElement) => void;
}

export interface MessageMenuActions {
  readonly reply: (entry: MessageEntry) => void;
  readonly react: (entry: MessageEntry, emoji: string | null) => void;
  readonly copy: (entry: MessageEntry) => void;
  readonly edit: (entry: MessageEntry) => void;
  readonly remove: (entry: MessageEntry) => void;
  readonly report: (entry: MessageEntry) => void;
}

interface MessageMenuProps {
  readonly ref: Ref<MessageMenuHandle>;
  /** Nothing can be said any more. */
  readonly closed: boolean;
  readonly actions: MessageMenuActions;
}

/** One menu for all messages: reactions in a row, then what else can be done. */
export function MessageMenu({ ref, closed, actions }: MessageMenuProps) {
  const t = useMessages().talk;
  const id = useId();
  const panel = useRef<HTMLDivElement>(null);
  const anchor = useRef<HTMLElement | null>(null);
  const [entry, setEntry] = useState<MessageEntry | null>(null);
  const [picking, setPicking] = useState(false);
  useImperativeHandle(ref, () => ({
    open(next, at) {
      anchor.current = at;
      setEntry(next);
      setPicking(false);
      placeAbove(at, panel.current);
      panel.current?.showPopover();
    },
  }));
  const close = () => {
    panel.current?.hidePopover();
    const back = anchor.current?.closest('article') ?? anchor.current;
    back?.focus({ preventScroll: true });
  };
  const choose = (work: (entry: MessageEntry) => void) => () => {
    if (entry === null) return;
    close();
    work(entry);
  };
  const own = entry?.reactions.find(({ mine }) => mine)?.emoji;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it has one of two roles, by what it shows
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles take a name
    <div
      ref={panel}
      id={id}
      popover="auto"
      role={picking ? 'dialog' : 'menu'}
      tabIndex={-1}
      aria-label={t.menu.label}
      className={classes(menuPanel, styles.panel)}
      onToggle={(event) => {
        if (event.newState === 'open') panel.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
        else setEntry(null);
      }}
      onKeyDown={(event) => {
        if (picking) return;
        if (event.key === 'Tab') {
          event.preventDefault();
          close();
        } else if (!moveFocus(event, '[role=menuitem]', 'vertical'))
          moveFocus(event, '[role=menuitem]', 'horizontal');
      }}
    >
      {entry !== null && picking && (
        <EmojiGrid onPick={(emoji) => choose((each) => actions.react(each, emoji))()} />
      )}
      {entry !== null && !picking && (
        <>
          {!closed && (
            <div className={styles.quick} role="none">
              {quickReactions.map((emoji) => (
                <button
                  key={emoji}
                  type="button"
                  role="menuitem"
                  tabIndex={-1}
                  className={classes(styles.emoji, emoji === own && styles.own)}
                  aria-label={emoji === own ? t.removeReaction(emoji) : t.addReaction(emoji)}
                  onClick={choose((each) => actions.react(each, emoji === own ? null : emoji))}
                >
                  {emoji}
                </button>
              ))}
              <button
                type="button"
                role="menuitem"
                tabIndex={-1}
                className={styles.emoji}
                aria-label={t.menu.react}
                onClick={() => setPicking(true)}
              >
                <PlusIcon size={20} />
              </button>
            </div>
          )}
          {!closed && <MenuItem icon={ReplyIcon} label={t.menu.reply} onSelect={choose(actions.reply)} />}
          {entry.kind === 'text' && (
            <MenuItem icon={CopyIcon} label={t.menu.copy} onSelect={choose(actions.copy)} />
          )}
          {!closed && entry.mine && entry.kind === 'text' && (
            <MenuItem icon={EditIcon} label={t.menu.edit} onSelect={choose(actions.edit)} />
          )}
          {!closed && entry.mine && (
            <MenuItem icon={TrashIcon} label={t.menu.remove} danger onSelect={choose(actions.remove)} />
          )}
          {!entry.mine && (
            <MenuItem icon={FlagIcon} label={t.menu.report} danger onSelect={choose(actions.report)} />
          )}
        </>
      )}
    </div>
  );
}
