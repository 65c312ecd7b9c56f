import { useNow } from '../chat/time.ts';
import { ClockIcon, classes } from '../design/index.ts';
import styles from './left.module.css';
import { useConsoleMessages } from './messages/index.ts';
import { leftInWords, urgencyOf } from './time.ts';

/** What is left of a deadline, in words and in a colour that says how near it is. */
export function Left({ dueAt, large = false }: { readonly dueAt: number | null; readonly large?: boolean }) {
  const t = useConsoleMessages().time;
  const now = useNow(20_000);
  return (
    <span className={classes(styles.left, styles[urgencyOf(dueAt, now)], large && styles.large)}>
      <ClockIcon size={large ? 22 : 18} />
      {leftInWords(dueAt, now, t)}
    </span>
  );
}
