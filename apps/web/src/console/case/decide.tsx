import { mayAsk } from '@accord/case-model';
import { declineGrounds, removeGrounds } from '@accord/law';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import { useLoad } from '../../chat/load.ts';
import { Banner, Card, ErrorState, Skeleton } from '../../design/index.ts';
import { ActDialog } from '../act-dialog.tsx';
import { useKeys } from '../keys.ts';
import { useMe } from '../me.ts';
import { useConsoleMessages } from '../messages/index.ts';
import { WordsField } from '../words-field.tsx';
import styles from './case.module.css';
import { type CaseView, may, useCase } from './context.ts';
import { Previewed } from './preview.tsx';

type RemoveGround = (typeof removeGrounds)[number];
type DeclineGround = (typeof declineGrounds)[number];
type Choice =
  | { readonly kind: 'remove'; readonly ground: RemoveGround }
  | { readonly kind: 'decline'; readonly ground: DeclineGround };

/** Ten decisions, as there are ten digits. */
const choices: readonly Choice[] = [
  ...removeGrounds.map((ground) => ({ kind: 'remove' as const, ground })),
  ...declineGrounds.map((ground) => ({ kind: 'decline' as const, ground })),
];
const digitOf = (at: number): string => String((at + 1) % 10);

/** Whether this person could take this decision, or ask that it be taken. */
const open = (view: CaseView, { kind }: Choice, asks: boolean): boolean =>
  may(view, kind) && (kind === 'remove' || !view.likelyValid || asks);

export function Decide() {
  const t = useConsoleMessages().decide;
  const { view } = useCase();
  const me = useMe();
  const asks = mayAsk(me.roles, 'decline_likely_valid');
  const [chosen, setChosen] = useState<Choice | null>(null);
  const offered = choices
    .map((choice, at) => ({ choice, digit: digitOf(at) }))
    .filter(({ choice }) => open(view, choice, asks));
  useKeys(Object.fromEntries(offered.map(({ choice, digit }) => [digit, () => setChosen(choice)])));
  if (offered.length === 0) return null;
  return (
    <Card title={t.title}>
      <p className={styles.quiet}>{t.hint}</p>
      <ul className={styles.choices}>
        {offered.map(({ choice, digit }) => (
          <li key={choice.ground}>
            <button type="button" className={styles.choice} onClick={() => setChosen(choice)}>
              <kbd>{digit}</kbd>
              <span>
                {choice.kind === 'remove' ? t.removeGrounds[choice.ground] : t.declineGrounds[choice.ground]}
                {choice.kind === 'decline' && view.likelyValid && (
                  <span className={styles.quiet}> ({t.two})</span>
                )}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {chosen !== null && <DecideDialog choice={chosen} onClose={() => setChosen(null)} />}
    </Card>
  );
}

/** What a decision sends, read before it is sent. */
function DecideDialog({ choice, onClose }: { readonly choice: Choice; readonly onClose: () => void }) {
  const t = useConsoleMessages();
  const { view, give } = useCase();
  const [words, setWords] = useState('');
  const caseId = view.id;
  const preview = useLoad(
    (signal) =>
      call('cases.preview', {
        params: { caseId },
        query: choice.kind === 'remove' ? { remove: choice.ground } : { decline: choice.ground },
        signal,
      }),
    [caseId, choice],
  );
  const two = choice.kind === 'decline' && view.likelyValid;
  const title =
    choice.kind === 'remove' ? t.decide.removeGrounds[choice.ground] : t.decide.declineGrounds[choice.ground];
  const send = two
    ? t.decide.askDecline
    : choice.kind === 'remove'
      ? t.decide.sendRemove
      : t.decide.sendDecline;
  const run = () =>
    two
      ? give({
          kind: 'ask_approval',
          action: 'decline_likely_valid',
          words,
          ground: choice.ground as DeclineGround,
          itemId: null,
        })
      : give({ ...choice, words });
  return (
    <ActDialog
      title={title}
      confirm={send}
      ready={words.trim() !== '' && preview.state === 'ready'}
      done={two ? t.two.asked : choice.kind === 'remove' ? t.decide.removedNow : t.decide.declinedNow}
      work={run}
      onClose={onClose}
    >
      {two && <Banner kind="warn">{t.decide.likelyValid}</Banner>}
      <WordsField label={t.decide.words} hint={t.decide.wordsHint} value={words} onChange={setWords} />
      <h3 className={styles.small}>{t.decide.preview}</h3>
      {preview.state === 'loading' && <Skeleton rows={2} />}
      {preview.state === 'failed' && <ErrorState error={preview.error} onRetry={preview.reload} />}
      {preview.state === 'ready' && <Previewed preview={preview.value} />}
    </ActDialog>
  );
}
