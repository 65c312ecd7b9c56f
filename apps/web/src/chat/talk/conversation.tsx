import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import {
  Avatar,
  BackIcon,
  Banner,
  BlockIcon,
  Button,
  ClockIcon,
  CloseIcon,
  EmptyState,
  ErrorState,
  Hidden,
  IconButton,
  LockIcon,
  Menu,
  SearchIcon,
  ShieldIcon,
  Skeleton,
  TalkIcon,
  toast,
} from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { sentenceOf } from '../../messages/sentence.ts';
import type { Conversation, MessageEntry } from '../engine/api.ts';
import { useEngine } from '../engine-access.tsx';
import { useSendingPicture } from '../pictures/use-sending-picture.tsx';
import { type Asked, Dialogs, type Question } from './asked.tsx';
import type { BubbleActions } from './bubble.tsx';
import { ClosedLine, Composer, type Intent } from './composer.tsx';
import styles from './conversation.module.css';
import { MessageMenu, type MessageMenuActions, type MessageMenuHandle } from './message-menu.tsx';
import { SearchPanel } from './search-panel.tsx';
import { type TimelineHandle, TimelineView } from './timeline.tsx';
import { type Timeline, useTimeline } from './use-timeline.ts';
import { spanOf } from './words.ts';

interface ConversationProps {
  readonly conversation: Conversation;
  readonly online: boolean | null;
}

/** One conversation: who it is with, what was said, and where to write. */
export function ConversationView({ conversation, online }: ConversationProps) {
  const t = useMessages();
  const timeline = useTimeline(conversation);
  const [intent, setIntent] = useState<Intent>({ kind: 'write' });
  const [asked, setAsked] = useState<Asked | null>(null);
  const [searching, setSearching] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const view = useRef<TimelineHandle>(null);
  const menu = useRef<MessageMenuHandle>(null);
  const { closed } = conversation;
  const name = conversation.with.pseudonym;
  const jump = useJump(timeline, view);
  // The divider stays where it was when the conversation was opened.
  const [firstUnread] = useState(conversation.firstUnread);
  const onEnd = useReadMarks(conversation, timeline);
  // Wherever one was reading: what one has just said is seen.
  const toEnd = useCallback(() => requestAnimationFrame(() => view.current?.toEnd()), []);
  const { loadEarlier, send } = timeline;
  const onStart = useCallback(() => void loadEarlier(), [loadEarlier]);
  const before = useBefore(timeline, conversation.count);
  const onSearch = useCallback(() => setSearching((now) => !now), []);
  const onAsk = useCallback((kind: Question) => setAsked({ kind }), []);
  const onAnswered = useCallback(() => setAsked(null), []);
  const onSend = useCallback(
    (text: string, replyTo: string | undefined) => {
      send(text, replyTo);
      toEnd();
    },
    [send, toEnd],
  );
  const { entries } = timeline;
  const latest = useRef(entries);
  latest.current = entries;
  const sending = useSendingPicture(conversation, toEnd);
  const { share } = sending;
  const actions = useMessageActions({ conversation, timeline, menu, setIntent, setAsked, jump, share });
  const editLast = useCallback(() => {
    const own = latest.current.findLast(
      (entry): entry is MessageEntry => entry.type === 'message' && entry.mine && entry.kind === 'text',
    );
    if (own !== undefined) setIntent({ kind: 'edit', entry: own });
  }, []);

  return (
    <section className={styles.pane} aria-label={name} {...(closed ? {} : sending.drop)}>
      <Header
        accountId={conversation.with.accountId}
        name={name}
        closed={closed}
        verified={conversation.key === 'verified'}
        timer={conversation.timer}
        typing={conversation.typing}
        online={online}
        onSearch={onSearch}
        onAsk={onAsk}
      />
      {searching && (
        <SearchPanel
          conversationId={conversation.id}
          onJump={(id) => void jump(id)}
          onClose={() => setSearching(false)}
        />
      )}
      <Remarks conversation={conversation} onLook={() => setAsked({ kind: 'safety' })} />
      {timeline.phase === 'loading' && (
        <div className={styles.waiting}>
          <Skeleton rows={4} />
        </div>
      )}
      {timeline.phase === 'failed' && <ErrorState error={timeline.error} onRetry={timeline.reload} />}
      {timeline.phase === 'ready' &&
        (entries.length === 0 ? (
          <div className={styles.waiting}>
            <EmptyState icon={TalkIcon} title={t.talk.justOpened}>
              {t.talk.choose}
            </EmptyState>
          </div>
        ) : (
          <TimelineView
            ref={view}
            conversationId={conversation.id}
            name={name}
            entries={entries}
            before={before}
            earlier={timeline.earlier}
            shifted={timeline.shifted}
            firstUnread={firstUnread}
            actions={actions.bubble}
            onStart={onStart}
            onEnd={onEnd}
          />
        ))}
      <p className={styles.typing} aria-live="polite">
        {conversation.typing ? t.talk.typingName(name) : ''}
      </p>
      {closed ? (
        <ClosedLine />
      ) : (
        <Composer
          conversationId={conversation.id}
          name={name}
          draft={conversation.draft}
          intent={intent}
          onIntent={setIntent}
          onSend={onSend}
          onEdit={actions.edit}
          onEditLast={editLast}
          onPicture={sending.choose}
          field={field}
        />
      )}
      {sending.dialog}
      <MessageMenu ref={menu} closed={closed} actions={actions.menu} />
      <Dialogs conversation={conversation} timeline={timeline} asked={asked} onClose={onAnswered} />
    </section>
  );
}

