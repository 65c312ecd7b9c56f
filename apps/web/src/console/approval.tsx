import { type ApprovalAction, mayApprove } from '@accord/case-model';
import type { ReactNode } from 'react';
import { call } from '../api/client.ts';
import { useAction } from '../chat/load.ts';
import { Failure } from '../chat/pages/failure.tsx';
import { Button, toast } from '../design/index.ts';
import { useLanguage } from '../messages/index.ts';
import styles from './approval.module.css';
import { staffName, useMe } from './me.ts';
import { useConsoleMessages } from './messages/index.ts';
import { whenInWords } from './time.ts';

interface PendingProps {
  readonly approval: {
    readonly id: string;
    readonly action: ApprovalAction;
    readonly askedBy: string;
    readonly askedAt: number;
    readonly words: string;
  };
  /** What it is about, beyond its words. */
  readonly detail?: ReactNode;
  readonly onAnswered: () => void;
}

/** Something that waits for a second person: to be answered by another who has the role, and by nobody else. */
export function Pending({ approval, detail, onAnswered }: PendingProps) {
  const { two: t, events } = useConsoleMessages();
  const { language } = useLanguage();
  const me = useMe();
  const answering = useAction();
  const { id: approvalId, action, askedBy, askedAt, words } = approval;
  const name = t.actions[action] ?? action;
  const own = askedBy === me.accountId;
  const answer = async (yes: boolean) => {
    const done = await answering.run(async () => {
      await call('cases.approvals.answer', { params: { approvalId }, body: { yes } });
    });
    if (!done) return;
    toast(t.answered);
    onAnswered();
  };
  return (
    <div className={styles.pending}>
      <p>
        <strong>{name}</strong>
      </p>
      {detail}
      <blockquote className={styles.words} dir="auto">
        {words}
      </blockquote>
      <p className={styles.quiet}>
        {t.askedBy(own ? events.you : staffName(askedBy), whenInWords(askedAt, language))}
      </p>
      {own && <p>{t.own}</p>}
      {!own && !mayApprove(me.roles, action) && <p>{t.notYours}</p>}
      {!own && mayApprove(me.roles, action) && (
        <>
          <p className={styles.quiet}>{t.confirm}</p>
          <div className={styles.answers}>
            <Button small busy={answering.busy} aria-label={t.yesFor(name)} onClick={() => void answer(true)}>
              {t.yes}
            </Button>
            <Button
              small
              kind="soft"
              busy={answering.busy}
              aria-label={t.noFor(name)}
              onClick={() => void answer(false)}
            >
              {t.no}
            </Button>
          </div>
        </>
      )}
      <Failure error={answering.error} />
    </div>
  );
}
