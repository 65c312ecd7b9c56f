import { useEffect } from 'react';
import { classes } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { useEngine, useStatus } from '../engine-access.tsx';
import { useLoad } from '../load.ts';
import { ConversationView } from './conversation.tsx';
import { ConversationList } from './list.tsx';
import styles from './page.module.css';
import { useConversations, useOnline } from './use-conversations.ts';
import { ConversationWaiting, ListWaiting, NothingChosen } from './waiting.tsx';

/** The conversations, and one of them where `conversationId` names it: side by side where there is room. */
export default function TalkPage({ conversationId }: { readonly conversationId?: string }) {
  const t = useMessages().talk;
  const engine = useEngine();
  const conversations = useConversations();
  const { connection } = useStatus();
  const there = connection === 'online' || connection === 'fallback';
  const open = conversations.filter(({ closed }) => there && !closed);
  const online = useOnline(open.map((each) => each.with.accountId));
  const first = useLoad(() => engine.conversations.list(), [engine]);
  const chosen = conversations.find(({ id }) => id === conversationId);
  useEffect(() => {
    // Without content: a title shows in histories and on shared screens.
    document.title = `${t.title} · Accord`;
  }, [t.title]);
  return (
    <div className={classes(styles.panes, conversationId !== undefined && styles.open)}>
      <div className={styles.list}>
        {first.state === 'loading' && conversations.length === 0 ? (
          <ListWaiting />
        ) : (
          <ConversationList conversations={conversations} chosen={conversationId} online={online} />
        )}
      </div>
      <div className={styles.detail}>
        {chosen !== undefined ? (
          <ConversationView
            key={chosen.id}
            conversation={chosen}
            online={online.get(chosen.with.accountId) ?? null}
          />
        ) : conversationId !== undefined && first.state === 'loading' ? (
          <ConversationWaiting />
        ) : (
          <NothingChosen />
        )}
      </div>
    </div>
  );
}