/** How many entries stand before the loaded ones: another figure only when earlier ones are loaded. */
function useBefore({ entries }: Timeline, count: number): number {
  const first = entries.at(0)?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what comes at the end changes nothing before the start
  return useMemo(() => Math.max(0, count - entries.length), [first]);
}

/** Shows a message, loading back to it where it is not there yet. */
function useJump(timeline: Timeline, view: { readonly current: TimelineHandle | null }) {
  const { loadEarlier } = timeline;
  return useCallback(
    async (id: string) => {
      if (view.current?.show(id)) return;
      await loadEarlier(id);
      // Two frames: the list measures what it has just drawn.
      requestAnimationFrame(() => requestAnimationFrame(() => view.current?.show(id)));
    },
    [loadEarlier, view],
  );
}

interface Wiring {
  readonly conversation: Conversation;
  readonly timeline: Timeline;
  readonly menu: { readonly current: MessageMenuHandle | null };
  readonly setIntent: (intent: Intent) => void;
  readonly setAsked: (asked: Asked) => void;
  readonly jump: (id: string) => Promise<void>;
  readonly share: BubbleActions['share'];
}

/** What messages and their menu do; failures are told in a sentence. */
function useMessageActions(wiring: Wiring) {
  const { conversation, timeline, menu, setIntent, setAsked, jump, share } = wiring;
  const t = useMessages();
  const engine = useEngine();
  const { id: conversationId } = conversation;
  const { send } = timeline;
  return useMemo(() => {
    const told = (work: Promise<unknown>) => {
      work.catch((error: unknown) => toast(sentenceOf(error, t), 'failed'));
    };
    const { conversations } = engine;
    const react = ({ id: messageId }: MessageEntry, emoji: string | null) =>
      told(conversations.react({ conversationId, messageId, emoji }));
    const bubble: BubbleActions = {
      menu: (entry, anchor) => menu.current?.open(entry, anchor),
      react,
      retry: (entry) =>
        told(
          // A message that the engine never took is written anew; the engine knows the others.
          entry.seq === Number.MAX_SAFE_INTEGER
            ? conversations.send({
                conversationId,
                id: entry.id,
                text: entry.text ?? '',
                ...(entry.replyTo === null ? {} : { replyTo: entry.replyTo.id }),
              })
            : conversations.retry({ conversationId, messageId: entry.id }),
        ),
      history: (entry) => setAsked({ kind: 'history', entry }),
      jump: (id) => void jump(id),
      view: (entry, blobId) => setAsked({ kind: 'view', entry, blobId }),
      share,
      report: (entry) => setAsked({ kind: 'report', entry }),
    };
    const ofMenu: MessageMenuActions = {
      reply: (to) => setIntent({ kind: 'reply', to }),
      react,
      copy: (entry) =>
        told(navigator.clipboard.writeText(entry.text ?? '').then(() => toast(t.talk.menu.copied))),
      edit: (entry) => setIntent({ kind: 'edit', entry }),
      remove: (entry) => told(conversations.deleteForBoth({ conversationId, messageId: entry.id })),
      report: (entry) => setAsked({ kind: 'report', entry }),
    };
    const edit = (entry: MessageEntry, text: string) => {
      if (text !== entry.text) told(conversations.edit({ conversationId, messageId: entry.id, text }));
    };
    return { bubble, menu: ofMenu, edit, send };
  }, [engine, conversationId, t, menu, setIntent, setAsked, jump, share, send]);
}

