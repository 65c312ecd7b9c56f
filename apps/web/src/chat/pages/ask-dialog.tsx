import { type FormEvent, useId, useState } from 'react';
import { Button, Dialog, TextArea, toast } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { useEngine } from '../engine-access.tsx';
import { asFirstLine, firstLineLength, firstLineLimit } from '../first-line.ts';
import { useAction } from '../load.ts';
import { Failure } from './failure.tsx';
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
  const t = useMessages();
  const line = t.people.line;
  const form = useId();
  const engine = useEngine();
  const action = useAction();
  const [typed, setTyped] = useState('');
  const [tried, setTried] = useState(false);
  const used = firstLineLength(typed);
  const none = leftToday === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (used === 0 || used > firstLineLimit || none) return;
    void action
      .run(async () => {
        await engine.requests.send({ person, line: asFirstLine(typed) });
      })
      .then((done) => {
        if (!done) return;
        onClose();
        onSent();
        toast(line.sent);
      });
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={line.title(person.pseudonym)}
      actions={
        <>
          <Button kind="soft" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" form={form} busy={action.busy} disabled={none}>
            {line.send}
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={submit} noValidate>
        <TextArea
          label={line.label}
          hint={line.hint}
          placeholder={line.placeholder}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          counter={{ used, limit: firstLineLimit, label: line.used(used, firstLineLimit) }}
          error={tried && used === 0 ? line.empty : null}
        />
        <p className={styles.quiet}>{line.after}</p>
        {leftToday !== null && <p className={styles.quiet}>{none ? line.noneLeft : line.left(leftToday)}</p>}
        <Failure error={action.error} />
      </form>
    </Dialog>
  );
}
