import { clockTexts } from '@accord/law';
import { Card } from '../../design/index.ts';
import { type Language, useLanguage } from '../../messages/index.ts';
import { staffName, useMe } from '../me.ts';
import { type ConsoleMessages, useConsoleMessages } from '../messages/index.ts';
import { whenInWords } from '../time.ts';
import styles from './case.module.css';
import { type CaseView, useCase } from './context.ts';

type Event = CaseView['events'][number];

/** Every event in its order. Many openings one after another are one line. */
export function Timeline() {
  const { events: t } = useConsoleMessages();
  const { language } = useLanguage();
  const { view } = useCase();
  const me = useMe();
  const whoOf = ({ by }: Event): string => {
    if (by.kind !== 'staff') return t.by[by.kind];
    return by.id === me.accountId ? t.you : staffName(by.id ?? '');
  };
  return (
    <Card title={t.title}>
      <ol className={styles.events}>
        {gathered(view.events).map(({ event, count }) => (
          <li key={event.seq}>
            <span className={styles.quiet}>
              {whenInWords(event.at, language)} · {whoOf(event)}
            </span>
            <p>
              <strong>{count > 1 ? t.quiet(count) : nameOf(event, t)}</strong> {detailOf(event, t, language)}
            </p>
            {wordsOf(event) !== '' && (
              <blockquote className={styles.words} dir="auto">
                {wordsOf(event)}
              </blockquote>
            )}
          </li>
        ))}
      </ol>
    </Card>
  );
}

/** Openings by one person that follow each other become one. */
function gathered(events: readonly Event[]): { readonly event: Event; readonly count: number }[] {
  const lines: { event: Event; count: number }[] = [];
  for (const event of events) {
    const last = lines.at(-1);
    const again =
      event.type === 'evidence_read' && last?.event.type === event.type && last.event.by.id === event.by.id;
    if (again && last !== undefined) lines[lines.length - 1] = { event, count: last.count + 1 };
    else lines.push({ event, count: 1 });
  }
  return lines;
}

function nameOf({ type, body }: Event, t: ConsoleMessages['events']): string {
  if (type === 'message') return t.messageTo[String(body.to)] ?? t.message;
  const name = (t as unknown as Readonly<Record<string, unknown>>)[type];
  return typeof name === 'string' ? name : type;
}

/** Events whose reason is one of a few, and no words of anybody. */
const closedReasons: ReadonlySet<string> = new Set(['protected', 'released']);

/** What of an event says more than its name. */
function detailOf({ type, body }: Event, t: ConsoleMessages['events'], language: Language): string {
  if (type === 'consent_shown') return consentOf(body, t.consent).join(', ');
  const clock = clockTexts[body.clock as keyof typeof clockTexts]?.[language];
  const parts = [
    clock,
    typeof body.hours === 'number' ? `${body.hours} h` : undefined,
    body.platform,
    closedReasons.has(type) ? t.why[String(body.why)] : undefined,
    body.receiptId,
    body.authority,
    body.orderId,
    typeof body.state === 'string' ? body.state : undefined,
  ];
  return parts.filter((part) => typeof part === 'string' && part !== '').join(', ');
}

/** What was found of the records that somebody showed, in the order in which one asks. */
function consentOf(body: Event['body'], t: ConsoleMessages['events']['consent']): string[] {
  const count = (name: string) => Number(body[name]);
  if (count('records') === 0) return [t.none];
  const signed = t.genuine(count('genuine'), count('records'));
  if (count('genuine') === 0) return [signed];
  const same = typeof body.samePicture === 'number' ? t.same(body.samePicture) : t.unknown;
  return [signed, t.givers(count('givers')), t.inForce(count('inForce')), same];
}

const wordsOf = ({ type, body }: Event): string => {
  // What was said at the desk stands above, under its request.
  if (type === 'filed' || closedReasons.has(type)) return '';
  return String(body.words ?? body.why ?? body.detail ?? '');
};
