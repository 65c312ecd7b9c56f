import { type DragEvent, lazy, type ReactNode, Suspense, useCallback, useState } from 'react';
import type { Conversation } from '../engine/api.ts';
import { pictureIn } from './picture-button.tsx';

const SendDialog = lazy(() => import('./send/send-dialog.tsx'));

interface Sending {
  readonly choose: (file: Blob) => void;
  /** The same for a picture that goes to somebody else. */
  readonly share: (to: Conversation, file: Blob) => void;
  /** For the element on which a picture may be dropped. */
  readonly drop: {
    readonly onDragOver: (event: DragEvent) => void;
    readonly onDrop: (event: DragEvent) => void;
  };
  readonly dialog: ReactNode;
}

/** From a chosen, pasted or dropped file to the dialog that asks for the sender's yes. */
export function useSendingPicture(conversation: Conversation, onSent: () => void): Sending {
  const [chosen, setChosen] = useState<{ to: Conversation; file: Blob } | null>(null);
  const close = () => setChosen(null);
  const choose = (file: Blob) => setChosen({ to: conversation, file });
  return {
    choose,
    share: useCallback((to, file) => setChosen({ to, file }), []),
    drop: {
      onDragOver: (event) => {
        if (event.dataTransfer.types.includes('Files')) event.preventDefault();
      },
      onDrop: (event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        const picture = pictureIn(event.dataTransfer);
        if (picture !== null) choose(picture);
      },
    },
    dialog: chosen !== null && (
      <Suspense fallback={null}>
        <SendDialog
          conversation={chosen.to}
          file={chosen.file}
          onClose={close}
          onSent={() => {
            close();
            if (chosen.to.id === conversation.id) onSent();
          }}
        />
      </Suspense>
    ),
  };
}