/** Tells the engine what was seen: the newest message is on a screen that somebody looks at. */
function useReadMarks(conversation: Conversation, timeline: Timeline): (atEnd: boolean) => void {
  const engine = useEngine();
  const { id: conversationId, unread } = conversation;
  const [atEnd, setAtEnd] = useState(true);
  const [seen, setSeen] = useState(() => document.visibilityState === 'visible');
  useEffect(() => {
    const onChange = () => setSeen(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', onChange);
    return () => document.removeEventListener('visibilitychange', onChange);
  }, []);
  const last = timeline.entries.findLast((entry) => entry.type === 'message' && !entry.mine)?.id;
  useEffect(() => {
    if (!atEnd || !seen || unread === 0 || last === undefined) return;
    engine.conversations.markRead({ conversationId, upTo: last }).catch(() => undefined);
  }, [engine, conversationId, unread, atEnd, seen, last]);
  return setAtEnd;
}

interface HeaderProps {
  readonly accountId: string;
  readonly name: string;
  readonly closed: boolean;
  /** The safety code was compared. */
  readonly verified: boolean;
  readonly timer: number;
  readonly typing: boolean;
  readonly online: boolean | null;
  readonly onSearch: () => void;
  readonly onAsk: (kind: Question) => void;
}

const Header = memo(function Header(props: HeaderProps) {
  const { accountId, name, closed, verified, timer, typing, online, onSearch, onAsk } = props;
  const t = useMessages().talk;
  const lasting = [
    { label: t.safety.title, icon: ShieldIcon, onSelect: () => onAsk('safety') },
    { label: t.timer.title, icon: ClockIcon, onSelect: () => onAsk('timer') },
    { label: t.close.action, icon: CloseIcon, onSelect: () => onAsk('close') },
    { label: t.block.action, icon: BlockIcon, danger: true, onSelect: () => onAsk('block') },
  ];
  return (
    <header className={styles.header}>
      <Link href="/talk" className={styles.back} aria-label={t.back}>
        <BackIcon size={22} />
      </Link>
      <Link href={`/people/${accountId}`} className={styles.who}>
        <Avatar name={name} size="s" online={closed ? null : online} />
        <span className={styles.names}>
          <h1 className={styles.name} dir="auto">
            {name}
            {verified && (
              <span className={styles.verified}>
                <LockIcon size={15} />
                <Hidden>, {t.safety.verified}</Hidden>
              </span>
            )}
          </h1>
          <span className={styles.under}>
            {typing ? t.typing : closed ? t.closedShort : online === true ? t.here : ''}
          </span>
        </span>
      </Link>
      {timer > 0 && !closed && (
        <IconButton
          icon={ClockIcon}
          label={t.timer.on(spanOf(timer, t))}
          className={styles.timer}
          onClick={() => onAsk('timer')}
        />
      )}
      <IconButton icon={SearchIcon} label={t.search.open} onClick={onSearch} />
      <Menu label={t.more} items={closed ? lasting.slice(0, 1) : lasting} />
    </header>
  );
});

function Remarks({
  conversation,
  onLook,
}: {
  readonly conversation: Conversation;
  readonly onLook: () => void;
}) {
  const t = useMessages().talk.status;
  if (conversation.closed) return null;
  if (conversation.key === 'changed')
    return (
      <div className={styles.remark}>
        <Banner
          kind="warn"
          live
          action={
            <Button kind="soft" small onClick={onLook}>
              {t.look}
            </Button>
          }
        >
          {t.changed}
        </Banner>
      </div>
    );
  if (conversation.state === 'open') return null;
  return (
    <div className={styles.remark}>
      <Banner live>{t[conversation.state]}</Banner>
    </div>
  );
}
