import type { Reply } from '@accord/protocol';
import { consent, encodeConsent, publicKeyOf, withdrawConsent } from '@accord/sealed-media';
import { useCallback, useState } from 'react';
import { Link } from 'wouter';
import { call } from '../../../api/client.ts';
import {
  Banner,
  Button,
  CopyIcon,
  ErrorState,
  EyeIcon,
  Page,
  Skeleton,
  Switch,
  toast,
} from '../../../design/index.ts';
import { useLanguage, useMessages } from '../../../messages/index.ts';
import { asUuid, fromBase64Url, toBase64Url, uuidBytes, uuidFrom } from '../../engine/core/bytes.ts';
import { openCopy, openUnderLink } from '../../engine/core/pictures/copy.ts';
import { useAction, useLoad } from '../../load.ts';
import { Failure } from '../../pages/failure.tsx';
import { dayInWords } from '../../time.ts';
import type { Revealed } from '../reveal.ts';
import { StudioError, studio } from '../studio/client.ts';
import Viewer from '../viewer.tsx';
import styles from './pictures.module.css';

type Question = Reply<'media.links.read'>;

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

/** Bytes in the fragment of this page's address, which no server ever sees; null where they are not whole. */
function fromFragment(text: string, length: number): Uint8Array | null {
  try {
    const bytes = fromBase64Url(text);
    return bytes.length === length ? bytes : null;
  } catch {
    return null;
  }
}

/** For somebody in a picture who is not here: the question behind a one-time link, or the way back from a yes. */
export default function ConsentLink({ linkId }: { readonly linkId: string }) {
  const fragment = location.hash.slice(1);
  if (linkId === 'back') return <TakeBack fragment={fragment} />;
  const key = fromFragment(fragment, 32);
  return key === null ? <Broken /> : <Ask linkId={linkId} linkKey={key} />;
}

function Broken() {
  const t = useMessages().pictures.link;
  return (
    <Page title={t.title}>
      <Banner kind="warn">{t.broken}</Banner>
    </Page>
  );
}

interface AskProps {
  readonly linkId: string;
  readonly linkKey: Uint8Array;
}

function Ask({ linkId, linkKey }: AskProps) {
  const t = useMessages().pictures.link;
  const question = useLoad((signal) => call('media.links.read', { params: { linkId }, signal }), [linkId]);
  const [back, setBack] = useState<string | null>(null);
  const [said, setSaid] = useState<'yes' | 'no' | null>(null);
  const name = question.state === 'ready' ? question.value.askedBy?.pseudonym : undefined;
  const waiting = question.state === 'ready' && question.value.state === 'waiting' && said === null;
  return (
    <Page title={t.title} lead={name === undefined ? t.leadUnknown : t.lead(name)}>
      {question.state === 'loading' && <Skeleton rows={2} />}
      {question.state === 'failed' && isGone(question.error) && <Banner>{t.closed}</Banner>}
      {question.state === 'failed' && !isGone(question.error) && (
        <ErrorState error={question.error} onRetry={question.reload} />
      )}
      {question.state === 'ready' && !waiting && said === null && <Banner>{t.closed}</Banner>}
      {waiting && question.state === 'ready' && (
        <Waiting
          linkId={linkId}
          linkKey={linkKey}
          question={question.value}
          onAnswer={(answer, link) => {
            setSaid(answer);
            setBack(link);
          }}
        />
      )}
      {said === 'no' && (
        <Banner kind="good" live>
          {t.saidNo}
        </Banner>
      )}
      {back !== null && <Kept link={back} />}
    </Page>
  );
}

const isGone = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 'not_found';

interface WaitingProps extends AskProps {
  readonly question: Question;
  readonly onAnswer: (answer: 'yes' | 'no', back: string | null) => void;
}

function Waiting({ linkId, linkKey, question, onAnswer }: WaitingProps) {
  const { messages, language } = useLanguage();
  const t = messages.pictures.link;
  const action = useAction();
  const [adult, setAdult] = useState(false);
  const [looking, setLooking] = useState(false);
  const close = useCallback(() => setLooking(false), []);
  const open = useCallback(() => openLink(linkId, linkKey, question), [linkId, linkKey, question]);
  const names = question.receivers.map(({ pseudonym }) => pseudonym);
  const answer = (yes: boolean) =>
    void action.run(async () => {
      const given = yes ? await giveYes(question) : null;
      await call('media.links.answer', { params: { linkId }, body: { record: given?.record ?? null } });
      onAnswer(yes ? 'yes' : 'no', given?.back ?? null);
    });
  return (
    <div className={styles.stage}>
      <p>{names.length === 0 ? t.forNobody : t.for(names.join(', '))}</p>
      <p className={styles.quiet}>{t.noAccount}</p>
      <Banner kind="warn">
        {t.adultNeeded} <Link href="/help">{t.help}</Link>
      </Banner>
      <Switch label={t.adult} checked={adult} onChange={setAdult} />
      <Button kind="soft" icon={EyeIcon} aria-disabled={!adult} onClick={() => adult && setLooking(true)}>
        {t.look}
      </Button>
      <div className={styles.actions}>
        <Button busy={action.busy} aria-disabled={!adult} onClick={() => adult && answer(true)}>
          {t.yes}
        </Button>
        <Button kind="soft" busy={action.busy} onClick={() => answer(false)}>
          {t.no}
        </Button>
      </div>
      <p className={styles.quiet}>{t.lapses(dayInWords(question.lapsesAt, language))}</p>
      <Failure error={action.error} />
      {looking && <Viewer label={t.title} open={open} onClose={close} />}
    </div>
  );
}

