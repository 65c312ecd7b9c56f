import type { Entry, Me } from '../api.ts';
import type { Session } from './session.ts';

const portion = 500;

/** Everything that this device can show, as a JSON text; no keys. */
export async function exportData(session: Session, me: Me | null, now: number): Promise<string> {
  const conversations = [];
  for (const record of session.book.all()) {
    const entries: Entry[] = [];
    for (let before: number | undefined, more = true; more; ) {
      const page = await session.book.timeline(record, { before, limit: portion });
      entries.unshift(...page.entries);
      more = page.earlier;
      before = page.from;
    }
    const { id, peer, createdAt, closed, timer, verified } = record;
    conversations.push({
      id,
      with: { accountId: peer.accountId, pseudonym: peer.pseudonym },
      createdAt: iso(createdAt),
      closed,
      timerSeconds: timer,
      safetyCodeCompared: verified,
      entries: entries.map(exported),
    });
  }
  const account = me === null ? null : { id: me.id, pseudonym: me.pseudonym, device: me.device };
  return JSON.stringify(
    { format: 'accord-export/1', madeAt: iso(now), account, settings: session.settings, conversations },
    null,
    2,
  );
}

const iso = (at: number) => new Date(at).toISOString();

function exported(entry: Entry): Record<string, unknown> {
  if (entry.type === 'note') return { at: iso(entry.at), ...entry.note };
  const { id, at, mine, text, kind, picture, replyTo, reactions, history, editedAt, state } = entry;
  return {
    id,
    at: iso(at),
    from: mine ? 'me' : 'them',
    kind,
    text,
    state,
    ...(picture === null ? {} : { picture }),
    ...(replyTo === null ? {} : { replyTo: replyTo.id }),
    ...(reactions.length === 0 ? {} : { reactions }),
    ...(editedAt === null
      ? {}
      : { editedAt: iso(editedAt), history: history.map((old) => ({ ...old, at: iso(old.at) })) }),
  };
}
