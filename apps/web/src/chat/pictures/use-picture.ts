import { useCallback, useEffect, useState } from 'react';
import type { PictureLook } from '../engine/pictures-api.ts';
import { useEngine } from '../engine-access.tsx';

/** Where a picture stands, followed while it is on the screen; null until it is known. */
export function usePicture(messageId: string): PictureLook | null {
  const engine = useEngine();
  const [look, setLook] = useState<PictureLook | null>(null);
  const read = useCallback(() => {
    engine.pictures.look({ messageId }).then(setLook, () => undefined);
  }, [engine, messageId]);
  useEffect(() => {
    read();
    return engine.subscribe((event) => {
      if (event.type !== 'pictures') return;
      if (event.messageIds.length === 0 || event.messageIds.includes(messageId)) read();
    });
  }, [engine, messageId, read]);
  return look;
}

/** How to follow a picture of a conversation while it is open: calls back when it can no longer be seen. */
export function useFollowing(blobId: string): (onDark: () => void) => () => void {
  const engine = useEngine();
  return useCallback(
    (onDark) =>
      engine.subscribe((event) => {
        if (event.type === 'pictures' && event.dark.includes(blobId)) onDark();
      }),
    [engine, blobId],
  );
}
