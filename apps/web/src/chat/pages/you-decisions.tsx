import type { Reply } from '@accord/protocol';
import { type FormEvent, useState } from 'react';
import { call } from '../../api/client.ts';
import {
  Banner,
  Button,
  Card,
  EmptyState,
  ErrorState,
  FlagIcon,
  Page,
  Skeleton,
  TextArea,
  toast,
} from '../../design/index.ts';
import { useLanguage, useMessages } from '../../messages/index.ts';
import { useAction, useLoad } from '../load.ts';
import { dayInWords } from '../time.ts';
import { Failure } from './failure.tsx';
import styles from './you-decisions.module.css';

type Decision = Reply<'cases.mine.list'>['decisions'][number];

/** What was decided about one's own pictures: the reasons that the law owes (DSA art. 17), and the way to object (art. 20). */
export default function YouDecisions() {
  const { language, messages } = useLanguage();
  const t = messages.you.decisions;
  const list = useLoad((signal) => call('cases.mine.list', { query: { language }, signal }), [language]);
  return (
    <Page title={t.title} lead={t.lead} back="/you">
      {list.state === 'loading' && <Skeleton rows={2} />}
      {list.state === 'failed' && <ErrorState error={list.error} onRetry={list.reload} />}
      {list.state === 'ready' && list.value.decisions.length === 0 && (
        <EmptyState icon={FlagIcon} title={t.emptyTitle}>
          {t.empty}
        </EmptyState>
      )}
      {list.state === 'ready' &&
        list.value.decisions.map((decision) => (
          <Statement key={decision.decisionId} decision={decision} onChange={list.reload} />
        ))}
    </Page>
  );
}

function Statement({ decision, onChange }: { readonly decision: Decision; readonly onChange: () => void }) {
  const { language, messages } = useLanguage();
  const t = messages.you.decisions;
  const { statement, appeal, appealUntil } = decision;
  const byMachine = statement.automatedDetection || statement.automatedDecision !== 'not';
  return (
    <Card title={dayInWords(decision.at, language)}>
      <h3>{t.removed(decision.pictures)}</h3>
      <dl className={styles.reasons}>
        <dt>{t.facts}</dt>
        <dd>{statement.facts}</dd>
        <dt>{t.law}</dt>
        <dd>{statement.legalGround}</dd>
        <dt>{t.why}</dt>
        <dd>{statement.legalExplanation}</dd>
        <dt>{t.how}</dt>
        <dd>{byMachine ? t.byMachine : t.byPeople}</dd>
        <dt>{t.redress}</dt>
        <dd>{statement.redress}</dd>
      </dl>
      {appeal !== null && (
        <Banner>
          {appeal.outcome === null ? t.waits : t[appeal.outcome]}
          {appeal.answer !== null && (
            <blockquote className={styles.answer} dir="auto">
              {appeal.answer}
            </blockquote>
          )}
        </Banner>
      )}
      {appealUntil !== null && (
        <Objection decisionId={decision.decisionId} until={appealUntil} onChange={onChange} />
      )}
    </Card>
  );
}

interface ObjectionProps {
  readonly decisionId: string;
  readonly until: number;
  readonly onChange: () => void;
}

function Objection({ decisionId, until, onChange }: ObjectionProps) {
  const { language } = useLanguage();
  const t = useMessages().you.decisions;
  const [words, setWords] = useState('');
  const sending = useAction();
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const done = await sending.run(async () => {
      await call('cases.mine.appeal', { params: { decisionId }, body: { words } });
    });
    if (!done) return;
    toast(t.objected);
    onChange();
  };
  return (
    <form className={styles.objection} onSubmit={(event) => void send(event)}>
      <p>{t.until(dayInWords(until, language))}</p>
      <TextArea
        label={t.words}
        hint={t.wordsHint}
        value={words}
        maxLength={4000}
        onChange={(event) => setWords(event.target.value)}
      />
      <Failure error={sending.error} />
      <Button type="submit" kind="soft" busy={sending.busy} disabled={words.trim() === ''}>
        {t.object}
      </Button>
    </form>
  );
}
