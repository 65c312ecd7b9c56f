import { clockTexts } from '@accord/law';
import type { Reply } from '@accord/protocol';
import { classes } from '../design/index.ts';
import { useLanguage } from '../messages/index.ts';
import { useConsoleMessages } from './messages/index.ts';
import styles from './tags.module.css';

type Line = Reply<'cases.list'>['cases'][number];

export type Tone = 'plain' | 'good' | 'warn' | 'bad';

export function Tag({ tone = 'plain', children }: { readonly tone?: Tone; readonly children: string }) {
  return <span className={classes(styles.tag, styles[tone])}>{children}</span>;
}

/** Where a case stands, what its clocks have told, and what waits in it. */
export function CaseTags({ line }: { readonly line: Line }) {
  const { language } = useLanguage();
  const { phases, queue: t } = useConsoleMessages();
  return (
    <span className={styles.tags}>
      <Tag tone={line.phase === 'valid' || line.phase === 'incomplete' ? 'plain' : 'good'}>
        {phases[line.phase]}
      </Tag>
      {line.childSafety && <Tag tone="bad">{t.childSafety}</Tag>}
      {line.alarms.map(({ clock, hours, breach }) => {
        const name = clockTexts[clock][language];
        return (
          <Tag key={clock} tone={breach ? 'bad' : 'warn'}>
            {breach ? t.breach(name) : t.alarm(name, hours)}
          </Tag>
        );
      })}
      {line.likelyValid && <Tag>{t.likelyValid}</Tag>}
      {line.protected && line.phase !== 'removed' && <Tag>{t.protected}</Tag>}
      {line.appealed && <Tag tone="warn">{t.appealed}</Tag>}
      {line.proposals > 0 && <Tag tone="warn">{t.proposals(line.proposals)}</Tag>}
      {line.unanswered > 0 && <Tag tone="warn">{t.unanswered(line.unanswered)}</Tag>}
    </span>
  );
}
