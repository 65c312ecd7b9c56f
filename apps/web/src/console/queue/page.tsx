import { useCallback, useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { Button, CheckIcon, classes, EmptyState, ErrorState, Page, Skeleton } from '../../design/index.ts';
import { useKeys } from '../keys.ts';
import { Left } from '../left.tsx';
import { useMe } from '../me.ts';
import { useConsoleMessages } from '../messages/index.ts';
import { CaseTags } from '../tags.tsx';
import { Bulk } from './bulk.tsx';
import { Filters } from './filters.tsx';
import styles from './queue.module.css';
import { type Asked, type Line, useQueue } from './use-queue.ts';
import { rememberQueue } from './walk.ts';

const views = ['open', 'appeals', 'child_safety', 'closed'] as const;
type View = (typeof views)[number];

const addressOf = (view: View): string => (view === 'open' ? '/console' : `/console/${view}`);

const rowsOf = (list: HTMLElement | null): HTMLElement[] => [
  ...(list?.querySelectorAll<HTMLElement>('[data-row]') ?? []),
];

/** The cases by time left. What a child is in stands in a lane of its own, for those alone who may see it. */
export function QueuePage({ view }: { readonly view: string | undefined }) {
  const t = useConsoleMessages().queue;
  const me = useMe();
  const shown: View = views.find((one) => one === view) ?? 'open';
  const [asked, setAsked] = useState<Asked>({ view: shown });
  const [find, setFind] = useState(0);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const queue = useQueue(asked);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    rememberQueue(
      queue.lines.map(({ id }) => id),
      addressOf(shown),
    );
  }, [queue.lines, shown]);
  const toggle = useCallback((id: string) => {
    setChosen((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  }, []);
  const current = () => (document.activeElement as HTMLElement | null)?.closest<HTMLElement>('[data-row]');
  const move = (step: 1 | -1) => {
    const rows = rowsOf(list.current);
    const row = current();
    const at = row == null ? -1 : rows.indexOf(row);
    const next = at === -1 ? rows[step === 1 ? 0 : rows.length - 1] : rows[at + step];
    if (next === undefined && step === 1) queue.more();
    next?.querySelector<HTMLElement>('a')?.focus();
  };
  const decides = me.can('case.decide');
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    o: () => current()?.querySelector('a')?.click(),
    x: () => {
      const id = current()?.dataset.row;
      if (decides && id !== undefined) toggle(id);
    },
    r: queue.reload,
    '/': () => setFind((before) => before + 1),
  });
  const open = views.filter((one) => one !== 'child_safety' || me.can('case.child_safety'));
  return (
    <Page title={t.title} width="wide">
      <nav aria-label={t.title} className={styles.views}>
        {open.map((one) => (
          <Link
            key={one}
            href={addressOf(one)}
            className={styles.view}
            aria-current={one === shown ? 'page' : undefined}
          >
            {t.views[one]}
          </Link>
        ))}
      </nav>
      <Filters asked={asked} onChange={setAsked} find={find} />
      {chosen.size > 0 && (
        <Bulk
          caseIds={[...chosen]}
          onClear={() => setChosen(new Set())}
          onDone={() => {
            setChosen(new Set());
            queue.reload();
          }}
        />
      )}
      {queue.state === 'loading' && <Skeleton rows={6} />}
      {queue.state === 'failed' && <ErrorState error={queue.error} onRetry={queue.reload} />}
      {queue.state === 'ready' && queue.lines.length === 0 && (
        <EmptyState icon={CheckIcon} title={t.emptyTitle}>
          {t.empty}
        </EmptyState>
      )}
      {queue.lines.length > 0 && (
        <>
          <ol ref={list} className={styles.lines} aria-label={t.listLabel}>
            {queue.lines.map((line) => (
              <Row
                key={line.id}
                line={line}
                chosen={chosen.has(line.id)}
                onToggle={decides ? toggle : null}
              />
            ))}
          </ol>
          {queue.hasMore ? (
            <More onMore={queue.more} label={t.more} />
          ) : (
            <p className={styles.end}>{t.end}</p>
          )}
        </>
      )}
    </Page>
  );
}

interface RowProps {
  readonly line: Line;
  readonly chosen: boolean;
  readonly onToggle: ((id: string) => void) | null;
}

function Row({ line, chosen, onToggle }: RowProps) {
  const t = useConsoleMessages().queue;
  return (
    <li className={classes(styles.line, chosen && styles.chosen)} data-row={line.id}>
      {onToggle !== null && (
        <label className={styles.check}>
          <input
            type="checkbox"
            checked={chosen}
            aria-label={t.select(line.number)}
            onChange={() => onToggle(line.id)}
          />
        </label>
      )}
      <Link href={`/console/cases/${line.id}`} className={styles.link}>
        <span className={styles.number}>{t.case(line.number)}</span>
        <Left dueAt={line.closedAt === null ? line.dueAt : null} />
        <CaseTags line={line} />
        <span className={styles.holds}>
          {line.pictures > 0 && <span>{t.pictures(line.pictures)}</span>}
          {line.places > 0 && <span>{t.places(line.places)}</span>}
        </span>
      </Link>
    </li>
  );
}

/** Fetches the next page when it comes into sight, and by a press where nothing scrolls. */
function More({ onMore, label }: { readonly onMore: () => void; readonly label: string }) {
  const button = useRef<HTMLButtonElement>(null);
  const latest = useRef(onMore);
  latest.current = onMore;
  useEffect(() => {
    const element = button.current;
    if (element === null) return;
    const watch = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) latest.current();
      },
      { rootMargin: '600px' },
    );
    watch.observe(element);
    return () => watch.disconnect();
  });
  return (
    <Button ref={button} kind="soft" onClick={onMore}>
      {label}
    </Button>
  );
}
