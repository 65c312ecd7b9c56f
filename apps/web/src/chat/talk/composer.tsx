import {
  type KeyboardEvent,
  memo,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import {
  CheckIcon,
  CloseIcon,
  EditIcon,
  IconButton,
  ReplyIcon,
  SendIcon,
  SmileIcon,
} from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import type { MessageEntry } from '../engine/api.ts';
import { useEngine } from '../engine-access.tsx';
import { PictureButton, pictureIn } from '../pictures/picture-button.tsx';
import styles from './composer.module.css';
import { EmojiPicker } from './emoji-picker.tsx';

/** What the next message is about. */
export type Intent =
  | { readonly kind: 'write' }
  | { readonly kind: 'reply'; readonly to: MessageEntry }
  | { readonly kind: 'edit'; readonly entry: MessageEntry };

interface ComposerProps {
  readonly conversationId: string;
  /** The other person's pseudonym. */
  readonly name: string;
  /** What was being written when the conversation was last left. */
  readonly draft: string;
  readonly intent: Intent;
  readonly onIntent: (intent: Intent) => void;
  readonly onSend: (text: string, replyTo: string | undefined) => void;
  readonly onEdit: (entry: MessageEntry, text: string) => void;
  /** Arrow up in an empty field: the last message of one's own. */
  readonly onEditLast: () => void;
  /** A picture was chosen or pasted: nothing leaves before its own dialog. */
  readonly onPicture: (file: Blob) => void;
  readonly field: RefObject<HTMLTextAreaElement | null>;
}

const limit = 4000;
const draftAfter = 400;

/** Where messages are written. The draft is kept with the conversation, on this device. */
export const Composer = memo(function Composer(props: ComposerProps) {
  const { conversationId, name, intent, onIntent, onSend, onEdit, onEditLast, onPicture, field } = props;
  const t = useMessages().talk.composer;
  const engine = useEngine();
  const [text, setText] = useState(props.draft);
  const draft = useRef(text);
  const edited = intent.kind === 'edit' ? intent.entry.id : null;

  // Changing a message borrows the field; the draft comes back afterwards.
  useEffect(() => {
    if (intent.kind === 'edit') setText(intent.entry.text ?? '');
    else setText(draft.current);
    if (intent.kind !== 'write') field.current?.focus();
  }, [intent, field]);

  useEffect(() => {
    if (edited !== null) return;
    draft.current = text;
    const timer = setTimeout(
      () => void engine.conversations.setDraft({ conversationId, text }).catch(() => undefined),
      draftAfter,
    );
    return () => clearTimeout(timer);
  }, [engine, conversationId, text, edited]);

  useEffect(
    () => () =>
      void engine.conversations.setDraft({ conversationId, text: draft.current }).catch(() => undefined),
    [engine, conversationId],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const area = field.current;
    if (area === null) return;
    area.style.blockSize = 'auto';
    area.style.blockSize = `${area.scrollHeight}px`;
  }, [text, field]);

  const said = text.trim();
  const over = text.length - limit;
  const submit = () => {
    if (said === '' || over > 0) return;
    if (intent.kind === 'edit') onEdit(intent.entry, said);
    else {
      onSend(said, intent.kind === 'reply' ? intent.to.id : undefined);
      draft.current = '';
      setText('');
    }
    onIntent({ kind: 'write' });
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === 'Escape' && intent.kind !== 'write') {
      event.stopPropagation();
      onIntent({ kind: 'write' });
    } else if (event.key === 'ArrowUp' && text === '') {
      event.preventDefault();
      onEditLast();
    }
  };
  const insert = (emoji: string) => {
    const area = field.current;
    const at = area?.selectionStart ?? text.length;
    setText(text.slice(0, at) + emoji + text.slice(area?.selectionEnd ?? at));
    requestAnimationFrame(() => {
      area?.focus();
      area?.setSelectionRange(at + emoji.length, at + emoji.length);
    });
  };

  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {intent.kind !== 'write' && (
        <IntentBanner intent={intent} name={name} onStop={() => onIntent({ kind: 'write' })} />
      )}
      <div className={styles.line}>
        <PictureButton onPicture={onPicture} />
        <EmojiPicker label={t.emoji} icon={SmileIcon} onPick={insert} />
        <div className={styles.box}>
          <textarea
            ref={field}
            aria-label={t.label}
            className={styles.field}
            rows={1}
            dir="auto"
            value={text}
            placeholder={t.placeholder}
            title={t.hint}
            enterKeyHint="send"
            aria-invalid={over > 0 || undefined}
            onKeyDown={onKeyDown}
            onPaste={(event) => {
              const picture = pictureIn(event.clipboardData);
              if (picture === null) return;
              event.preventDefault();
              onPicture(picture);
            }}
            onChange={(event) => {
              setText(event.target.value);
              if (event.target.value !== '')
                void engine.conversations.typing({ conversationId }).catch(() => undefined);
            }}
          />
        </div>
        <IconButton
          type="submit"
          icon={intent.kind === 'edit' ? CheckIcon : SendIcon}
          label={intent.kind === 'edit' ? t.save : t.send}
          className={styles.send}
          aria-disabled={said === '' || over > 0}
        />
      </div>
      <p className={styles.over} role="status">
        {over > 0 ? t.tooLong(over) : ''}
      </p>
    </form>
  );
});

interface IntentBannerProps {
  readonly intent: Exclude<Intent, { kind: 'write' }>;
  readonly name: string;
  readonly onStop: () => void;
}

function IntentBanner({ intent, name, onStop }: IntentBannerProps) {
  const t = useMessages().talk.composer;
  const entry = intent.kind === 'edit' ? intent.entry : intent.to;
  const title = intent.kind === 'edit' ? t.editing : entry.mine ? t.replyingToSelf : t.replyingTo(name);
  const Shape = intent.kind === 'edit' ? EditIcon : ReplyIcon;
  return (
    <div className={styles.intent}>
      <Shape size={20} />
      <span className={styles.about}>
        <strong>{title}</strong>
        <span className={styles.quoted} dir="auto">
          {entry.text}
        </span>
      </span>
      <IconButton icon={CloseIcon} label={t.stop} onClick={onStop} />
    </div>
  );
}

/** In place of the composer where nothing can be written any more. */
export function ClosedLine() {
  return <p className={styles.closed}>{useMessages().talk.composer.closed}</p>;
}
