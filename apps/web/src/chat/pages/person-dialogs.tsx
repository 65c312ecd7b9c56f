import { reportReasons } from '@accord/protocol/words';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { call } from '../../api/client.ts';
import { RadioList, Switch, TextArea } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { ActDialog } from '../act-dialog.tsx';
import { ConfirmDialog } from '../confirm-dialog.tsx';
import styles from './people.module.css';
import { dropPerson } from './use-people.ts';

interface About {
  readonly id: string;
  readonly pseudonym: string;
}

interface PersonDialogProps {
  readonly person: About;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Blocking somebody, with what it means. */
export function BlockDialog({ person, onClose }: Omit<PersonDialogProps, 'open'>) {
  const t = useMessages().people.block;
  const [, go] = useLocation();
  return (
    <ConfirmDialog
      title={t.title(person.pseudonym)}
      text={t.text}
      confirm={t.confirm}
      done={t.done}
      work={() => call('accounts.blocks.add', { body: { accountId: person.id } })}
      onClose={onClose}
      onDone={() => {
        dropPerson(person.id);
        go('/people');
      }}
    />
  );
}

type Reason = (typeof reportReasons)[number];

/** Reporting somebody: a reason, words, and blocking at the same time. */
export function ReportDialog({ person, open, onClose }: PersonDialogProps) {
  const t = useMessages().people;
  const { report } = t;
  const [, go] = useLocation();
  const [reason, setReason] = useState<Reason | null>(null);
  const [words, setWords] = useState('');
  const [also, setAlso] = useState(true);
  const [tried, setTried] = useState(false);
  const send = async () => {
    if (reason === null) return;
    await call('presence.reports.create', { body: { about: person.id, reason, words } });
    if (also) await call('accounts.blocks.add', { body: { accountId: person.id } });
  };
  return (
    <ActDialog
      open={open}
      onClose={onClose}
      title={report.title(person.pseudonym)}
      confirm={report.send}
      check={() => {
        setTried(true);
        return reason !== null;
      }}
      work={send}
      onDone={() => {
        if (!also) return;
        dropPerson(person.id);
        go('/people');
      }}
      done={report.sent}
    >
      <p className={styles.quiet}>{report.text}</p>
      <RadioList
        legend={report.reason}
        options={reportReasons.map((value) => ({ value, label: t.reasons[value] }))}
        chosen={reason}
        onChange={setReason}
        error={tried && reason === null ? report.chooseFirst : null}
      />
      <TextArea
        label={report.words}
        hint={report.wordsHint}
        value={words}
        maxLength={4000}
        onChange={(event) => setWords(event.target.value)}
      />
      <Switch label={report.also} checked={also} onChange={setAlso} />
    </ActDialog>
  );
}
