import { type ReactNode, useEffect, useRef, useState } from 'react';
import {
  Button,
  classes,
  EyeIcon,
  FlagIcon,
  LinkIcon,
  OnceIcon,
  PictureIcon,
  toast,
} from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { sentenceOf } from '../../messages/sentence.ts';
import type { Conversation, MessageEntry } from '../engine/api.ts';
import type { AskedPerson, PictureLook, PictureMode } from '../engine/pictures-api.ts';
import { useEngine } from '../engine-access.tsx';
import { useAction } from '../load.ts';
import { Failure } from '../pages/failure.tsx';
import styles from './bubble.module.css';
import { RefusalCode } from './refusal-code.tsx';
import { ShareOn } from './share-on.tsx';
import { usePicture } from './use-picture.ts';
import { Yeses } from './yeses.tsx';

/**
 * What opens over the conversation. It must not be the bubble's own: the list takes a bubble out that is scrolled away, and a
 * picture that may be seen once would go with it.
 */
export interface PictureActions {
  readonly view: (entry: MessageEntry, blobId: string) => void;
  /** Prepares a picture for sending to somebody else. */
  readonly share: (to: Conversation, file: Blob) => void;
  readonly report: (entry: MessageEntry) => void;
}

interface PictureBubbleProps {
  readonly conversationId: string;
  readonly entry: MessageEntry;
  readonly name: string;
  readonly actions: PictureActions;
}

/** A picture in the timeline: covered, with who agreed to what, and what can be done about it. */
export default function PictureBubble({ actions, ...side }: PictureBubbleProps) {
  const look = usePicture(side.entry.id);
  if (look === null) return <div className={styles.card} />;
  return look.mine ? <Mine {...side} look={look} /> : <Theirs {...side} look={look} actions={actions} />;
}

type SideProps = Omit<PictureBubbleProps, 'actions'> & { readonly look: PictureLook };

/** What is not shown, at the shape of what would be. */
function Cover({
  look,
  children,
  quiet = false,
}: {
  readonly look: PictureLook;
  readonly children: ReactNode;
  readonly quiet?: boolean;
}) {
  const shape = Math.min(1.8, Math.max(0.75, look.width / look.height));
  return (
    <div
      className={classes(styles.cover, quiet && styles.quiet)}
      style={{ aspectRatio: quiet ? undefined : shape }}
    >
      {children}
    </div>
  );
}

function Theirs({ entry, name, look, actions }: SideProps & Pick<PictureBubbleProps, 'actions'>) {
  const t = useMessages().pictures;
  const { pictures } = useEngine();
  const action = useAction();
  const { id: messageId } = entry;
  const decide = (answer: 'once' | PictureMode) =>
    void action.run(() => pictures.decide({ messageId, answer }));
  return (
    <div className={styles.card}>
      {look.mode === 'never' ? (
        <Cover look={look} quiet>
          <p>{t.bubble.neverText(name)}</p>
        </Cover>
      ) : look.ended ? (
        <Cover look={look} quiet>
          <p>{t.refusals.gone}</p>
        </Cover>
      ) : look.refusal !== null ? (
        <Cover look={look} quiet>
          <p>{t.refusals[look.refusal]}</p>
        </Cover>
      ) : look.mode === 'always' || look.accepted ? (
        <Cover look={look}>
          {look.maxViews === 1 ? <OnceIcon size={34} /> : <PictureIcon size={34} />}
          <p>{t.bubble.covered}</p>
          <Button small icon={EyeIcon} onClick={() => actions.view(entry, look.blobId)}>
            {look.seen ? t.bubble.openAgain : t.bubble.open}
          </Button>
        </Cover>
      ) : (
        <Cover look={look} quiet>
          <p className={styles.lead}>{t.bubble.arrived(name)}</p>
          <p className={styles.hint}>{t.bubble.arrivedHint}</p>
          <div className={styles.choices}>
            <Button small busy={action.busy} onClick={() => decide('once')}>
              {t.bubble.once}
            </Button>
            <Button small kind="soft" busy={action.busy} onClick={() => decide('always')}>
              {t.bubble.always(name)}
            </Button>
            <Button small kind="plain" busy={action.busy} onClick={() => decide('never')}>
              {t.bubble.never}
            </Button>
          </div>
        </Cover>
      )}
      <Yeses look={look} name={name} />
      {look.unverifiable && <p className={styles.hint}>{t.bubble.unverifiable}</p>}
      {look.grant !== null && !look.ended && (
        <ShareOn messageId={messageId} grant={look.grant} onShare={actions.share} />
      )}
      <div className={styles.choices}>
        {look.mode === 'never' && (
          <Button small kind="plain" busy={action.busy} onClick={() => decide('ask')}>
            {t.bubble.change}
          </Button>
        )}
        <Button small kind="plain" icon={FlagIcon} onClick={() => actions.report(entry)}>
          {t.bubble.report}
        </Button>
      </div>
      <Failure error={action.error} />
    </div>
  );
}

