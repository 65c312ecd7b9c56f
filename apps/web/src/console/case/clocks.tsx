import { clockRules, clockTexts } from '@accord/law';
import { useNow } from '../../chat/time.ts';
import { Card } from '../../design/index.ts';
import { useLanguage } from '../../messages/index.ts';
import { useConsoleMessages } from '../messages/index.ts';
import { Tag } from '../tags.tsx';
import { leftInWords, urgencyOf, whenInWords } from '../time.ts';
import styles from './case.module.css';
import { type CaseView, useCase } from './context.ts';

type Clock = CaseView['clocks'][number];
const hourMs = 3_600_000;
const width = 300;

/** Every clock of the case as a line that fills, with its alarms on it. */
export function Clocks() {
  const t = useConsoleMessages().case;
  const { view } = useCase();
  const now = useNow(20_000);
  // What still runs comes first, the nearest end before the others.
  const clocks = [...view.clocks].sort(
    (one, other) =>
      Number(one.metAt !== null) - Number(other.metAt !== null) ||
      (one.dueAt ?? Number.POSITIVE_INFINITY) - (other.dueAt ?? Number.POSITIVE_INFINITY),
  );
  if (clocks.length === 0) return null;
  return (
    <Card title={t.clocks} rows>
      {clocks.map((clock) => (
        <ClockRow key={clock.clock} clock={clock} now={now} />
      ))}
    </Card>
  );
}

function ClockRow({ clock, now }: { readonly clock: Clock; readonly now: number }) {
  const { case: t, time, queue } = useConsoleMessages();
  const { language } = useLanguage();
  const rule: { readonly hours: number; readonly alarms: readonly number[]; readonly ours: boolean } =
    clockRules[clock.clock];
  const name = clockTexts[clock.clock][language];
  // A clock that stood still is as far as what is left of it says.
  const passed =
    clock.metAt !== null || clock.dueAt === null
      ? ((clock.metAt ?? now) - clock.startedAt) / hourMs
      : rule.hours - (clock.dueAt - now) / hourMs;
  const share = Math.min(1, Math.max(0, passed / rule.hours));
  const words =
    clock.metAt !== null ? time.met : clock.paused ? time.stands : leftInWords(clock.dueAt, now, time);
  const urgency = clock.metAt === null ? urgencyOf(clock.dueAt, now) : 'calm';
  const last = Math.max(0, ...clock.told);
  const runs = clock.metAt === null;
  return (
    <div className={styles.clock}>
      <p className={styles.clockLine}>
        <strong>{name}</strong>
        <span>{words}</span>
      </p>
      <svg
        viewBox={`0 0 ${width} 22`}
        className={styles.bar}
        data-urgency={runs ? urgency : 'met'}
        role="img"
        aria-label={t.passed(Math.floor(Math.max(0, passed)), rule.hours)}
      >
        <rect x="0" y="3" width={width} height="8" rx="4" className={styles.track} />
        <rect x="0" y="3" width={Math.round(share * width)} height="8" rx="4" className={styles.fill} />
        {rule.alarms.map((hours) => {
          const at = Math.round((hours / rule.hours) * width);
          return (
            <g key={hours} className={styles.mark}>
              <path d={`M${at} 1v12`} />
              <text x={at} y="21" textAnchor="middle">
                {t.mark(hours)}
              </text>
            </g>
          );
        })}
      </svg>
      <p className={styles.quiet}>
        {t.started(whenInWords(clock.startedAt, language))}
        {clock.dueAt !== null && `, ${time.at(whenInWords(clock.dueAt, language))}`}
        {rule.ours && ` (${t.ours})`}
      </p>
      {runs && last > 0 && (
        <Tag tone={last >= rule.hours ? 'bad' : 'warn'}>
          {last >= rule.hours ? queue.breach(name) : queue.alarm(name, last)}
        </Tag>
      )}
    </div>
  );
}
