import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import {
  Avatar,
  Button,
  ButtonLink,
  ClockIcon,
  EmptyState,
  ErrorState,
  Page,
  RequestsIcon,
  SendIcon,
  Skeleton,
  Tabs,
  toast,
} from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import type { TalkRequest } from '../engine/api.ts';
import { useEngine } from '../engine-access.tsx';
import { useAction } from '../load.ts';
import { useRequests } from '../requests.ts';
import { spanInWords, useNow } from '../time.ts';
import { Failure } from './failure.tsx';
import styles from './requests.module.css';

/** The requests to talk, received and sent. */
export default function Requests() {
  const t = useMessages().requests;
  const [tab, setTab] = useState<'received' | 'sent'>('received');
  const requests = useRequests();
  const ready = requests.state === 'ready' ? requests.value : null;
  return (
    <Page title={t.title}>
      <Tabs
        label={t.tabs}
        current={tab}
        onChange={setTab}
        tabs={[
          { id: 'received', label: t.received, count: ready?.incoming.length ?? 0 },
          { id: 'sent', label: t.sent, count: ready?.outgoing.length ?? 0 },
        ]}
      >
        {requests.state === 'loading' && <Skeleton rows={2} />}
        {requests.state === 'failed' && <ErrorState error={requests.error} onRetry={requests.reload} />}
        {ready !== null && tab === 'received' && (
          <Received requests={ready.incoming} onChange={requests.reload} />
        )}
        {ready !== null && tab === 'sent' && <Sent requests={ready.outgoing} leftToday={ready.leftToday} />}
      </Tabs>
    </Page>
  );
}

interface ReceivedProps {
  readonly requests: readonly TalkRequest[];
  readonly onChange: () => void;
}

function Received({ requests, onChange }: ReceivedProps) {
  const t = useMessages().requests;
  if (requests.length === 0) {
    return (
      <EmptyState icon={RequestsIcon} title={t.emptyReceivedTitle}>
        {t.emptyReceived}
      </EmptyState>
    );
  }
  return (
    <ul className={styles.list}>
      {requests.map((request) => (
        <Incoming key={request.id} request={request} onChange={onChange} />
      ))}
    </ul>
  );
}

function Incoming({ request, onChange }: { readonly request: TalkRequest; readonly onChange: () => void }) {
  const t = useMessages();
  const engine = useEngine();
  const [, go] = useLocation();
  const accept = useAction();
  const hide = useAction();
  const now = useNow();
  const onAccept = () =>
    accept.run(async () => {
      const { conversationId } = await engine.requests.accept(request.id);
      go(`/talk/${conversationId}`);
    });
  const onHide = () =>
    hide.run(async () => {
      await engine.requests.hide(request.id);
      onChange();
      toast(t.requests.hidden);
    });
  return (
    <li className={styles.request}>
      <Who request={request} />
      <blockquote className={styles.line} dir="auto">
        {request.line ?? t.requests.unreadable}
      </blockquote>
      <p className={styles.left}>
        <ClockIcon size={18} />
        {t.requests.left(spanInWords(request.lapsesAt - now, t.time))}
      </p>
      <Failure error={accept.error ?? hide.error} />
      <div className={styles.answers}>
        <Button kind="soft" busy={hide.busy} onClick={() => void onHide()}>
          {t.requests.hide}
        </Button>
        <Button busy={accept.busy} onClick={() => void onAccept()}>
          {accept.busy ? t.requests.accepting : t.requests.accept}
        </Button>
      </div>
    </li>
  );
}

interface SentProps {
  readonly requests: readonly TalkRequest[];
  readonly leftToday: number;
}

function Sent({ requests, leftToday }: SentProps) {
  const t = useMessages();
  const now = useNow();
  const today = leftToday === 0 ? t.requests.noneToday : t.requests.today(leftToday);
  if (requests.length === 0) {
    return (
      <EmptyState
        icon={SendIcon}
        title={t.requests.emptySentTitle}
        action={<ButtonLink href="/people">{t.requests.look}</ButtonLink>}
      >
        <p>{t.requests.emptySent}</p>
        <p>{today}</p>
      </EmptyState>
    );
  }
  return (
    <>
      <ul className={styles.list}>
        {requests.map((request) => (
          <li key={request.id} className={styles.request}>
            <Who request={request} />
            <blockquote className={styles.line} dir="auto">
              {request.line ?? t.requests.unread}
            </blockquote>
            <p className={styles.left}>
              <ClockIcon size={18} />
              {t.requests.leftTheirs(spanInWords(request.lapsesAt - now, t.time))}
            </p>
          </li>
        ))}
      </ul>
      <p className={styles.today}>{today}</p>
    </>
  );
}

function Who({ request }: { readonly request: TalkRequest }) {
  const { id, pseudonym, online } = request.person;
  return (
    <Link href={`/people/${id}`} className={styles.who}>
      <Avatar name={pseudonym} online={online} />
      <span dir="auto">{pseudonym}</span>
    </Link>
  );
}
