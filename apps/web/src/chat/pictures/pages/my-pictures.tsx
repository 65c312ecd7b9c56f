import { useEffect, useState } from 'react';
import {
  Banner,
  Button,
  Dialog,
  EmptyState,
  ErrorState,
  Page,
  PictureIcon,
  Skeleton,
  toast,
} from '../../../design/index.ts';
import { useLanguage, useMessages } from '../../../messages/index.ts';
import type { MyPicture } from '../../engine/pictures-api.ts';
import { useEngine } from '../../engine-access.tsx';
import { useAction, useLoad } from '../../load.ts';
import { Failure } from '../../pages/failure.tsx';
import { inWords } from '../../talk/words.ts';
import { dayInWords } from '../../time.ts';
import { Thumbnail } from '../bubble.tsx';
import { seenInWords } from '../yeses.tsx';
import { GrantDialog } from './grant-dialog.tsx';
import styles from './pictures.module.css';
import { Senders } from './senders.tsx';

/** Where each of one's pictures is, who saw it when, how long it still can be, and the way back for each and for all. */
export default function MyPictures() {
  const t = useMessages().pictures.mine;
  const engine = useEngine();
  const list = useLoad(() => engine.pictures.mine(), [engine]);
  const { reload } = list;
  useEffect(() => engine.subscribe(({ type }) => type === 'pictures' && reload()), [engine, reload]);
  const open = list.state === 'ready' && list.value.some(({ state }) => state === 'open');
  return (
    <Page title={t.title} lead={t.lead} back="/you">
      {list.state === 'loading' && <Skeleton rows={3} />}
      {list.state === 'failed' && <ErrorState error={list.error} onRetry={reload} />}
      {list.state === 'ready' && list.value.length === 0 && (
        <EmptyState icon={PictureIcon} title={t.emptyTitle}>
          {t.empty}
        </EmptyState>
      )}
      {open && <TakeBackAll onDone={reload} />}
      {list.state === 'ready' && list.value.length > 0 && (
        <ul className={styles.list}>
          {list.value.map((picture) => (
            <Row key={picture.blobId} picture={picture} onDone={reload} />
          ))}
        </ul>
      )}
      <Senders />
    </Page>
  );
}

function TakeBackAll({ onDone }: { readonly onDone: () => void }) {
  const t = useMessages();
  const words = t.pictures.mine;
  const engine = useEngine();
  const action = useAction();
  const [asking, setAsking] = useState(false);
  const confirm = async () => {
    let count = 0;
    const done = await action.run(async () => {
      count = (await engine.pictures.takeBackAll()).count;
    });
    if (!done) return;
    setAsking(false);
    toast(words.allDone(count));
    onDone();
  };
  return (
    <>
      <Button kind="danger" wide onClick={() => setAsking(true)}>
        {words.all}
      </Button>
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title={words.allTitle}
        actions={
          <>
            <Button kind="soft" onClick={() => setAsking(false)}>
              {t.common.cancel}
            </Button>
            <Button kind="danger" busy={action.busy} onClick={() => void confirm()}>
              {words.all}
            </Button>
          </>
        }
      >
        <p>{words.allText}</p>
        <Failure error={action.error} />
      </Dialog>
    </>
  );
}

function Row({ picture, onDone }: { readonly picture: MyPicture; readonly onDone: () => void }) {
  const { messages, language } = useLanguage();
  const t = messages.pictures;
  const engine = useEngine();
  const action = useAction();
  const [granting, setGranting] = useState(false);
  const { state, blobId, depicts, expiresAt, maxViews, people, messageId } = picture;
  const isOpen = state === 'open';
  const [receiver] = picture.receivers;
  const takeBack = async () => {
    const done = await action.run(() => engine.pictures.takeBack({ blobId }));
    if (!done) return;
    toast(t.mine.taken);
    onDone();
  };
  const left =
    expiresAt === null ? t.yeses.untilTaken : t.yeses.until(inWords(expiresAt, Date.now(), language));
  // One who took it back may have done so by a link, of which nobody tells this device.
  const said = state === 'withdrawn' ? 0 : people.filter((person) => person.state === 'yes').length;
  return (
    <li className={styles.row}>
      <div className={styles.small}>
        {picture.thumbnail === null ? (
          <PictureIcon size={30} />
        ) : (
          <Thumbnail bytes={picture.thumbnail} label={t.bubble.mine} />
        )}
      </div>
      <div className={styles.facts}>
        <p className={isOpen ? styles.open : styles.over}>{t.mine.states[state]}</p>
        <p className={styles.quiet}>{t.mine.sentOn(dayInWords(picture.createdAt, language))}</p>
        <p className={styles.quiet}>
          {t.yeses.line(t.yeses.depicted, depicts === 'me' ? t.yeses.you : t.yeses.depicts[depicts])}
          {said > 0 && ` · ${t.yeses.agreed(said)}`}
        </p>
        {isOpen && (
          <p className={styles.quiet}>
            {maxViews === null ? t.yeses.anyViews : t.yeses.views(maxViews)}, {left}
          </p>
        )}
        <ul className={styles.receivers}>
          {picture.receivers.map((one) => (
            <li key={one.accountId}>
              {t.yeses.line(t.mine.withWhom(one.pseudonym), seenBy(one, state, t.mine, language))}
            </li>
          ))}
        </ul>
        {picture.grants.map((grant) => (
          <Grant key={grant.id} grant={grant} name={receiver?.pseudonym ?? ''} onDone={onDone} />
        ))}
        {isOpen && (
          <div className={styles.actions}>
            <Button small kind="soft" busy={action.busy} onClick={() => void takeBack()}>
              {t.mine.one}
            </Button>
            {messageId !== null && receiver !== undefined && (
              <Button small kind="plain" onClick={() => setGranting(true)}>
                {t.mine.grants.give}
              </Button>
            )}
          </div>
        )}
        <Failure error={action.error} />
        {granting && messageId !== null && receiver !== undefined && (
          <GrantDialog
            messageId={messageId}
            receiver={receiver}
            onClose={() => {
              setGranting(false);
              onDone();
            }}
          />
        )}
      </div>
    </li>
  );
}

function Grant({
  grant,
  name,
  onDone,
}: {
  readonly grant: MyPicture['grants'][number];
  readonly name: string;
  readonly onDone: () => void;
}) {
  const { messages, language } = useLanguage();
  const t = messages.pictures.mine.grants;
  const engine = useEngine();
  const action = useAction();
  const withdraw = async () => {
    const done = await action.run(() => engine.pictures.withdrawGrant({ id: grant.id }));
    if (!done) return;
    toast(t.withdrawn);
    onDone();
  };
  return (
    <Banner
      action={
        <Button small kind="plain" busy={action.busy} onClick={() => void withdraw()}>
          {t.withdraw}
        </Button>
      }
    >
      {t.line(name, grant.names.join(', '), dayInWords(grant.until, language))}
      <Failure error={action.error} />
    </Banner>
  );
}

function seenBy(
  { viewCount, views, state }: MyPicture['receivers'][number],
  all: MyPicture['state'],
  t: ReturnType<typeof useMessages>['pictures']['mine'],
  language: ReturnType<typeof useLanguage>['language'],
): string {
  const seen = seenInWords({ views: viewCount, lastView: views.at(-1) ?? null }, t, language);
  return state === 'open' || state === all ? seen : `${seen} · ${t.states[state]}`;
}
