import { clockTexts } from '@accord/law';
import type { Reply } from '@accord/protocol';
import { call } from '../api/client.ts';
import { useLoad } from '../chat/load.ts';
import { Card, ErrorState, Page, Skeleton } from '../design/index.ts';
import { useLanguage } from '../messages/index.ts';
import styles from './figures.module.css';
import { useKeys } from './keys.ts';
import { useConsoleMessages } from './messages/index.ts';

type Numbers = Reply<'cases.figures'>;

/** The queue in numbers: for whoever must know whether the law's clocks are met. */
export function Figures() {
  const t = useConsoleMessages().figures;
  const figures = useLoad((signal) => call('cases.figures', { signal }), []);
  useKeys({ r: figures.reload });
  return (
    <Page title={t.title}>
      {figures.state === 'loading' && <Skeleton rows={3} />}
      {figures.state === 'failed' && <ErrorState error={figures.error} onRetry={figures.reload} />}
      {figures.state === 'ready' && <Shown numbers={figures.value} />}
    </Page>
  );
}

function Shown({ numbers }: { readonly numbers: Numbers }) {
  const t = useConsoleMessages().figures;
  const { language } = useLanguage();
  const count = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const tiles = [
    [t.open, numbers.open],
    [t.overdue, numbers.overdue],
    [t.childSafety, numbers.childSafety],
    [t.appeals, numbers.appeals],
    [t.approvals, numbers.approvals],
  ] as const;
  const breaches = Object.entries(numbers.breaches);
  return (
    <>
      <dl className={styles.tiles}>
        {tiles.map(([name, value]) => (
          <div key={name} className={styles.tile}>
            <dt>{name}</dt>
            <dd>{count.format(value)}</dd>
          </div>
        ))}
      </dl>
      <Card title={t.plot}>
        <Plot numbers={numbers} />
      </Card>
      <Card title={t.median}>
        <p className={styles.large}>
          {numbers.medianHoursToDecision === null ? t.noMedian : count.format(numbers.medianHoursToDecision)}
        </p>
      </Card>
      <Card title={t.breaches}>
        {breaches.length === 0 && <p>{t.noBreaches}</p>}
        <ul className={styles.list}>
          {breaches.map(([clock, number]) => (
            <li key={clock}>
              <span>{clockTexts[clock as keyof typeof clockTexts]?.[language] ?? clock}</span>
              <strong>{count.format(number)}</strong>
            </li>
          ))}
        </ul>
      </Card>
    </>
  );
}

/** Open cases by time left, each step a bar with its number beside it. */
function Plot({ numbers }: { readonly numbers: Numbers }) {
  const t = useConsoleMessages().figures;
  const { language } = useLanguage();
  const count = new Intl.NumberFormat(language);
  const steps = [
    ['overdue', numbers.overdue],
    ['h4', numbers.dueIn.h4],
    ['h12', numbers.dueIn.h12],
    ['h24', numbers.dueIn.h24],
    ['h48', numbers.dueIn.h48],
  ] as const;
  const most = Math.max(1, ...steps.map(([, value]) => value));
  return (
    <ul className={styles.plot}>
      {steps.map(([step, value]) => (
        <li key={step}>
          <span className={styles.step}>{t.steps[step]}</span>
          <svg
            viewBox="0 0 200 14"
            preserveAspectRatio="none"
            className={styles.bar}
            data-step={step}
            aria-hidden="true"
          >
            <rect
              x="0"
              y="2"
              width={Math.max(value > 0 ? 2 : 0, Math.round((200 * value) / most))}
              height="10"
            />
          </svg>
          <strong>{count.format(value)}</strong>
        </li>
      ))}
    </ul>
  );
}
