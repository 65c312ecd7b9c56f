import { useState } from 'react';
import { call } from '../../api/client.ts';
import {
  Avatar,
  Banner,
  BlockIcon,
  Button,
  ButtonLink,
  Card,
  ClockIcon,
  ErrorState,
  FlagIcon,
  Menu,
  Page,
  Skeleton,
  TalkIcon,
} from '../../design/index.ts';
import { useLanguage, useMessages } from '../../messages/index.ts';
import { useEngine } from '../engine-access.tsx';
import { useLoad } from '../load.ts';
import { type Requests, useRequests } from '../requests.ts';
import { spanInWords, useNow } from '../time.ts';
import { AskDialog } from './ask-dialog.tsx';
import styles from './people.module.css';
import { BlockDialog, ReportDialog } from './person-dialogs.tsx';
import type { Person } from './use-people.ts';
import { nameOfLanguage } from './words.ts';

/** One person, and what can be done: ask to talk, block, report. */
export function PersonSheet({ accountId }: { readonly accountId: string }) {
  const t = useMessages().people;
  const person = useLoad(
    (signal) => call('presence.people.read', { params: { accountId }, signal }),
    [accountId],
  );
  if (person.state === 'ready') return <Sheet person={person.value} />;
  return (
    <Page title={t.title} back="/people">
      {person.state === 'loading' ? (
        <Skeleton rows={2} />
      ) : (
        <ErrorState error={person.error} onRetry={person.reload} />
      )}
    </Page>
  );
}

type Open = 'ask' | 'block' | 'report' | null;

function Sheet({ person }: { readonly person: Person }) {
  const t = useMessages();
  const [open, setOpen] = useState<Open>(null);
  const requests = useRequests();
  const close = () => setOpen(null);
  return (
    <Page
      title={person.pseudonym}
      documentTitle={t.people.title}
      media={<Avatar name={person.pseudonym} size="l" online={person.online} />}
      back="/people"
      actions={
        <Menu
          label={t.common.more}
          items={[
            { label: t.people.block.action, icon: BlockIcon, onSelect: () => setOpen('block') },
            {
              label: t.people.report.action,
              icon: FlagIcon,
              danger: true,
              onSelect: () => setOpen('report'),
            },
          ]}
        />
      }
    >
      {person.online && <p className={styles.presence}>{t.people.here}</p>}
      <Described person={person} />
      <Between
        person={person}
        requests={requests.state === 'ready' ? requests.value : null}
        onAsk={() => setOpen('ask')}
      />
      <AskDialog
        person={person}
        leftToday={requests.state === 'ready' ? requests.value.leftToday : null}
        open={open === 'ask'}
        onClose={close}
        onSent={requests.reload}
      />
      {open === 'block' && <BlockDialog person={person} onClose={close} />}
      <ReportDialog person={person} open={open === 'report'} onClose={close} />
    </Page>
  );
}

function Described({ person }: { readonly person: Person }) {
  const { messages, language } = useLanguage();
  const t = messages.people;
  const { about, languages, seeking } = person;
  return (
    <Card>
      {about ? (
        <p className={styles.text} dir="auto">
          {about}
        </p>
      ) : (
        <p className={styles.silent}>{t.aboutNone}</p>
      )}
      {(languages.length > 0 || seeking.length > 0) && (
        <dl className={styles.pairs}>
          <Tags name={t.seekings} words={seeking.map((one) => t.seekingWords[one])} />
          <Tags name={t.languages} words={languages.map((one) => nameOfLanguage(one, language))} />
        </dl>
      )}
    </Card>
  );
}

function Tags({ name, words }: { readonly name: string; readonly words: readonly string[] }) {
  if (words.length === 0) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd className={styles.tags}>
        {words.map((word) => (
          <span key={word} className={styles.tag}>
            {word}
          </span>
        ))}
      </dd>
    </div>
  );
}

interface BetweenProps {
  readonly person: Person;
  readonly requests: Requests | null;
  readonly onAsk: () => void;
}

/** Where the two stand: nothing yet, asked, being asked, or talking. */
function Between({ person, requests, onAsk }: BetweenProps) {
  const t = useMessages();
  const engine = useEngine();
  const now = useNow();
  const conversation = engine.known().find((one) => one.with.accountId === person.id && !one.closed);
  if (conversation !== undefined) {
    return (
      <ButtonLink href={`/talk/${conversation.id}`} icon={TalkIcon} wide>
        {t.people.talking}
      </ButtonLink>
    );
  }
  const asked = requests?.outgoing.find((one) => one.person.id === person.id);
  if (asked !== undefined) {
    return (
      <Banner icon={ClockIcon} title={t.people.askedTitle(person.pseudonym)}>
        {t.people.asked(spanInWords(asked.lapsesAt - now, t.time))}
      </Banner>
    );
  }
  if (requests?.incoming.some((one) => one.person.id === person.id)) {
    return (
      <Banner
        kind="good"
        icon={TalkIcon}
        title={t.people.askedYouTitle(person.pseudonym)}
        action={
          <ButtonLink href="/requests" small>
            {t.people.answer}
          </ButtonLink>
        }
      >
        {null}
      </Banner>
    );
  }
  return (
    <Button icon={TalkIcon} wide onClick={onAsk}>
      {t.people.ask}
    </Button>
  );
}
