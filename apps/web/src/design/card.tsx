import type { ReactNode } from 'react';
import styles from './card.module.css';
import { classes } from './classes.ts';

interface CardProps {
  readonly title?: string;
  readonly children: ReactNode;
  /** Rows with lines between them, from edge to edge. */
  readonly rows?: boolean;
}

/** A surface that holds what belongs together. */
export function Card({ title, children, rows = false }: CardProps) {
  return (
    <section className={styles.section}>
      {title && <h2 className={styles.title}>{title}</h2>}
      <div className={classes(styles.card, rows && styles.rows)}>{children}</div>
    </section>
  );
}

interface StepsProps {
  readonly label: string;
  readonly steps: readonly string[];
  /** The step at work, from 0. */
  readonly current: number;
}

/** Where one stands on a short way. */
export function Steps({ label, steps, current }: StepsProps) {
  return (
    <ol className={styles.steps} aria-label={label}>
      {steps.map((step, at) => (
        <li
          key={step}
          className={classes(styles.step, at < current && styles.past, at === current && styles.now)}
          aria-current={at === current ? 'step' : undefined}
        >
          <span>{step}</span>
        </li>
      ))}
    </ol>
  );
}