/** The copy that is asked about, opened with the key in the link and the server's half. */
async function openLink(linkId: string, key: Uint8Array, question: Question): Promise<Revealed<ImageBitmap>> {
  if (question.sealed === null) return { outcome: 'refused', code: 'gone' };
  const params = { linkId };
  const ciphertext = await call('media.links.blob', { params });
  const view = await call('media.links.view', { params, body: { viewId: uuidFrom(random(16)) } });
  try {
    const opened = await openUnderLink(key, fromBase64Url(question.sealed), question.consentId);
    const bytes = await openCopy(opened, {
      ciphertext,
      ks: fromBase64Url(view.ks),
      blobId: question.blobId,
      ph: fromBase64Url(question.ph),
    });
    const { bitmap } = await studio().draw(bytes);
    return { outcome: 'shown', bitmap, viewsLeft: view.viewsLeft, expiresAt: view.expiresAt };
  } catch (error) {
    if (error instanceof StudioError) throw error;
    return { outcome: 'refused', code: 'not_openable' };
  }
}

/** A yes under a key made for it alone, which its giver keeps in a link: nobody else can take it back, or knows whose it is. */
async function giveYes({ ph, receivers, until }: Question): Promise<{ record: string; back: string }> {
  const seed = random(32);
  const id = uuidBytes(uuidFrom(random(16)));
  const record = await consent(seed, {
    id,
    giver: await publicKeyOf(seed),
    ph: fromBase64Url(ph),
    receivers: receivers.map(({ identityPublicKey }) => fromBase64Url(identityPublicKey)),
    until,
    givenAt: Date.now(),
  });
  const back = new URL(`/consent/back#${asUuid(id)}.${toBase64Url(seed)}`, location.href).href;
  return { record: toBase64Url(encodeConsent(record)), back };
}

function Kept({ link }: { readonly link: string }) {
  const t = useMessages();
  const words = t.pictures.link;
  return (
    <div className={styles.stage}>
      <Banner kind="good" title={words.saidYes} live>
        {words.keep}
      </Banner>
      {/* biome-ignore lint/a11y/useSemanticElements: a group with a name, not a form's fieldset */}
      <p className={styles.keep} role="group" aria-label={words.keepLabel} translate="no">
        {link}
      </p>
      <Button
        kind="soft"
        icon={CopyIcon}
        onClick={() => void navigator.clipboard.writeText(link).then(() => toast(t.common.copied))}
      >
        {t.common.copy}
      </Button>
    </div>
  );
}

/** The link that somebody kept: the id of their yes, and the key that gave it. */
function TakeBack({ fragment }: { readonly fragment: string }) {
  const [recordId = '', secret = ''] = fragment.split('.');
  const seed = fromFragment(secret, 32);
  return seed === null ? <Broken /> : <TakeBackOne recordId={recordId} seed={seed} />;
}

function TakeBackOne({ recordId, seed }: { readonly recordId: string; readonly seed: Uint8Array }) {
  const { messages, language } = useLanguage();
  const t = messages.pictures.link;
  const action = useAction();
  const record = useLoad(
    (signal) => call('media.records.read', { params: { recordId }, signal }),
    [recordId],
  );
  const [done, setDone] = useState(false);
  const takeBack = () =>
    void action.run(async () => {
      const signature = toBase64Url(await withdrawConsent(seed, uuidBytes(recordId)));
      await call('media.records.withdraw', { params: { recordId }, body: { signature } });
      setDone(true);
    });
  const withdrawn = record.state === 'ready' ? record.value.withdrawnAt : null;
  return (
    <Page title={t.backTitle} lead={t.backText}>
      {record.state === 'loading' && <Skeleton rows={1} />}
      {record.state === 'failed' && <ErrorState error={record.error} onRetry={record.reload} />}
      {withdrawn !== null && !done && <Banner>{t.backWas(dayInWords(withdrawn, language))}</Banner>}
      {done && (
        <Banner kind="good" live>
          {t.backDone}
        </Banner>
      )}
      {record.state === 'ready' && withdrawn === null && !done && (
        <Button kind="danger" wide busy={action.busy} onClick={takeBack}>
          {t.back}
        </Button>
      )}
      <Failure error={action.error} />
    </Page>
  );
}
