import { CheckIcon, ClockIcon, classes } from '../../design/index.ts';
import { type Language, type Messages, useLanguage } from '../../messages/index.ts';
import type { PictureLook, SentLook } from '../engine/pictures-api.ts';
import { inWords } from '../talk/words.ts';
import { dateFormat } from '../time.ts';
import styles from './yeses.module.css';

interface YesesProps {
  readonly look: PictureLook;
  /** The other side of the conversation. */
  readonly name: string;
}

/** Who agreed to what and until when, in one glance. */
export function Yeses({ look, name }: YesesProps) {
  const { messages, language } = useLanguage();
  const t = messages.pictures.yeses;
  const seen = (look.sent?.views ?? 0) > 0;
  const { depicts, maxViews, expiresAt, mine, sending } = look;
  const waiting = sending?.people.some(({ state }) => state !== 'yes') ?? false;
  const others = mine && depicts !== 'nobody' ? (sending?.people.length ?? 0) : look.yeses;
  const shownAs = mine && depicts === 'me' ? t.you : t.depicts[depicts];
  const views = maxViews === null ? t.anyViews : t.views(maxViews);
  const until = expiresAt === null ? t.untilTaken : t.until(inWords(expiresAt, Date.now(), language));
  return (
    <dl className={styles.yeses} aria-label={t.title}>
      <Yes
        given={!waiting}
        who={t.depicted}
        what={others > 0 && !waiting ? `${shownAs} · ${t.agreed(others)}` : shownAs}
      />
      <Yes given who={t.sender} what={`${mine ? t.you : name} · ${views}, ${until}`} />
      <Yes
        given={mine ? seen : look.accepted || look.mode === 'always'}
        who={t.receiver}
        what={mine ? receivedByThem(look, name, messages.pictures, language) : received(look, t)}
      />
    </dl>
  );
}

type Words = Messages['pictures'];

/** What the sender may know of the receiver's yes: that the picture was seen, and nothing before. */
function receivedByThem(
  { sent, ended }: PictureLook,
  name: string,
  { yeses, mine }: Words,
  language: Language,
): string {
  if (sent !== null && sent.views > 0) return yeses.line(name, seenInWords(sent, mine, language));
  return ended ? yeses.line(name, yeses.unseen) : yeses.theirs(name);
}

/** How often a picture was seen, and when last. */
export function seenInWords(
  { views, lastView }: Pick<SentLook, 'views' | 'lastView'>,
  t: Words['mine'],
  language: Language,
): string {
  const shape = { dateStyle: 'medium', timeStyle: 'short' } as const;
  const when = lastView === null ? '' : dateFormat(language, shape).format(lastView);
  return views === 0 ? t.notSeen : t.seen(views, when);
}

function received({ mode, accepted, viewsLeft }: PictureLook, t: Words['yeses']): string {
  if (mode === 'never') return t.refused;
  const left = viewsLeft === null ? '' : ` · ${t.left(viewsLeft)}`;
  if (mode === 'always') return t.toAlways + left;
  return accepted ? t.toOnce + left : t.asked;
}

function Yes({ given, who, what }: { readonly given: boolean; readonly who: string; readonly what: string }) {
  const Shape = given ? CheckIcon : ClockIcon;
  return (
    <div className={classes(styles.yes, given && styles.given)}>
      <dt>
        <Shape size={14} />
        {who}
      </dt>
      <dd dir="auto">{what}</dd>
    </div>
  );
}
