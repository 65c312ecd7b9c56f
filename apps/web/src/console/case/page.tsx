import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { call } from '../../api/client.ts';
import { useLoad } from '../../chat/load.ts';
import {
  Banner,
  Button,
  classes,
  EmptyState,
  ErrorState,
  ForwardIcon,
  LockIcon,
  Page,
  Skeleton,
  TurnIcon,
} from '../../design/index.ts';
import { useKeys } from '../keys.ts';
import { Left } from '../left.tsx';
import { useConsoleMessages } from '../messages/index.ts';
import { neighbour, queueAddress } from '../queue/walk.ts';
import { CaseTags } from '../tags.tsx';
import { Acts } from './acts.tsx';
import { Appeals } from './appeals.tsx';
import styles from './case.module.css';
import { Clocks } from './clocks.tsx';
import { CaseContext, type CaseView, type ConsoleCommand, type OpenCase } from './context.ts';
import { Decide } from './decide.tsx';
import { Evidence } from './evidence.tsx';
import { Notices } from './notices.tsx';
import { Outcome } from './outcome.tsx';
import { Safety } from './safety.tsx';
import { Said } from './said.tsx';
import { Timeline } from './timeline.tsx';
import { TwoPeople } from './two-people.tsx';

/** One case: what was said, what is known, what the law wants by when, and what can be done. */
export function CasePage({ caseId }: { readonly caseId: string }) {
  const t = useConsoleMessages().case;
  const loaded = useLoad((signal) => call('cases.read', { params: { caseId }, signal }), [caseId]);
  const { set, reload } = loaded;
  const view = loaded.state === 'ready' ? loaded.value : null;
  const open = useMemo<OpenCase | null>(
    () =>
      view && {
        view,
        async give(command: ConsoleCommand) {
          set(await call('cases.command', { params: { caseId }, body: { command } }));
        },
        reload,
      },
    [view, caseId, set, reload],
  );
  if (loaded.state === 'failed') {
    const gone = (loaded.error as { code?: unknown }).code === 'not_found';
    return (
      <Page title={t.back} back={queueAddress()}>
        {gone ? (
          <EmptyState icon={LockIcon} title={t.gone} />
        ) : (
          <ErrorState error={loaded.error} onRetry={reload} />
        )}
      </Page>
    );
  }
  if (open === null) {
    return (
      <Page title={t.back} back={queueAddress()} width="wide">
        <Skeleton rows={6} />
      </Page>
    );
  }
  return (
    <CaseContext value={open}>
      <Opened view={open.view} reload={reload} />
    </CaseContext>
  );
}

function Opened({ view, reload }: { readonly view: CaseView; readonly reload: () => void }) {
  const t = useConsoleMessages().case;
  const [, go] = useLocation();
  const [message, setMessage] = useState(0);
  const next = neighbour(view.id, 1);
  const before = neighbour(view.id, -1);
  const to = (id: string | null) => () => id !== null && go(`/console/cases/${id}`);
  useKeys({
    j: to(next),
    k: to(before),
    u: () => go(queueAddress()),
    r: reload,
    m: () => setMessage((count) => count + 1),
  });
  return (
    <Page
      title={t.title(view.number)}
      documentTitle={t.back}
      back={queueAddress()}
      width="wide"
      actions={
        <span className={styles.actions}>
          <Button kind="soft" small icon={TurnIcon} onClick={reload}>
            {t.reload}
          </Button>
          {next !== null && (
            <Button kind="soft" small icon={ForwardIcon} onClick={to(next)}>
              {t.next}
            </Button>
          )}
        </span>
      }
    >
      <div className={styles.top}>
        <Left dueAt={view.closedAt === null ? view.dueAt : null} large />
        <CaseTags line={view} />
      </div>
      {view.mergedInto !== null && (
        <Banner
          action={
            <Button kind="plain" small onClick={to(view.mergedInto)}>
              {t.openOther}
            </Button>
          }
        >
          {t.mergedInto}
        </Banner>
      )}
      {view.hold && <Banner icon={LockIcon}>{t.hold}</Banner>}
      <div className={styles.columns}>
        <div className={classes(styles.column, styles.known)}>
          <Safety />
          <Said />
          <Evidence />
          <Outcome />
          <Appeals />
        </div>
        <div className={classes(styles.column, styles.doing)}>
          <Clocks />
          <Decide />
          <Acts message={message} />
          <TwoPeople />
        </div>
        <div className={classes(styles.column, styles.after)}>
          <Notices />
          <Timeline />
        </div>
      </div>
    </Page>
  );
}
