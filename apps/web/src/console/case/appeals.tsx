import type { RemoveGround } from '@accord/law';
import { useState } from 'react';
import { Button, Card, RadioList } from '../../design/index.ts';
import { useLanguage } from '../../messages/index.ts';
import { ActDialog } from '../act-dialog.tsx';
import { GroundSelect } from '../ground-select.tsx';
import { useMe } from '../me.ts';
import { useConsoleMessages } from '../messages/index.ts';
import { Tag } from '../tags.tsx';
import { whenInWords } from '../time.ts';
import { WordsField } from '../words-field.tsx';
import styles from './case.module.css';
import { type CaseView, may, useCase } from './context.ts';

type Appeal = CaseView['appeals'][number];

/** Objections of either side. Whoever took part in a decision does not judge what is said against it. */
export function Appeals() {
  const t = useConsoleMessages().decide;
  const { language } = useLanguage();
  const { view } = useCase();
  const me = useMe();
  const [judged, setJudged] = useState<Appeal | null>(null);
  if (view.appeals.length === 0) return null;
  const tookPart = view.decision?.by.includes(me.accountId) === true;
  return (
    <Card title={t.appealTitle} rows>
      {view.appeals.map((appeal) => (
        <div key={appeal.id} className={styles.stack}>
          <p className={styles.clockLine}>
            <strong>{t.sides[appeal.side]}</strong>
            <span>{whenInWords(appeal.at, language)}</span>
          </p>
          <blockquote className={styles.words} dir="auto">
            {appeal.words}
          </blockquote>
          {appeal.outcome !== null && <Tag tone="good">{t.outcomes[appeal.outcome]}</Tag>}
          {appeal.outcome === null && !me.can('case.appeal') && <Tag tone="warn">{t.open}</Tag>}
          {appeal.outcome === null && me.can('case.appeal') && tookPart && <p>{t.notYou}</p>}
          {appeal.outcome === null && may(view, 'decide_appeal') && !tookPart && (
            <Button small kind="soft" onClick={() => setJudged(appeal)}>
              {t.judge}
            </Button>
          )}
        </div>
      ))}
      {judged !== null && <Judge appeal={judged} onClose={() => setJudged(null)} />}
    </Card>
  );
}

function Judge({ appeal, onClose }: { readonly appeal: Appeal; readonly onClose: () => void }) {
  const t = useConsoleMessages();
  const { give } = useCase();
  const [outcome, setOutcome] = useState<'upheld' | 'reversed' | null>(null);
  const [ground, setGround] = useState<RemoveGround>('ncii_real');
  const [words, setWords] = useState('');
  const removes = outcome === 'reversed' && appeal.side === 'reporter';
  const run = async () => {
    if (outcome === null) return;
    const appealId = appeal.id;
    await give({ kind: 'decide_appeal', appealId, outcome, ground: removes ? ground : null, words });
  };
  return (
    <ActDialog
      title={t.decide.judge}
      ready={outcome !== null && words.trim() !== ''}
      done={outcome === 'reversed' && appeal.side === 'uploader' ? t.two.asked : t.decide.appealDone}
      work={run}
      onClose={onClose}
    >
      <blockquote className={styles.words} dir="auto">
        {appeal.words}
      </blockquote>
      <RadioList
        legend={t.decide.sides[appeal.side]}
        options={[
          { value: 'upheld', label: t.decide.upheld },
          {
            value: 'reversed',
            label: t.decide.reversed,
            ...(appeal.side === 'uploader' && { hint: t.decide.reversedHint }),
          },
        ]}
        chosen={outcome}
        onChange={setOutcome}
      />
      {removes && <GroundSelect label={t.decide.appealGround} value={ground} onChange={setGround} />}
      <WordsField label={t.decide.appealWords} value={words} onChange={setWords} />
    </ActDialog>
  );
}
