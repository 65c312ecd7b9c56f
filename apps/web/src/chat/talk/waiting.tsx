import { classes, EmptyState, LockIcon, Skeleton } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import list from './list.module.css';
import styles from './page.module.css';

/** The list's place while it is on its way. */
export function ListWaiting() {
  const t = useMessages().talk;
  return (
    <section className={list.pane} aria-labelledby="conversations">
      <h1 id="conversations" className={list.title} tabIndex={-1}>
        {t.title}
      </h1>
      <div className={list.waiting}>
        <Skeleton rows={5} />
      </div>
    </section>
  );
}

/** A conversation's place while it is on its way. */
export function ConversationWaiting() {
  return (
    <div className={styles.waiting}>
      <Skeleton rows={5} />
    </div>
  );
}

/** Beside the list, where no conversation is open. */
export function NothingChosen() {
  const t = useMessages().talk;
  return (
    <div className={styles.nothing}>
      <EmptyState icon={LockIcon} title={t.chooseTitle}>
        {t.choose}
      </EmptyState>
    </div>
  );
}

/** The page as it stands before the engine has opened what it keeps; `open` where a conversation is on its way too. */
export function TalkWaiting({ open }: { readonly open: boolean }) {
  return (
    <div className={classes(styles.panes, open && styles.open)}>
      <div className={styles.list}>
        <ListWaiting />
      </div>
      <div className={styles.detail}>{open ? <ConversationWaiting /> : <NothingChosen />}</div>
    </div>
  );
}
