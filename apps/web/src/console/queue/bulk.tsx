import { bulkLimit, mayAsk } from '@accord/case-model';
import type { RemoveGround } from '@accord/law';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import { Banner, Button, toast } from '../../design/index.ts';
import { ActDialog } from '../act-dialog.tsx';
import { GroundSelect } from '../ground-select.tsx';
import { useMe } from '../me.ts';
import { useConsoleMessages } from '../messages/index.ts';
import { WordsField } from '../words-field.tsx';
import styles from './queue.module.css';

interface BulkProps {
  readonly caseIds: readonly string[];
  readonly onClear: () => void;
  readonly onDone: () => void;
}

/** What can be done with several cases: up to a limit by one person, above it two are asked. */
export function Bulk({ caseIds, onClear, onDone }: BulkProps) {
  const t = useConsoleMessages().queue;
  const [what, setWhat] = useState<'remove' | 'close' | null>(null);
  return (
    <div className={styles.bulk} role="status">
      <strong>{t.selected(caseIds.length)}</strong>
      <Button kind="soft" small onClick={() => setWhat('remove')}>
        {t.removeAll}
      </Button>
      <Button kind="soft" small onClick={() => setWhat('close')}>
        {t.closeAll}
      </Button>
      <Button kind="plain" small onClick={onClear}>
        {t.clear}
      </Button>
      {what !== null && (
        <BulkDialog what={what} caseIds={caseIds} onClose={() => setWhat(null)} onDone={onDone} />
      )}
    </div>
  );
}

interface BulkDialogProps {
  readonly what: 'remove' | 'close';
  readonly caseIds: readonly string[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function BulkDialog({ what, caseIds, onClose, onDone }: BulkDialogProps) {
  const t = useConsoleMessages();
  const me = useMe();
  const [words, setWords] = useState('');
  const [ground, setGround] = useState<RemoveGround>('ncii_real');
  const two = caseIds.length > bulkLimit;
  const run = async () => {
    if (two) {
      const change = {
        action: 'bulk' as const,
        caseIds: [...caseIds],
        what,
        ground: what === 'remove' ? ground : null,
        words,
      };
      await call('cases.approvals.ask', { body: { change } });
    } else {
      const failed = await eachInTurn(caseIds, what, ground, words);
      if (failed > 0) toast(t.queue.bulkFailed(failed), 'failed');
    }
    onDone();
  };
  return (
    <ActDialog
      title={what === 'remove' ? t.queue.bulkRemove : t.queue.bulkClose}
      confirm={two ? t.two.ask : what === 'remove' ? t.decide.remove : t.acts.close}
      ready={words.trim() !== '' && (!two || mayAsk(me.roles, 'bulk'))}
      done={two ? t.queue.asked : t.acts.done}
      work={run}
      onClose={onClose}
    >
      <p>{t.queue.selected(caseIds.length)}</p>
      {two && <Banner kind="warn">{t.queue.bulkTwo(bulkLimit)}</Banner>}
      {what === 'remove' && (
        <GroundSelect label={t.decide.appealGround} value={ground} onChange={setGround} />
      )}
      <WordsField label={t.queue.bulkWords} value={words} onChange={setWords} />
    </ActDialog>
  );
}

/** One after another: each is a decision of its own, with its own events. Resolves to how many were refused. */
async function eachInTurn(
  caseIds: readonly string[],
  what: 'remove' | 'close',
  ground: RemoveGround,
  words: string,
): Promise<number> {
  let failed = 0;
  for (const caseId of caseIds) {
    const command =
      what === 'close' ? ({ kind: 'close' } as const) : ({ kind: 'remove', ground, words } as const);
    await call('cases.command', { params: { caseId }, body: { command } }).catch(() => {
      failed += 1;
    });
  }
  return failed;
}
