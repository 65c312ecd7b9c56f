import type { Reply } from '@accord/protocol';
import { Link } from 'wouter';
import { call } from '../../api/client.ts';
import { useLoad } from '../../chat/load.ts';
import { Banner, Card } from '../../design/index.ts';
import { useLanguage } from '../../messages/index.ts';
import { useMe } from '../me.ts';
import { useConsoleMessages } from '../messages/index.ts';
import { Tag } from '../tags.tsx';
import { whenInWords } from '../time.ts';
import styles from './case.module.css';
import { type CaseView, type Item, useCase } from './context.ts';
import { Cover } from './cover.tsx';
import evidence from './evidence.module.css';

type Matches = Reply<'cases.matches'>['items'][number];
type Banked = Matches['banked'][number];
type Registered = Matches['registered'][number];

/** PDQ's floor: what is flatter matches by accident. */
const leastQuality = 50;
/** Bits under which two hashes are surely of one picture, and under which they match. */
const sure = 16;
const match = 31;

/** What was reported beside what is known, picture by picture; then the messages with their proof. */
export function Evidence() {
  const t = useConsoleMessages().evidence;
  const { view } = useCase();
  const caseId = view.id;
  const found = useLoad((signal) => call('cases.matches', { params: { caseId }, signal }), [caseId]);
  const pictures = view.items.filter(({ kind }) => kind === 'hash' || kind === 'source');
  const messages = view.items.filter(({ kind }) => kind === 'message');
  if (pictures.length + messages.length === 0) return null;
  const away = found.state === 'failed' || (found.state === 'ready' && !found.value.complete);
  return (
    <Card title={t.title} rows>
      {away && <Banner kind="warn">{t.away}</Banner>}
      {pictures.map((item) => (
        <SideBySide
          key={item.id}
          item={item}
          shown={withPicture(view, item)}
          matches={
            found.state === 'ready'
              ? (found.value.items.find(({ itemId }) => itemId === item.id) ?? null)
              : null
          }
        />
      ))}
      {messages.map((item) => (
        <Message
          key={item.id}
          item={item}
          shown={pictures.some(({ reportId }) => reportId === item.reportId)}
        />
      ))}
    </Card>
  );
}

/** The message of the same report that a picture was uncovered from. */
const withPicture = (view: CaseView, { reportId }: Item): Item | null =>
  (reportId !== null && view.items.find((other) => other.reportId === reportId && other.picture)) || null;

interface SideProps {
  readonly item: Item;
  readonly shown: Item | null;
  readonly matches: Matches | null;
}

function SideBySide({ item, shown, matches }: SideProps) {
  const t = useConsoleMessages().evidence;
  const { view } = useCase();
  const none = matches === null || matches.banked.length + matches.registered.length === 0;
  const flat = (item.quality ?? 0) < leastQuality;
  const pictured = matches?.banked.some(({ pictureItem }) => pictureItem !== null) === true;
  return (
    <div className={evidence.pair}>
      <section className={evidence.side} aria-label={t.reported}>
        <h3 className={styles.small}>{t.reported}</h3>
        <p>
          <strong>{item.kind === 'source' ? t.kinds.source : t.kinds.hash}</strong>{' '}
          <span className={styles.quiet}>{t.digest(item.digest.slice(0, 8))}</span>
        </p>
        <Quality value={item.quality} />
        {flat && <Tag tone="warn">{t.tooFlat}</Tag>}
        {shown === null ? (
          <Hatched>{item.reportId === null ? t.byHash : t.nothingShown}</Hatched>
        ) : (
          <Cover caseId={view.id} itemId={shown.id} />
        )}
      </section>
      <section className={evidence.side} aria-label={t.found}>
        <h3 className={styles.small}>{t.found}</h3>
        {none && <p>{t.none}</p>}
        {matches?.banked.map((one, at, all) => (
          <Known
            key={`${one.bank}/${one.source}/${one.distance}/${one.turn}/${one.kind}`}
            known={one}
            // One picture that several banks have is there to be uncovered once.
            first={all.findIndex(({ pictureItem }) => pictureItem === one.pictureItem) === at}
          />
        ))}
        {matches?.registered.map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what is registered has no name here
          <Here key={at} known={one} />
        ))}
        {!none && !pictured && <Hatched>{t.noPicture}</Hatched>}
      </section>
    </div>
  );
}

