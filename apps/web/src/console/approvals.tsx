import type { Reply } from '@accord/protocol';
import { Link } from 'wouter';
import { call } from '../api/client.ts';
import { useLoad } from '../chat/load.ts';
import { Card, CheckIcon, EmptyState, ErrorState, Page, Skeleton } from '../design/index.ts';
import { Pending } from './approval.tsx';
import { useKeys } from './keys.ts';
import { staffName, useMe } from './me.ts';
import { useConsoleMessages } from './messages/index.ts';
import { ThresholdCard } from './threshold.tsx';

type Approval = Reply<'cases.approvals.list'>['approvals'][number];

/** Everything that waits for a second person. */
export function Approvals() {
  const t = useConsoleMessages().two;
  const list = useLoad((signal) => call('cases.approvals.list', { signal }), []);
  useKeys({ r: list.reload });
  return (
    <Page title={t.listTitle}>
      {list.state === 'loading' && <Skeleton rows={3} />}
      {list.state === 'failed' && <ErrorState error={list.error} onRetry={list.reload} />}
      {list.state === 'ready' && list.value.approvals.length === 0 && (
        <EmptyState icon={CheckIcon} title={t.emptyTitle}>
          {t.empty}
        </EmptyState>
      )}
      {list.state === 'ready' && list.value.approvals.length > 0 && (
        <Card rows>
          {list.value.approvals.map((approval) => (
            <Pending
              key={approval.id}
              approval={approval}
              detail={<Detail approval={approval} radius={list.value.radius} />}
              onAnswered={list.reload}
            />
          ))}
        </Card>
      )}
      {list.state === 'ready' && <ThresholdCard radius={list.value.radius} onAsked={list.reload} />}
    </Page>
  );
}

/** What of the desk's own questions is to be said: whose roles, how many cases, from which distance to which. */
function Detail({ approval, radius }: { readonly approval: Approval; readonly radius: number }) {
  const { two: t, staff, decide } = useConsoleMessages();
  const me = useMe();
  const { action, caseId, detail } = approval;
  if (caseId !== null) {
    const ground = (decide.declineGrounds as Readonly<Record<string, string>>)[String(detail.ground)];
    return (
      <>
        {ground !== undefined && <p>{ground}</p>}
        {me.can('case.read') && <Link href={`/console/cases/${caseId}`}>{t.openCase}</Link>}
      </>
    );
  }
  if (action === 'roles') {
    const roles = (Array.isArray(detail.roles) ? detail.roles : []).map(
      (role) => (staff.roles as Readonly<Record<string, string>>)[String(role)] ?? String(role),
    );
    const who = staffName(String(detail.accountId ?? ''));
    return <p>{t.newRoles(who, roles.length === 0 ? t.noRoles : roles.join(', '))}</p>;
  }
  if (action === 'bulk') {
    const count = Array.isArray(detail.caseIds) ? detail.caseIds.length : 0;
    return (
      <p>
        {t.cases(count)}, {t.bulkWhat[String(detail.what)] ?? String(detail.what)}
      </p>
    );
  }
  if (action === 'threshold') return <p>{t.threshold.change(radius, Number(detail.radius))}</p>;
  return null;
}