function Mine({ conversationId, entry, name, look }: SideProps) {
  const words = useMessages();
  const t = words.pictures.bubble;
  const engine = useEngine();
  const action = useAction();
  const { sending } = look;
  const dark = look.ended || sending === null;
  const { step = 'sent', progress = 1, failure = null, appeal = null, people = [] } = sending ?? {};
  const takeBack = () => void action.run(() => engine.pictures.takeBack({ blobId: look.blobId }));
  const again = () =>
    void action.run(() => engine.conversations.retry({ conversationId, messageId: entry.id }));
  const stands = step === 'refused' || step === 'declined' || step === 'failed';
  return (
    <div className={styles.card}>
      <Cover look={look}>
        {look.thumbnail === null ? (
          <PictureIcon size={34} />
        ) : (
          <Thumbnail bytes={look.thumbnail} label={t.mine} />
        )}
      </Cover>
      {step !== 'sent' && (
        <p className={classes(styles.step, stands && styles.stands)} role="status">
          {step === 'uploading' ? t.steps.uploading(Math.round(progress * 100)) : t.steps[step]}
          {step === 'failed' && failure !== null && ` ${sentenceOf({ code: failure }, words)}`}
        </p>
      )}
      {step === 'uploading' && <progress className={styles.progress} value={progress} aria-label={t.label} />}
      {appeal !== null && <RefusalCode appeal={appeal} people={people} />}
      {people.length > 0 && step !== 'sent' && <People people={people} />}
      <Yeses look={look} name={name} />
      {!dark && (
        <div className={styles.choices}>
          {step === 'failed' && (
            <Button small kind="soft" busy={action.busy} onClick={again}>
              {t.tryAgain}
            </Button>
          )}
          <Button small kind="plain" busy={action.busy} onClick={takeBack}>
            {step === 'sent' ? t.takeBack : stands ? t.remove : t.callOff}
          </Button>
        </div>
      )}
      {look.ended && <p className={styles.hint}>{words.pictures.mine.states[endOf(look)]}</p>}
      <Failure error={action.error} />
    </div>
  );
}

/** How an own picture came to its end: it ran out by itself where nobody said otherwise. */
const endOf = ({ sent }: PictureLook) => (sent === null || sent.state === 'open' ? 'expired' : sent.state);

function People({ people }: { readonly people: readonly AskedPerson[] }) {
  return (
    <ul className={styles.people}>
      {people.map((person) => (
        <PersonLine key={person.consentId} person={person} />
      ))}
    </ul>
  );
}

function PersonLine({ person }: { readonly person: AskedPerson }) {
  const t = useMessages().pictures.bubble;
  const { name, state } = person;
  const link = person.link === null ? null : new URL(person.link, location.href).href;
  // Where copying is forbidden, the link is shown to be selected.
  const [shown, setShown] = useState(false);
  const copy = (text: string) =>
    navigator.clipboard.writeText(text).then(
      () => toast(t.linkCopied),
      () => setShown(true),
    );
  return (
    <li>
      <span>
        <strong dir="auto">{name}</strong> {t.answers[state]}
      </span>
      {link !== null && (
        <Button small kind="soft" icon={LinkIcon} onClick={() => void copy(link)}>
          {t.copyLink(name)}
        </Button>
      )}
      {shown && <code className={styles.linkText}>{link}</code>}
    </li>
  );
}

/** A small picture of one's own, blurred until it is touched: who looks over one's shoulder sees colours. */
export function Thumbnail({ bytes, label }: { readonly bytes: Uint8Array; readonly label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let gone = false;
    void createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>])).then((bitmap) => {
      const element = canvas.current;
      if (!gone && element !== null) {
        element.width = bitmap.width;
        element.height = bitmap.height;
        element.getContext('2d')?.drawImage(bitmap, 0, 0);
      }
      bitmap.close();
    });
    return () => {
      gone = true;
    };
  }, [bytes]);
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={label}
      className={styles.thumbnail}
      onContextMenu={(event) => event.preventDefault()}
    />
  );
}
