import type { ReactNode } from 'react';
import { useMessages } from '../messages/index.ts';
import { sentenceOf } from '../messages/sentence.ts';
import { Button } from './button.tsx';
import { classes } from './classes.ts';
import { type Icon, InfoIcon, OfflineIcon, WarnIcon } from './icons.tsx';
import styles from './states.module.css';

interface EmptyProps {
  readonly icon: Icon;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** Nothing here yet: why, and what to do about it. */
export function EmptyState({ icon: IconShape, title, children, action }: EmptyProps) {
  return (
    <div className={styles.state}>
      <span className={styles.badge}>
        <IconShape size={30} />
      </span>
      <h2 className={styles.title}>{title}</h2>
      {children && <div className={styles.words}>{children}</div>}
      {action}
    </div>
  );
}

/** Something failed: what, and trying again. */
export function ErrorState({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const t = useMessages();
  const offline = (error as { code?: unknown } | null)?.code === 'offline';
  const IconShape = offline ? OfflineIcon : WarnIcon;
  return (
    <div className={styles.state} role="alert">
      <span className={styles.badge}>
        <IconShape size={30} />
      </span>
      <h2 className={styles.title}>{offline ? t.common.offlineTitle : t.common.failedTitle}</h2>
      <p className={styles.words}>{sentenceOf(error, t)}</p>
      {onRetry && (
        <Button kind="soft" onClick={onRetry}>
          {t.common.retry}
        </Button>
      )}
    </div>
  );
}

interface BannerProps {
  readonly kind?: 'info' | 'good' | 'warn' | 'bad';
  readonly icon?: Icon;
  readonly title?: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
  /** Read out when it appears. */
  readonly live?: boolean;
}

/** A remark beside the content, never over it. */
export function Banner({ kind = 'info', icon, title, children, action, live }: BannerProps) {
  const IconShape = icon ?? (kind === 'warn' || kind === 'bad' ? WarnIcon : InfoIcon);
  return (
    <div className={classes(styles.banner, styles[kind])} role={live ? 'status' : undefined}>
      <IconShape size={22} />
      <div className={styles.said}>
        {title && <p className={styles.lead}>{title}</p>}
        <div>{children}</div>
        {action}
      </div>
    </div>
  );
}

/** Grey shapes in place of `rows` rows that are on their way. */
export function Skeleton({ rows = 4 }: { readonly rows?: number }) {
  const t = useMessages().common;
  return (
    <div className={styles.skeleton} role="status">
      <span className={styles.hidden}>{t.loading}</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are alike and never move
        <div key={row} className={styles.ghost} aria-hidden="true">
          <span />
          <span />
          <span />
        </div>
      ))}
    </div>
  );
}
