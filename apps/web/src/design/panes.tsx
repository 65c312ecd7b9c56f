import type { ReactNode } from 'react';
import { classes } from './classes.ts';
import styles from './panes.module.css';

interface PanesProps {
  readonly list: ReactNode;
  readonly detail: ReactNode;
  /** On narrow screens only one of the two shows: the detail where it is open. */
  readonly open: boolean;
}

/** A list and what is chosen from it: side by side where there is room. */
export function Panes({ list, detail, open }: PanesProps) {
  return (
    <div className={classes(styles.panes, open && styles.open)}>
      <div className={styles.list}>{list}</div>
      <div className={styles.detail}>{detail}</div>
    </div>
  );
}
