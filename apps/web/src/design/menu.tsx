import { useId, useRef } from 'react';
import { IconButton } from './button.tsx';
import { classes } from './classes.ts';
import { type Icon, MoreIcon } from './icons.tsx';
import styles from './menu.module.css';
import { moveFocus } from './roving.ts';

interface MenuItemProps {
  readonly label: string;
  readonly icon?: Icon;
  readonly danger?: boolean;
  readonly onSelect: () => void;
}

/** How every menu looks. */
export const menuPanel = styles.panel;

/** One action of a menu; the arrows reach it. */
export function MenuItem({ label, icon: Shape, danger, onSelect }: MenuItemProps) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={classes(styles.item, danger && styles.danger)}
      onClick={onSelect}
    >
      {Shape && <Shape size={20} />}
      {label}
    </button>
  );
}

interface MenuProps {
  readonly label: string;
  readonly items: readonly MenuItemProps[];
  readonly icon?: Icon;
}

/** A button that opens a list of actions, on the native popover: Esc and a click elsewhere close it. */
export function Menu({ label, items, icon = MoreIcon }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const close = () => {
    menu.current?.hidePopover();
    button.current?.focus();
  };
  return (
    <>
      <IconButton
        ref={button}
        icon={icon}
        label={label}
        popoverTarget={id}
        aria-haspopup="menu"
        onClick={(event) => place(event.currentTarget, menu.current)}
      />
      <div
        ref={menu}
        id={id}
        popover="auto"
        role="menu"
        tabIndex={-1}
        aria-label={label}
        className={classes(styles.panel, styles.menu)}
        onToggle={(event) => {
          const open = event.newState === 'open';
          button.current?.setAttribute('aria-expanded', String(open));
          if (open) menu.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Tab') close();
          else moveFocus(event, '[role=menuitem]', 'vertical');
        }}
      >
        {items.map((item) => (
          <MenuItem
            key={item.label}
            {...item}
            onSelect={() => {
              close();
              item.onSelect();
            }}
          />
        ))}
      </div>
    </>
  );
}

/** Puts the menu under its button, on the side that has room. The style object is not inline markup: CSP allows it. */
function place(button: HTMLElement, menu: HTMLElement | null): void {
  if (menu === null) return;
  const at = button.getBoundingClientRect();
  const below = window.innerHeight - at.bottom;
  const { style } = menu;
  style.insetBlock = below > 260 ? `${at.bottom + 4}px auto` : `auto ${window.innerHeight - at.top + 4}px`;
  const end = Math.max(8, window.innerWidth - at.right);
  if (at.left > window.innerWidth / 2) {
    style.left = 'auto';
    style.right = `${end}px`;
  } else {
    style.right = 'auto';
    style.left = `${Math.max(8, at.left)}px`;
  }
}
