import { approvalActions, type CaseAction, mayAsk } from '@accord/case-model';
import { type DeclineGround, declineGrounds } from '@accord/law';
import { useState } from 'react';
import { Button, Card, Select } from '../../design/index.ts';
import { ActDialog } from '../act-dialog.tsx';
import { Pending } from '../approval.tsx';
import { useMe } from '../me.ts';
import { useConsoleMessages } from '../messages/index.ts';
import { WordsField } from '../words-field.tsx';
import styles from './case.module.css';
import { type CaseView, useCase } from './context.ts';

/** Whether asking could lead to anything where the case stands. The server decides. */
const fits: Readonly<Record<CaseAction, (view: CaseView) => boolean>> = {
  restore: ({ phase, safety }) => phase === 'removed' && safety === null,
  decline_likely_valid: ({ phase, likelyValid, safety }) =>
    likelyValid && (phase === 'valid' || phase === 'incomplete') && safety === null,
  export_hash: ({ items }) => items.some(({ kind }) => kind === 'hash' || kind === 'source'),
  reveal_reporter: ({ identity }) => identity.length === 0,
  delete_evidence: ({ closedAt, hold }) => closedAt !== null && !hold,
  clear_child_safety: ({ safety }) => safety !== null && safety.receiptId === null,
};

const ofCase = approvalActions.filter((action): action is CaseAction => action in fits);

/** What takes two people: what waits in this case, and what can be asked for. */
export function TwoPeople() {
  const t = useConsoleMessages().two;
  const { view, reload } = useCase();
  const me = useMe();
  const [action, setAction] = useState<CaseAction | null>(null);
  const pending = new Set(view.openProposals.map((one) => one.action as string));
  const open = ofCase.filter((one) => mayAsk(me.roles, one) && fits[one](view) && !pending.has(one));
  if (view.openProposals.length === 0 && open.length === 0) return null;
  return (
    <Card title={t.title}>
      {view.openProposals.map((proposal) => (
        <Pending key={proposal.id} approval={proposal} onAnswered={reload} />
      ))}
      <div className={styles.acts}>
        {open.map((one) => (
          <Button key={one} kind="soft" small onClick={() => setAction(one)}>
            {t.actions[one] ?? one}
          </Button>
        ))}
      </div>
      {action !== null && <AskDialog action={action} onClose={() => setAction(null)} />}
    </Card>
  );
}

function AskDialog({ action, onClose }: { readonly action: CaseAction; readonly onClose: () => void }) {
  const t = useConsoleMessages();
  const { view, give } = useCase();
  const [words, setWords] = useState('');
  const hashed = view.items.filter(({ kind }) => kind === 'hash' || kind === 'source');
  const [itemId, setItemId] = useState(hashed[0]?.id ?? '');
  const [ground, setGround] = useState<DeclineGround>('not_intimate');
  return (
    <ActDialog
      title={t.two.askFor(t.two.actions[action] ?? action)}
      confirm={t.two.ask}
      ready={words.trim() !== ''}
      done={t.two.asked}
      work={() =>
        give({
          kind: 'ask_approval',
          action,
          words,
          ground: action === 'decline_likely_valid' ? ground : null,
          itemId: action === 'export_hash' ? itemId : null,
        })
      }
      onClose={onClose}
    >
      {action === 'export_hash' && (
        <Select label={t.two.item} value={itemId} onChange={(event) => setItemId(event.target.value)}>
          {hashed.map(({ id, kind, digest }) => (
            <option key={id} value={id}>
              {t.evidence.kinds[kind]} {digest.slice(0, 8)}
            </option>
          ))}
        </Select>
      )}
      {action === 'decline_likely_valid' && (
        <Select
          label={t.decide.decline}
          value={ground}
          onChange={(event) => setGround(event.target.value as DeclineGround)}
        >
          {declineGrounds.map((one) => (
            <option key={one} value={one}>
              {t.decide.declineGrounds[one]}
            </option>
          ))}
        </Select>
      )}
      <WordsField label={t.two.words} value={words} onChange={setWords} />
    </ActDialog>
  );
}