function Known({ known, first }: { readonly known: Banked; readonly first: boolean }) {
  const t = useConsoleMessages().evidence;
  const { language } = useLanguage();
  return (
    <div className={styles.stack}>
      <p>
        <strong>{t.bank(known.bank)}</strong>{' '}
        <Tag tone={known.category === 'positive' ? 'bad' : 'plain'}>
          {t.categories[known.category] ?? known.category}
        </Tag>
      </p>
      <Distance known={known} />
      <p className={styles.quiet}>
        {known.caseId !== null ? (
          <Link href={`/console/cases/${known.caseId}`}>{t.otherCase}</Link>
        ) : known.ours ? (
          t.ours
        ) : (
          t.theirs(known.source)
        )}
        , {t.since(whenInWords(known.since, language))}
      </p>
      {first && known.caseId !== null && known.pictureItem !== null && (
        <Cover caseId={known.caseId} itemId={known.pictureItem} />
      )}
    </div>
  );
}

function Here({ known }: { readonly known: Registered }) {
  const t = useConsoleMessages().evidence;
  return (
    <div className={styles.stack}>
      <p>
        <strong>{t.registered}</strong>{' '}
        <span className={styles.quiet}>{known.open ? t.open : t.tombstone}</span>
      </p>
      <Distance known={known} />
    </div>
  );
}

/** How far apart two hashes are: a line of 64 bits, in which a match ends at 31. */
function Distance({ known }: { readonly known: Pick<Banked, 'distance' | 'turn' | 'kind' | 'quality'> }) {
  const t = useConsoleMessages().evidence;
  const { distance, turn, kind, quality } = known;
  const verdict = distance <= sure ? 'same' : distance <= match ? 'match' : 'look';
  return (
    <>
      <svg viewBox="0 0 128 10" className={evidence.distance} data-verdict={verdict} aria-hidden="true">
        <rect x="0" y="4" width="128" height="2" rx="1" />
        <path d={`M${2 * match} 1v8`} className={evidence.limit} />
        <circle cx={Math.min(126, Math.max(4, 2 * distance))} cy="5" r="4" />
      </svg>
      <p>{t.distance(distance, t.verdicts[verdict])}</p>
      <p className={styles.quiet}>
        {t.turns[turn]}, {kind === 'part' ? t.part : t.whole}, {t.quality(quality)}
      </p>
    </>
  );
}

function Quality({ value }: { readonly value: number | null }) {
  const t = useConsoleMessages().evidence;
  return <p>{value === null ? t.unknownQuality : t.quality(value)}</p>;
}

/** Stands where there is no picture to show, and says why. */
function Hatched({ children }: { readonly children: string }) {
  return (
    <div className={evidence.hatched}>
      <p>{children}</p>
    </div>
  );
}

function Message({ item, shown }: { readonly item: Item; readonly shown: boolean }) {
  const t = useConsoleMessages().evidence;
  const { view } = useCase();
  const { language } = useLanguage();
  const me = useMe();
  const proved = item.proof === 'verified';
  return (
    <div className={styles.stack}>
      <p>
        <strong>{t.franked}</strong> <span className={styles.quiet}>{t.digest(item.digest.slice(0, 8))}</span>
      </p>
      <Banner kind={proved ? 'good' : 'warn'}>
        {t.proofs[item.proof ?? ''] ?? t.unproved}
        {item.sentAt !== null && `, ${t.sentAt(whenInWords(item.sentAt, language))}`}
      </Banner>
      {item.text !== null && (
        <details>
          <summary>{t.words}</summary>
          <blockquote className={styles.words} dir="auto">
            {item.text}
          </blockquote>
        </details>
      )}
      {item.picture && !shown && <Cover caseId={view.id} itemId={item.id} />}
      {item.text === null && !item.picture && me.can('media.reveal') && (
        <p className={styles.quiet}>{t.nothingShown}</p>
      )}
    </div>
  );
}
