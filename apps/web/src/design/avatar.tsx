import styles from './avatar.module.css';
import { groundOf, lettersOf } from './avatar-look.ts';
import { classes } from './classes.ts';

interface AvatarProps {
  readonly name: string;
  readonly size?: 's' | 'm' | 'l';
  /** Null where the person does not show it. */
  readonly online?: boolean | null;
}

/** A person's letters on a colour of theirs. Decoration: the name stands beside it. */
export function Avatar({ name, size = 'm', online = null }: AvatarProps) {
  return (
    <span className={classes(styles.avatar, styles[size], styles[`g${groundOf(name)}`])} aria-hidden="true">
      {lettersOf(name)}
      {online === true && <span className={styles.here} />}
    </span>
  );
}
