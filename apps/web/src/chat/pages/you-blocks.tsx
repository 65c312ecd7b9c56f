import type { Reply } from '@accord/protocol';
import { call } from '../../api/client.ts';
import {
  Avatar,
  BlockIcon,
  Button,
  Card,
  EmptyState,
  ErrorState,
  Page,
  Skeleton,
  toast,
} from '../../design/index.ts';
import { useLanguage, useMessages } from '../../messages/index.ts';
import { useAction, useLoad } from '../load.ts';
import { dayInWords } from '../time.ts';
import { Failure } from './failure.tsx';
import styles from './you.module.css';

type Block = Reply<'accounts.blocks.list'>['blocks'][number];

/** Whom one has blocked. */
export default function YouBlocks() {
  const t = useMessages().you.blocks;
  const list = useLoad((signal) => call('accounts.blocks.list', { signal }), []);
  return (
    <Page title={t.title} back="/you">
      {list.state === 'loading' && <Skeleton rows={2} />}
      {list.state === 'failed' && <ErrorState error={list.error} onRetry={list.reload} />}
      {list.state === 'ready' && list.value.blocks.length === 0 && (
        <EmptyState icon={BlockIcon} title={t.emptyTitle}>
          {t.empty}
        </EmptyState>
      )}
      {list.state === 'ready' && list.value.blocks.length > 0 && (
        <Card rows>
          {list.value.blocks.map((block) => (
            <Row key={block.accountId} block={block} onDone={list.reload} />
          ))}
        </Card>
      )}
    </Page>
  );
}

function Row({ block, onDone }: { readonly block: Block; readonly onDone: () => void }) {
  const { messages, language } = useLanguage();
  const t = messages.you.blocks;
  const action = useAction();
  const undo = async () => {
    const { accountId } = block;
    const done = await action.run(async () => {
      await call('accounts.blocks.remove', { params: { accountId } });
    });
    if (!done) return;
    onDone();
    toast(t.undone(block.pseudonym));
  };
  return (
    <div className={styles.row}>
      <div className={styles.person}>
        <Avatar name={block.pseudonym} />
        <div>
          <p className={styles.deviceName} dir="auto">
            {block.pseudonym}
          </p>
          <p className={styles.quiet}>{t.since(dayInWords(block.since, language))}</p>
        </div>
      </div>
      <Button kind="soft" small busy={action.busy} onClick={() => void undo()}>
        {t.undo}
      </Button>
      <Failure error={action.error} />
    </div>
  );
}
