import { useEffect, useId, useRef, useState } from 'react';
import { Button, Dialog, Skeleton } from '../../../design/index.ts';
import { useMessages } from '../../../messages/index.ts';
import type { Conversation } from '../../engine/api.ts';
import { useEngine } from '../../engine-access.tsx';
import { useAction } from '../../load.ts';
import { useConversations } from '../../talk/use-conversations.ts';
import { type OpenPicture, studio } from '../studio/client.ts';
import { type Edits, noEdits } from '../studio/edits.ts';
import { StudioFailure } from '../studio-failure.tsx';
import { Editor } from './editor.tsx';
import styles from './send.module.css';
import { asksOthers, firstDraft, type TermsDraft, TermsForm, termsOf } from './terms-form.tsx';

interface SendDialogProps {
  readonly conversation: Conversation;
  readonly file: Blob;
  readonly onClose: () => void;
  /** The picture stands in the timeline. */
  readonly onSent: () => void;
}

/** From a file to the sender's yes: what leaves, for how long, who is in it, and what will be known. */
export default function SendDialog({ conversation, file, onClose, onSent }: SendDialogProps) {
  const t = useMessages();
  const words = t.pictures;
  const form = useId();
  const { picture, failure } = useOpenPicture(file);
  const [steps, setSteps] = useState<readonly Edits[]>([noEdits]);
  const [deciding, setDeciding] = useState(false);
  const [draft, setDraft] = useState<TermsDraft>(firstDraft);
  const [tried, setTried] = useState(false);
  const sending = useSending(conversation);
  const edits = steps.at(-1) ?? noEdits;
  const members = useMembers(conversation);
  // What had the focus is gone with the step before.
  const terms = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (deciding) terms.current?.focus();
  }, [deciding]);
  const ready = draft.who !== null && (!asksOthers(draft) || draft.people.length > 0);
  const submit = async () => {
    setTried(true);
    if (picture === null || draft.who === null || !ready) return;
    const { who } = draft;
    const done = await sending.run(async () => {
      const people = asksOthers(draft) ? draft.people : [];
      await sending.send(await picture.finish(edits), termsOf(draft, who), people);
    });
    if (done) onSent();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={deciding ? words.terms.title : words.editor.title}
      actions={
        // By keys: one button that became the other in the middle of a click would send at once.
        deciding ? (
          <>
            <Button key="back" kind="soft" onClick={() => setDeciding(false)}>
              {words.editor.back}
            </Button>
            <Button key="send" type="submit" form={form} busy={sending.busy}>
              {asksOthers(draft) ? words.terms.sendAfter : words.terms.send}
            </Button>
          </>
        ) : (
          <>
            <Button key="cancel" kind="soft" onClick={onClose}>
              {t.common.cancel}
            </Button>
            <Button
              key="next"
              aria-disabled={picture === null}
              onClick={() => picture !== null && setDeciding(true)}
            >
              {words.editor.next}
            </Button>
          </>
        )
      }
    >
      {picture === null && failure === null && (
        <div className={styles.reading}>
          <p>{words.editor.preparing}</p>
          <Skeleton rows={2} />
        </div>
      )}
      <StudioFailure error={failure} />
      {picture !== null && !deciding && (
        <Editor
          picture={picture}
          edits={edits}
          onEdit={(next) => setSteps([...steps, next])}
          onUndo={steps.length > 1 ? () => setSteps(steps.slice(0, -1)) : undefined}
        />
      )}
      {picture !== null && deciding && (
        <form
          id={form}
          ref={terms}
          tabIndex={-1}
          className={styles.form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <p className={styles.to}>{words.terms.to(conversation.with.pseudonym)}</p>
          <TermsForm draft={draft} onChange={setDraft} members={members} tried={tried} />
          <p role="alert" className={styles.wrong}>
            {tried && draft.who === null ? words.terms.who : null}
          </p>
          <section className={styles.known} aria-label={words.terms.known.title}>
            <h3>{words.terms.known.title}</h3>
            <p>{words.terms.known.text(conversation.with.pseudonym)}</p>
            <a href="/help/pictures" target="_blank" rel="noreferrer">
              {words.terms.known.more}
            </a>
          </section>
          <StudioFailure error={sending.error} />
        </form>
      )}
    </Dialog>
  );
}

/** Reads the file in the studio, and lets it go when the dialog closes. */
function useOpenPicture(file: Blob): { readonly picture: OpenPicture | null; readonly failure: unknown } {
  const [picture, setPicture] = useState<OpenPicture | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    let gone = false;
    let opened: OpenPicture | null = null;
    studio()
      .open(file)
      .then(
        (value) => {
          if (gone) value.close();
          else {
            opened = value;
            setPicture(value);
          }
        },
        (error: unknown) => gone || setFailure(error),
      );
    return () => {
      gone = true;
      opened?.close();
    };
  }, [file]);
  return { picture, failure };
}

function useSending({ id: conversationId }: Conversation) {
  const { pictures } = useEngine();
  const action = useAction();
  const send = async (
    made: Awaited<ReturnType<OpenPicture['finish']>>,
    terms: ReturnType<typeof termsOf>,
    people: TermsDraft['people'],
  ) => {
    const { spent: _, ...picture } = made;
    await pictures.send({ conversationId, id: crypto.randomUUID(), picture, terms, people });
  };
  return { ...action, send };
}

/** Whom one can ask: everybody with whom one has an open conversation. */
function useMembers(conversation: Conversation) {
  return useConversations()
    .filter(({ closed, id }) => !closed && id !== conversation.id)
    .map(({ with: person }) => person)
    .concat(conversation.with);
}
