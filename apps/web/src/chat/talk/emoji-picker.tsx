import { useDeferredValue, useId, useRef, useState } from 'react';
import { Field, type Icon, IconButton, moveFocus } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import styles from './emoji-picker.module.css';
import { findEmojis } from './emoji-set.ts';

interface EmojiPickerProps {
  readonly label: string;
  readonly icon: Icon;
  readonly onPick: (emoji: string) => void;
}

/** A button that opens our small set of emoji, with a search in words. */
export function EmojiPicker({ label, icon, onPick }: EmojiPickerProps) {
  const id = useId();
  const panel = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton
        icon={icon}
        label={label}
        popoverTarget={id}
        aria-haspopup="dialog"
        onClick={(event) => placeAbove(event.currentTarget, panel.current)}
      />
      <div
        ref={panel}
        id={id}
        popover="auto"
        role="dialog"
        aria-label={label}
        className={styles.panel}
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        {open && (
          <EmojiGrid
            onPick={(emoji) => {
              panel.current?.hidePopover();
              onPick(emoji);
            }}
          />
        )}
      </div>
    </>
  );
}

/** The emoji that the words find; arrows move among them. */
export function EmojiGrid({ onPick }: { readonly onPick: (emoji: string) => void }) {
  const t = useMessages().talk.emoji;
  const [words, setWords] = useState('');
  const found = findEmojis(useDeferredValue(words));
  return (
    <>
      <Field
        label={t.search}
        hideLabel
        type="search"
        autoFocus
        placeholder={t.search}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={(event) => {
          const [first] = found;
          if (event.key === 'Enter' && first !== undefined) {
            event.preventDefault();
            onPick(first.emoji);
          }
        }}
      />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms; these are buttons */}
      <div
        className={styles.grid}
        role="group"
        aria-label={t.title}
        onKeyDown={(event) => moveFocus(event, 'button', 'horizontal')}
      >
        {found.map(({ emoji, words: names }) => (
          <button
            key={emoji}
            type="button"
            className={styles.emoji}
            aria-label={`${emoji} ${names.split(' ')[0]}`}
            onClick={() => onPick(emoji)}
          >
            {emoji}
          </button>
        ))}
      </div>
      <p role="status" className={styles.none}>
        {found.length === 0 ? t.none : ''}
      </p>
    </>
  );
}

/** Over its button, inside the window. */
export function placeAbove(anchor: HTMLElement, panel: HTMLElement | null): void {
  if (panel === null) return;
  const at = anchor.getBoundingClientRect();
  const { style } = panel;
  const above = at.top > 300;
  style.inset = 'auto';
  if (above) style.bottom = `${window.innerHeight - at.top + 6}px`;
  else style.top = `${Math.min(at.bottom + 6, window.innerHeight - 200)}px`;
  if (at.left + at.width / 2 > window.innerWidth / 2)
    style.right = `${Math.max(8, window.innerWidth - at.right)}px`;
  else style.left = `${Math.max(8, at.left)}px`;
}
