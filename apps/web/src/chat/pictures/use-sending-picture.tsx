import { type DragEvent, lazy, type ReactNode, Suspense, useState } from 'react';
import type { Conversation } from '../engine/api.ts';
import { pictureIn } from './picture-button.tsx';

const SendDialog = lazy(() => import('./send/send-dialog.tsx'));

interface Sending {
  readonly choose: (file: Blob) => void;
  /** For the element on which a picture may be dropped. */
  readonly drop: {
    readonly onDragOver: (event: DragEvent) => void;
    readonly onDrop: (event: DragEvent) => void;
  };
  readonly dialog: ReactNode;
}

/** From a chosen, pasted or dropped file to the dialog that asks for the sender's yes. */
export function useSendingPicture(conversation: Conversation, onSent: () => void): Sending {
  const [file, setFile] = useState<Blob | null>(null);
  const close = () => setFile(null);
  return {
    choose: setFile,
    drop: {
      onDragOver: (event) => {
        if (event.dataTransfer.types.includes('Files')) event.preventDefault();
      },
      onDrop: (event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        const picture = pictureIn(event.dataTransfer);
        if (picture !== null) setFile(picture);
      },
    },
    dialog: file !== null && (
      <Suspense fallback={null}>
        <SendDialog
          conversation={conversation}
          file={file}
          onClose={close}
          onSent={() => {
            close();
            onSent();
          }}
        />
      </Suspense>
    ),
  };
}
