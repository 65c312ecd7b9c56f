import { lazy, Suspense } from 'react';
import type { Conversation, MessageEntry } from '../engine/api.ts';
import { AskDialog, HistoryDialog, ReportMessageDialog, SafetyDialog, TimerDialog } from './dialogs.tsx';
import type { Timeline } from './use-timeline.ts';

/** Fetched by whoever has a picture, as the bubbles of pictures are. */
const MessageViewer = lazy(() => import('../pictures/message-viewer.tsx'));

export type Question = 'safety' | 'timer' | 'close' | 'block';

export type Asked =
  | { readonly kind: Question }
  | { readonly kind: 'report' | 'history'; readonly entry: MessageEntry }
  | { readonly kind: 'view'; readonly entry: MessageEntry; readonly blobId: string };

interface DialogsProps {
  readonly conversation: Conversation;
  readonly timeline: Timeline;
  readonly asked: Asked | null;
  readonly onClose: () => void;
}

const quotedBefore = 5;

/** What was asked for over the conversation; nothing where nothing was. */
export function Dialogs({ conversation, timeline, asked, onClose }: DialogsProps) {
  if (asked === null) return null;
  const common = { conversation, open: true, onClose };
  switch (asked.kind) {
    case 'safety':
      return <SafetyDialog {...common} />;
    case 'timer':
      return <TimerDialog {...common} />;
    case 'close':
    case 'block':
      return <AskDialog conversation={conversation} what={asked.kind} onClose={onClose} />;
    case 'view':
      return (
        <Suspense fallback={null}>
          <MessageViewer
            messageId={asked.entry.id}
            blobId={asked.blobId}
            name={conversation.with.pseudonym}
            onClose={onClose}
          />
        </Suspense>
      );
    case 'history':
      return <HistoryDialog entry={asked.entry} open onClose={onClose} />;
    case 'report': {
      const texts = timeline.entries
        .slice()
        .filter(
          (entry): entry is MessageEntry =>
            entry.type === 'message' && (entry.kind === 'text' || entry.kind === 'picture'),
        );
      const at = texts.findIndex(({ id }) => id === asked.entry.id);
      const around = texts.slice(Math.max(0, at - quotedBefore), Math.max(0, at));
      return <ReportMessageDialog {...common} entry={asked.entry} around={around} />;
    }
  }
}
