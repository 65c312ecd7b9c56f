import { Button, Card } from '../../../design/index.ts';
import { useMessages } from '../../../messages/index.ts';
import type { PictureMode } from '../../engine/pictures-api.ts';
import { useEngine } from '../../engine-access.tsx';
import { useAction, useLoad } from '../../load.ts';
import { Failure } from '../../pages/failure.tsx';
import { useConversations } from '../../talk/use-conversations.ts';
import styles from './pictures.module.css';

/** The receiver's standing yeses and noes, each with its way back. */
export function Senders() {
  const t = useMessages().pictures;
  const engine = useEngine();
  const action = useAction();
  const conversations = useConversations();
  const list = useLoad(() => engine.pictures.senders(), [engine]);
  if (list.state !== 'ready') return null;
  const decided = list.value.filter(({ mode }) => mode !== 'ask');
  if (decided.length === 0) return null;
  const nameOf = (accountId: string) =>
    conversations.find(({ with: person }) => person.accountId === accountId)?.with.pseudonym ?? '–';
  const reset = async (accountId: string) => {
    const done = await action.run(() => engine.pictures.setSender({ accountId, mode: 'ask' }));
    if (done) list.reload();
  };
  const said = (mode: PictureMode) => (mode === 'always' ? t.yeses.toAlways : t.yeses.refused);
  return (
    <Card title={t.mine.senders} rows>
      {decided.map(({ accountId, mode }) => (
        <div key={accountId} className={styles.sender}>
          <span>
            <strong dir="auto">{nameOf(accountId)}</strong> <span className={styles.quiet}>{said(mode)}</span>
          </span>
          <Button small kind="soft" busy={action.busy} onClick={() => void reset(accountId)}>
            {t.bubble.change}
          </Button>
        </div>
      ))}
      <Failure error={action.error} />
    </Card>
  );
}
