import { useMemo, useState } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { call } from '../api/client.ts';
import { useLoad } from '../chat/load.ts';
import { EmptyState, ErrorState, LockIcon, Skeleton, Toasts } from '../design/index.ts';
import { Approvals } from './approvals.tsx';
import { CasePage } from './case/page.tsx';
import { Figures } from './figures.tsx';
import { Frame } from './frame.tsx';
import { type Me, MeContext } from './me.ts';
import { useConsoleMessages } from './messages/index.ts';
import { PauseAfterLooks } from './pause.tsx';
import { QueuePage } from './queue/page.tsx';
import { Staff } from './staff.tsx';

const codeOf = (error: unknown) => (error as { code?: unknown } | null)?.code;

/** The console, for those who have a role. To everybody else the server says that there is nothing. */
export function Console() {
  const asked = useLoad((signal) => call('cases.staff.me', { signal }), []);
  const [looks, setLooks] = useState<number | null>(null);
  const value = asked.state === 'ready' ? asked.value : null;
  const me = useMemo<Me | null>(
    () =>
      value && {
        accountId: value.accountId,
        roles: value.roles,
        revealsInHour: looks ?? value.revealsInHour,
        can: (capability) => value.capabilities.includes(capability),
        looked: setLooks,
      },
    [value, looks],
  );
  return (
    <>
      <MeContext value={me}>
        <Frame>
          {asked.state === 'loading' && <Skeleton rows={4} />}
          {asked.state === 'failed' && <Closed error={asked.error} onRetry={asked.reload} />}
          {me !== null && <Pages me={me} />}
        </Frame>
        {me !== null && <PauseAfterLooks count={me.revealsInHour} />}
      </MeContext>
      <Toasts />
    </>
  );
}

function Closed({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  const t = useConsoleMessages().closed;
  const code = codeOf(error);
  if (code !== 'session_required' && code !== 'not_found') {
    return <ErrorState error={error} onRetry={onRetry} />;
  }
  const signedOut = code === 'session_required';
  return (
    <EmptyState
      icon={LockIcon}
      title={t.title}
      // Another document: a link of the browser's own.
      action={signedOut && <a href="/sign-in?to=console">{t.signIn}</a>}
    >
      {signedOut ? t.signedOut : t.words}
    </EmptyState>
  );
}

/** Each role begins where it has something to do. */
function Pages({ me }: { readonly me: Me }) {
  const reads = me.can('case.read');
  const start = reads ? '/console' : me.can('approval.read') ? '/console/approvals' : '/console/figures';
  return (
    <Switch>
      {reads && (
        <Route path="/console/cases/:caseId">
          {({ caseId }) => <CasePage key={caseId} caseId={caseId} />}
        </Route>
      )}
      {me.can('approval.read') && <Route path="/console/approvals" component={Approvals} />}
      {me.can('figures.read') && <Route path="/console/figures" component={Figures} />}
      {me.can('staff.read') && <Route path="/console/staff" component={Staff} />}
      {reads && (
        <Route path="/console/:view?">{({ view }) => <QueuePage key={view ?? 'open'} view={view} />}</Route>
      )}
      <Route>
        <Redirect to={start} replace />
      </Route>
    </Switch>
  );
}
