import { useState } from 'react';
import { Button } from '../../design/index.ts';
import { useLanguage } from '../../messages/index.ts';
import type { Conversation } from '../engine/api.ts';
import type { PictureLook, PictureRefusal } from '../engine/pictures-api.ts';
import { useEngine } from '../engine-access.tsx';
import { useAction } from '../load.ts';
import { useConversations } from '../talk/use-conversations.ts';
import { dayInWords } from '../time.ts';
import styles from './bubble.module.css';
import { reveal } from './reveal.ts';
import { studio } from './studio/client.ts';
import { StudioFailure } from './studio-failure.tsx';

interface ShareOnProps {
  readonly messageId: string;
  readonly grant: NonNullable<PictureLook['grant']>;
  readonly onShare: (to: Conversation, file: Blob) => void;
}

/** The owner's permission to share: opens the picture, which counts as a view, and sends it on like one's own. */
export function ShareOn({ messageId, grant, onShare }: ShareOnProps) {
  const { messages, language } = useLanguage();
  const t = messages.pictures;
  const { pictures } = useEngine();
  const action = useAction();
  const conversations = useConversations();
  const [refusal, setRefusal] = useState<PictureRefusal | null>(null);
  const named = grant.receivers.map(({ accountId }) => accountId);
  const open = conversations.filter(
    ({ closed, with: person }) => !closed && named.includes(person.accountId),
  );
  const share = (to: Conversation) =>
    void action.run(async () => {
      setRefusal(null);
      let bytes: Uint8Array<ArrayBuffer> | null = null;
      const eye = studio();
      const keeping = {
        ...eye,
        draw: (drawn: Uint8Array<ArrayBuffer>, asked: boolean) => {
          bytes = drawn;
          return eye.draw(drawn, asked);
        },
      };
      const revealed = await reveal(pictures, keeping, messageId);
      if (revealed.outcome === 'refused') return setRefusal(revealed.code);
      if (bytes === null) return;
      revealed.bitmap.close();
      onShare(to, new Blob([bytes]));
    });
  return (
    <div>
      <p className={styles.hint}>
        {t.bubble.share(grant.receivers.map(({ pseudonym }) => pseudonym).join(', '))},{' '}
        {t.questions.until(dayInWords(grant.until, language))}
      </p>
      <div className={styles.choices}>
        {open.map((to) => (
          <Button key={to.id} small kind="soft" busy={action.busy} onClick={() => share(to)}>
            {t.bubble.shareOn(to.with.pseudonym)}
          </Button>
        ))}
      </div>
      <StudioFailure error={action.error} />
      {refusal !== null && <p role="alert">{t.refusals[refusal]}</p>}
    </div>
  );
}
