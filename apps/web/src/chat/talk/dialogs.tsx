import { reportReasons } from '@accord/protocol/words';
import { useState } from 'react';
import { Button, Dialog, RadioList, Skeleton, Switch, TextArea } from '../../design/index.ts';
import { useLanguage, useMessages } from '../../messages/index.ts';
import { ActDialog } from '../act-dialog.tsx';
import { ConfirmDialog } from '../confirm-dialog.tsx';
import { type Conversation, type MessageEntry, type ReportReason, timerChoices } from '../engine/api.ts';
import { useEngine } from '../engine-access.tsx';
import { useAction, useLoad } from '../load.ts';
import { Failure } from '../pages/failure.tsx';
import { dayInWords, timeInWords } from '../time.ts';
import styles from './dialogs.module.css';

interface DialogProps {
  readonly conversation: Conversation;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** The code that two people compare, and whether they have. */
export function SafetyDialog({ conversation, open, onClose }: DialogProps) {
  const t = useMessages().talk;
  const name = conversation.with.pseudonym;
  return (
    <Dialog open={open} onClose={onClose} title={t.safety.title}>
      <p>{t.safety.text(name)}</p>
      <SafetyCode conversation={conversation} />
    </Dialog>
  );
}

function SafetyCode({ conversation }: { readonly conversation: Conversation }) {
  const t = useMessages().talk.safety;
  const engine = useEngine();
  const action = useAction();
  const { id: conversationId, key } = conversation;
  const loaded = useLoad(
    () => engine.conversations.safetyCode({ conversationId }),
    [engine, conversationId, key],
  );
  if (loaded.state === 'loading') return <Skeleton rows={1} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} />;
  const mark = (verified: boolean) =>
    void action.run(async () => {
      // Who compared the code on the screen compared the new key.
      if (verified && key === 'changed') await engine.conversations.acceptKey({ conversationId });
      await engine.conversations.setVerified({ conversationId, verified });
    });
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: an <output> would be read out by itself */}
      <p className={styles.code} role="group" aria-label={t.label} translate="no">
        {loaded.value.code.split(' ').map((group, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: groups may be alike and never move
          <span key={index}>{group}</span>
        ))}
      </p>
      {key === 'changed' && <p className={styles.warn}>{t.changed}</p>}
      {key === 'verified' && <p className={styles.good}>{t.verified}</p>}
      <Failure error={action.error} />
      <div className={styles.buttons}>
        {key === 'changed' && (
          <Button
            kind="soft"
            busy={action.busy}
            onClick={() => void action.run(() => engine.conversations.acceptKey({ conversationId }))}
          >
            {t.accept}
          </Button>
        )}
        {key === 'verified' ? (
          <Button kind="soft" busy={action.busy} onClick={() => mark(false)}>
            {t.unmark}
          </Button>
        ) : (
          <Button busy={action.busy} onClick={() => mark(true)}>
            {t.mark}
          </Button>
        )}
      </div>
    </>
  );
}

/** How long messages live from now on. */
export function TimerDialog({ conversation, open, onClose }: DialogProps) {
  const t = useMessages();
  const engine = useEngine();
  const action = useAction();
  const [chosen, setChosen] = useState(String(conversation.timer));
  const save = async () => {
    const seconds = Number(chosen);
    const done = await action.run(() =>
      engine.conversations.setTimer({ conversationId: conversation.id, seconds }),
    );
    if (done) onClose();
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t.talk.timer.title}
      actions={
        <>
          <Button kind="soft" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button busy={action.busy} onClick={() => void save()}>
            {t.common.save}
          </Button>
        </>
      }
    >
      <p>{t.talk.timer.text}</p>
      <RadioList
        legend={t.talk.timer.legend}
        options={timerChoices.map((seconds) => ({
          value: String(seconds),
          label: t.talk.timer.choices[seconds],
        }))}
        chosen={chosen}
        onChange={setChosen}
      />
      <Failure error={action.error} />
    </Dialog>
  );
}

interface AskProps extends Omit<DialogProps, 'open'> {
  readonly what: 'close' | 'block';
}

/** Closing or blocking, with what it means. */
export function AskDialog({ conversation, what, onClose }: AskProps) {
  const t = useMessages().talk;
  const engine = useEngine();
  const { id: conversationId } = conversation;
  const title = what === 'block' ? t.block.title(conversation.with.pseudonym) : t.close.title;
  const { text, confirm, done } = t[what];
  const work = () => engine.conversations[what]({ conversationId });
  return <ConfirmDialog {...{ title, text, confirm, done, work, onClose }} />;
}

interface ReportProps extends DialogProps {
  readonly entry: MessageEntry;
  /** The messages before it, oldest first. */
  readonly around: readonly MessageEntry[];
}

/** Reporting a message: it leaves the encryption with what the reporter adds. */
export function ReportMessageDialog({ conversation, entry, around, open, onClose }: ReportProps) {
  const t = useMessages();
  const { report } = t.talk;
  const engine = useEngine();
  const [reason, setReason] = useState<ReportReason | null>(null);
  const [words, setWords] = useState('');
  const [also, setAlso] = useState(false);
  const [tried, setTried] = useState(false);
  const messageIds = [...(also ? around : []), entry].map(({ id }) => id);
  const send = async () => {
    if (reason === null) return;
    await engine.pictures.report({ conversationId: conversation.id, messageIds, reason, words });
  };
  return (
    <ActDialog
      open={open}
      onClose={onClose}
      title={report.title}
      confirm={report.send}
      check={() => {
        setTried(true);
        return reason !== null;
      }}
      work={send}
      done={report.sent}
    >
      <p>{report.text}</p>
      <blockquote className={styles.quote} dir="auto">
        {entry.kind === 'picture' ? t.pictures.reportPicture.quote : entry.text}
      </blockquote>
      {around.length > 0 && <Switch label={report.around} checked={also} onChange={setAlso} />}
      <p className={styles.count} role="status">
        {report.quoted(messageIds.length)}
      </p>
      <RadioList
        legend={report.reason}
        options={reportReasons.map((value) => ({ value, label: t.people.reasons[value] }))}
        chosen={reason}
        onChange={setReason}
        error={tried && reason === null ? report.chooseFirst : null}
      />
      <TextArea
        label={report.words}
        value={words}
        maxLength={1500}
        onChange={(event) => setWords(event.target.value)}
      />
    </ActDialog>
  );
}

interface HistoryProps {
  readonly entry: MessageEntry;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** What a message said before it was changed. */
export function HistoryDialog({ entry, open, onClose }: HistoryProps) {
  const { messages, language } = useLanguage();
  const t = messages.talk.history;
  return (
    <Dialog open={open} onClose={onClose} title={t.title}>
      <ol className={styles.history}>
        {entry.history.map(({ at, text }) => (
          <li key={at}>
            <time dateTime={new Date(at).toISOString()}>
              {dayInWords(at, language)}, {timeInWords(at, language)}
            </time>
            <p dir="auto">{text}</p>
          </li>
        ))}
        <li>
          <span>{t.now}</span>
          <p dir="auto">{entry.text}</p>
        </li>
      </ol>
    </Dialog>
  );
}
