import { useCallback, useEffect, useState } from 'react';
import {
  Button,
  Card,
  Chips,
  Dialog,
  DownloadIcon,
  EmptyState,
  ErrorState,
  EyeIcon,
  Page,
  ShieldIcon,
  Skeleton,
  toast,
} from '../../../design/index.ts';
import { useLanguage, useMessages } from '../../../messages/index.ts';
import type { ConsentQuestion } from '../../engine/pictures-api.ts';
import { useEngine } from '../../engine-access.tsx';
import { useAction, useLoad } from '../../load.ts';
import { Failure } from '../../pages/failure.tsx';
import { inWords } from '../../talk/words.ts';
import { dayInWords } from '../../time.ts';
import { saveYeses } from '../save-yeses.ts';
import Viewer, { useQuestionOpening } from '../viewer.tsx';
import styles from './pictures.module.css';

/** Questions about pictures that one is in, and every yes with its way back. */
export default function Questions() {
  const t = useMessages().pictures.questions;
  const engine = useEngine();
  const list = useLoad(() => engine.pictures.questions(), [engine]);
  const { reload } = list;
  useEffect(() => engine.subscribe(({ type }) => type === 'questions' && reload()), [engine, reload]);
  const yeses = list.state === 'ready' ? list.value.filter(({ record }) => record !== null) : [];
  return (
    <Page title={t.title} lead={t.lead} back="/you">
      {list.state === 'loading' && <Skeleton rows={2} />}
      {list.state === 'failed' && <ErrorState error={list.error} onRetry={reload} />}
      {list.state === 'ready' && list.value.length === 0 && (
        <EmptyState icon={ShieldIcon} title={t.emptyTitle}>
          {t.empty}
        </EmptyState>
      )}
      {list.state === 'ready' &&
        list.value.map((question) => (
          <Question key={question.consentId} question={question} onDone={reload} />
        ))}
      {yeses.length > 0 && (
        <Button kind="plain" icon={DownloadIcon} onClick={() => save(yeses)}>
          {t.export}
        </Button>
      )}
    </Page>
  );
}

/** The signed records as they are, so that anybody with the giver's key can check them. */
function save(yeses: readonly ConsentQuestion[]): void {
  const records = yeses.map(({ record, askedBy, receivers, answeredAt, until, state }) => ({
    record,
    askedBy,
    receivers,
    answeredAt,
    until,
    state,
  }));
  saveYeses(records);
}

interface QuestionProps {
  readonly question: ConsentQuestion;
  readonly onDone: () => void;
}

function Question({ question, onDone }: QuestionProps) {
  const { messages, language } = useLanguage();
  const t = messages.pictures.questions;
  const { askedBy, receivers, state, answeredAt } = question;
  const names = receivers.map(({ pseudonym }) => pseudonym || messages.talk.you).join(', ');
  const when = dayInWords(answeredAt ?? question.askedAt, language);
  return (
    <Card>
      <div className={styles.form}>
        <p className={styles.lead} dir="auto">
          {t.asks(askedBy.pseudonym, names)}
        </p>
        {(state === 'waiting' || state === 'yes') && (
          <p className={styles.quiet}>
            {question.until === null ? t.untilTaken : t.until(dayInWords(question.until, language))}
          </p>
        )}
        {state === 'waiting' && <Answer question={question} onDone={onDone} />}
        {state === 'no' && <p>{t.answeredNo(when)}</p>}
        {state === 'withdrawn' && <p>{t.withdrawnOn}</p>}
        {state === 'yes' && (
          <>
            <p>{t.answeredYes(when)}</p>
            <Withdraw question={question} onDone={onDone} />
          </>
        )}
      </div>
    </Card>
  );
}

type Extent = 'asked' | '86400' | '604800';
const extents: readonly Extent[] = ['asked', '86400', '604800'];

function Answer({ question, onDone }: QuestionProps) {
  const { messages, language } = useLanguage();
  const t = messages.pictures.questions;
  const engine = useEngine();
  const action = useAction();
  const [looking, setLooking] = useState(false);
  const [extent, setExtent] = useState<Extent>('asked');
  const { consentId, until: asked } = question;
  const open = useQuestionOpening(consentId);
  const close = useCallback(() => setLooking(false), []);
  // A yes for less time than asked would be no yes to what is about to be sent.
  const offered = asked === null ? extents : extents.slice(0, 1);
  const answer = async (yes: boolean) => {
    const until = extent === 'asked' ? null : Date.now() + Number(extent) * 1000;
    const done = await action.run(() => engine.pictures.answer({ consentId, yes, until }));
    if (!done) return;
    toast(yes ? t.said.yes : t.said.no);
    onDone();
  };
  return (
    <>
      <Button kind="soft" icon={EyeIcon} onClick={() => setLooking(true)}>
        {t.look}
      </Button>
      <p className={styles.quiet}>{t.lookHint}</p>
      {offered.length > 1 && (
        <Chips
          single
          legend={t.extent}
          options={offered.map((value) => ({ value, label: t.extents[value] }))}
          chosen={[extent]}
          onChange={([value = 'asked']) => setExtent(value)}
        />
      )}
      <div className={styles.actions}>
        <Button busy={action.busy} onClick={() => void answer(true)}>
          {t.yes}
        </Button>
        <Button kind="soft" busy={action.busy} onClick={() => void answer(false)}>
          {t.no}
        </Button>
      </div>
      <p className={styles.quiet}>{t.lapses(inWords(question.lapsesAt, Date.now(), language))}</p>
      <Failure error={action.error} />
      {looking && <Viewer label={t.title} open={open} onClose={close} />}
    </>
  );
}

function Withdraw({ question, onDone }: QuestionProps) {
  const t = useMessages();
  const words = t.pictures.questions;
  const engine = useEngine();
  const action = useAction();
  const [asking, setAsking] = useState(false);
  const confirm = async () => {
    const done = await action.run(() => engine.pictures.withdrawYes({ consentId: question.consentId }));
    if (!done) return;
    setAsking(false);
    toast(words.withdrawn);
    onDone();
  };
  return (
    <div>
      <Button kind="soft" small onClick={() => setAsking(true)}>
        {words.withdraw}
      </Button>
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title={words.withdrawTitle}
        actions={
          <>
            <Button kind="soft" onClick={() => setAsking(false)}>
              {t.common.cancel}
            </Button>
            <Button kind="danger" busy={action.busy} onClick={() => void confirm()}>
              {words.withdraw}
            </Button>
          </>
        }
      >
        <p>{words.withdrawText}</p>
        <Failure error={action.error} />
      </Dialog>
    </div>
  );
}
