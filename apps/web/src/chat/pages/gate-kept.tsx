import type { Reply } from '@accord/protocol';
import { Card, CheckIcon, CloseIcon } from '../../design/index.ts';
import { type Messages, useMessages } from '../../messages/index.ts';
import styles from './gate.module.css';

type Rules = Pick<Reply<'gate.read'>, 'methods' | 'terms'>;

/** What is kept of a proof under these rules, a line each. */
export const keptLines = (t: Messages['gate'], { methods, terms }: Rules): readonly string[] => [
  ...t.kept,
  ...(methods.some(({ kind }) => kind === 'wallet') ? [t.keptMark] : []),
  t.keptSession,
  ...(terms.idleMinutes === null ? [] : [t.keptActive]),
];

/** What is kept, and what is not. */
export function Kept({ rules }: { readonly rules: Rules }) {
  const t = useMessages().gate;
  return (
    <div className={styles.kept}>
      <Card>
        <h2 className={styles.small}>{t.keptTitle}</h2>
        <List items={keptLines(t, rules)} icon="yes" />
      </Card>
      <Card>
        <h2 className={styles.small}>{t.notKeptTitle}</h2>
        <List items={t.notKept} icon="no" />
      </Card>
    </div>
  );
}

function List({ items, icon }: { readonly items: readonly string[]; readonly icon: 'yes' | 'no' }) {
  const Shape = icon === 'yes' ? CheckIcon : CloseIcon;
  return (
    <ul className={styles.list}>
      {items.map((item) => (
        <li key={item} className={styles[icon]}>
          <Shape size={18} />
          {item}
        </li>
      ))}
    </ul>
  );
}
