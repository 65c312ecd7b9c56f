import { useState } from 'react';
import { TextArea } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { ActDialog } from '../act-dialog.tsx';
import { useEngine } from '../engine-access.tsx';
import { asFirstLine, firstLineLength, firstLineLimit } from '../first-line.ts';
import styles from './people.module.css';
import type { Person } from './use-people.ts';

interface AskDialogProps {
  readonly person: Person;
  /** Null where it is not known yet. */
  readonly leftToday: number | null;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onSent: () => void;
}

/** The first line to somebody: one, short, sealed. */
export function AskDialog({ person, leftToday, open, onClose, onSent }: AskDialogProps) {
  const t = useMessages().people.line;
  const engine = useEngine();
  const [typed, setTyped] = useState('');
  const [tried, setTried] = useState(false);
  const used = firstLineLength(typed);
  const none = leftToday === 0;
  return (
    <ActDialog
      open={open}
      onClose={onClose}
      title={t.title(person.pseudonym)}
      confirm={t.send}
      ready={!none}
      check={() => {
        setTried(true);
        return used > 0 && used <= firstLineLimit;
      }}
      work={() => engine.requests.send({ person, line: asFirstLine(typed) })}
      onDone={onSent}
      done={t.sent}
    >
      <TextArea
        label={t.label}
        hint={t.hint}
        placeholder={t.placeholder}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        counter={{ used, limit: firstLineLimit, label: t.used(used, firstLineLimit) }}
        error={tried && used === 0 ? t.empty : null}
      />
      <p className={styles.quiet}>{t.after}</p>
      {leftToday !== null && <p className={styles.quiet}>{none ? t.noneLeft : t.left(leftToday)}</p>}
    </ActDialog>
  );
}
