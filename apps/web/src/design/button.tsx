import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { Link } from 'wouter';
import styles from './button.module.css';
import { classes } from './classes.ts';
import type { Icon } from './icons.tsx';

type ButtonKind = 'primary' | 'soft' | 'plain' | 'danger';

interface Look {
  readonly kind?: ButtonKind;
  readonly icon?: Icon;
  /** Takes the whole width of its container. */
  readonly wide?: boolean;
  readonly small?: boolean;
  readonly children: ReactNode;
}

type ButtonProps = Look &
  Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> & {
    /** At work: cannot be pressed again, says so to a screen reader, keeps its focus. */
    readonly busy?: boolean;
    readonly ref?: Ref<HTMLButtonElement>;
  };

const look = ({ kind = 'primary', wide, small }: Omit<Look, 'children' | 'icon'>) =>
  classes(styles.button, styles[kind], wide && styles.wide, small && styles.small);

/** A button. It stays focusable while busy, so that the keyboard does not lose its place. */
export function Button({ kind, icon, wide, small, busy = false, children, onClick, ...rest }: ButtonProps) {
  const IconShape = icon;
  return (
    <button
      type="button"
      {...rest}
      className={classes(look({ kind, wide, small } as Look), rest.className)}
      aria-busy={busy || undefined}
      aria-disabled={busy || rest['aria-disabled'] || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy ? <span className={styles.spinner} /> : IconShape && <IconShape size={20} />}
      <span>{children}</span>
    </button>
  );
}

/** A link that looks like a button, for going somewhere. */
export function ButtonLink({ href, kind, icon, wide, small, children }: Look & { readonly href: string }) {
  const IconShape = icon;
  return (
    <Link href={href} className={look({ kind, wide, small } as Look)}>
      {IconShape && <IconShape size={20} />}
      <span>{children}</span>
    </Link>
  );
}

type IconButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> & {
  readonly icon: Icon;
  /** What it does, for those who do not see the icon; also its tooltip. */
  readonly label: string;
  readonly ref?: Ref<HTMLButtonElement>;
  /** Leaves for the neutral page: `first.js` hears it. */
  readonly 'data-leave'?: boolean;
};

/** A square button with an icon and a name. */
export function IconButton({ icon: IconShape, label, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={classes(styles.icon, rest.className)}
    >
      <IconShape size={22} />
    </button>
  );
}
