import { useCallback } from 'react';
import { useMessages } from '../../messages/index.ts';
import { useEngine } from '../engine-access.tsx';
import { reveal } from './reveal.ts';
import { studio } from './studio/client.ts';
import { useFollowing } from './use-picture.ts';
import Viewer from './viewer.tsx';

interface MessageViewerProps {
  readonly messageId: string;
  readonly blobId: string;
  /** Who sent it. */
  readonly name: string;
  readonly onClose: () => void;
}

/** A picture that came with a message, opened for as long as it is looked at. */
export default function MessageViewer({ messageId, blobId, name, onClose }: MessageViewerProps) {
  const t = useMessages().pictures.bubble;
  const { pictures } = useEngine();
  const follow = useFollowing(blobId);
  const open = useCallback(() => reveal(pictures, studio(), messageId), [pictures, messageId]);
  return <Viewer label={t.theirs(name)} follow={follow} open={open} onClose={onClose} />;
}
