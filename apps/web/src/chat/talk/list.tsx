import { Link } from 'wouter';
import { Avatar, ButtonLink, classes, EmptyState, Hidden, TalkIcon } from '../../design/index.ts';
import { useLanguage } from '../../messages/index.ts';
import type { Conversation } from '../engine/api.ts';
import { useNow } from '../time.ts';
import styles from './list.module.css';
import { StateIcon } from './state-icon.tsx';
import { shortWhen } from './words.ts';

interface ListProps {
  readonly conversations: readonly Conversation[];
  readonly chosen: string | undefined;
  readonly online: ReadonlyMap<string, boolean | null>;
}

/** The conversations, the newest first. */
export function ConversationList({ conversations, chosen, online }: ListProps) {
  const t = useLanguage().messages.talk;
  return (
    <section className={styles.pane} aria-labelledby="conversations">
      <h1 id="conversations" className={styles.title} tabIndex={-1}>
        {t.title}
      </h1>
      {conversations.length === 0 ? (
        <EmptyState
          icon={TalkIcon}
          title={t.emptyTitle}
          action={<ButtonLink href="/people">{t.toPeople}</ButtonLink>}
        >
          {t.empty}
        </EmptyState>
      ) : (
        <ul className={styles.list} aria-label={t.listLabel}>
          {conversations.map((conversation) => (
            <Row
              key={conversation.id}
              conversation={conversation}
              here={conversation.id === chosen}
              online={online.get(conversation.with.accountId) ?? null}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

interface RowProps {
  readonly conversation: Conversation;
  readonly here: boolean;
  readonly online: boolean | null;
}

function Row({ conversation, here, online }: RowProps) {
  const { messages, language } = useLanguage();
  const t = messages.talk;
  const now = useNow();
  const { last, unread, closed } = conversation;
  const name = conversation.with.pseudonym;
  return (
    <li>
      <Link
        href={`/talk/${conversation.id}`}
        className={classes(styles.row, here && styles.here, unread > 0 && styles.fresh)}
        aria-current={here ? 'true' : undefined}
      >
        <Avatar name={name} online={closed ? null : online} />
        <span className={styles.said}>
          <span className={styles.head}>
            <span className={styles.name} dir="auto">
              {name}
              {online === true && !closed && <Hidden>, {t.here}</Hidden>}
            </span>
            <time
              className={styles.when}
              dateTime={new Date(last?.at ?? conversation.createdAt).toISOString()}
            >
              {shortWhen(last?.at ?? conversation.createdAt, now, language)}
            </time>
          </span>
          <span className={styles.foot}>
            <Preview conversation={conversation} />
            {unread > 0 && (
              <span className={styles.unread}>
                <span aria-hidden="true">{unread > 99 ? '99+' : unread}</span>
                <Hidden>{t.unread(unread)}</Hidden>
              </span>
            )}
          </span>
        </span>
      </Link>
    </li>
  );
}

function Preview({ conversation }: { readonly conversation: Conversation }) {
  const { talk: t, pictures } = useLanguage().messages;
  const { last, typing, draft, closed } = conversation;
  if (typing) return <span className={classes(styles.text, styles.typing)}>{t.typing}</span>;
  if (draft.trim() !== '' && !closed)
    return (
      <span className={styles.text} dir="auto">
        <em className={styles.draft}>{t.draft}</em> {draft}
      </span>
    );
  if (last === null) return <span className={styles.text}>{closed ? t.closedShort : t.justOpened}</span>;
  const text =
    last.kind === 'deleted'
      ? last.mine
        ? t.deletedMine
        : t.deleted
      : last.kind === 'newer'
        ? t.newer
        : last.kind === 'picture'
          ? pictures.bubble.label
          : (last.text ?? '');
  return (
    <span className={styles.text} dir="auto">
      {last.mine && last.kind === 'text' && <StateIcon state={last.state} />}
      {text}
    </span>
  );
}
