import type { CaseEvent } from '@accord/case-model';
import { nextDue } from '@accord/case-model';
import { composeAnswer, needTexts } from '@accord/law';
import type { FollowUp } from '../cases/index.ts';
import { type Html, html } from './html.ts';
import { elsewhere, type Frame, page } from './page.ts';
import { instantIn, leftInWords } from './words.ts';

const secretField = (name: string, label: string, more: Html): Html =>
  html`<div class="field"><label for="${name}">${label}</label><input id="${name}" name="${name}" required ${more}></div>`;

export function openPage(frame: Frame, note: string | null): string {
  const { t, base } = frame;
  return page(
    frame,
    t.follow.title,
    html`<h1>${t.follow.title}</h1><p class="lead">${t.follow.lead}</p>
${note === null ? null : html`<p class="note" role="alert">${note}</p>`}
<form method="post" action="${base}/follow" autocomplete="off">
${secretField('number', t.sent.number, html`autocapitalize="characters" spellcheck="false" maxlength="24"`)}
${secretField('pin', t.sent.pin, html`inputmode="numeric" maxlength="12"`)}
<p class="moves"><button class="main">${t.follow.open}</button></p>
</form><p class="ways"><a href="${base}/code">${t.follow.lost}</a></p>`,
    '/follow',
  );
}

export function codePage(frame: Frame, pin: string | null, note: string | null): string {
  const { t, base } = frame;
  const body =
    pin !== null
      ? html`<p>${t.code.fresh}</p><dl class="secrets"><dt>${t.sent.pin}</dt><dd>${pin}</dd></dl><p><a class="main" href="${base}/follow">${t.follow.open}</a></p>`
      : html`<p class="lead">${t.code.lead}</p>${note === null ? null : html`<p class="note" role="alert">${note}</p>`}
<form method="post" action="${base}/code" autocomplete="off">
${secretField('number', t.sent.number, html`autocapitalize="characters" spellcheck="false" maxlength="24"`)}
${secretField('code', t.code.code, html`autocapitalize="characters" spellcheck="false" maxlength="40"`)}
<p class="moves"><button class="main">${t.code.send}</button></p></form>`;
  return page(frame, t.code.title, html`<h1>${t.code.title}</h1>${body}`, '/code');
}

/** One step in words; null for what is no step. */
function stepOf({ t, language }: Frame, event: CaseEvent): string | null {
  const e = t.events;
  switch (event.type) {
    case 'filed':
    case 'completed':
    case 'protected':
    case 'released':
    case 'restored':
    case 'appealed':
    case 'withdrawn':
    case 'child_safety_filed':
    case 'closed':
      return e[event.type];
    case 'removed':
      return composeAnswer({ kind: 'remove', ground: event.ground }, language);
    case 'declined':
      return composeAnswer({ kind: 'decline', ground: event.ground }, language);
    case 'sweep_finished': {
      const { matched, registered, complete } = event.coverage;
      return complete ? e.sweep_finished(matched, registered) : e.sweep_partial;
    }
    case 'notice_queued':
      return e.notice_queued(event.platform);
    case 'notice_moved':
      return e.notice_moved(e.notices[event.state]);
    case 'appeal_decided':
      return `${event.outcome === 'upheld' ? e.appeal_upheld : e.appeal_reversed} ${event.words}`;
    default:
      return null;
  }
}

const timeOf = (language: Frame['language'], at: number): Html =>
  html`<time datetime="${new Date(at).toISOString()}">${instantIn(language, at)}</time>`;

function clockPart({ t, language }: Frame, { state }: FollowUp, now: number): Html {
  const due = nextDue(state);
  return html`<p class="state">${t.follow.states[state.phase]}</p>
<p>${due === null ? t.follow.noClock : t.follow.due(leftInWords(t, due - now), instantIn(language, due))}</p>
${state.protected && state.phase !== 'removed' ? html`<p>${t.follow.protected}</p>` : null}`;
}

function missingPart({ t, base, language }: Frame, { state }: FollowUp): Html {
  const waits = state.phase === 'incomplete';
  if (!waits || state.missing.length === 0) return html``;
  return html`<section><h2>${t.follow.missing}</h2><ul>${state.missing.map((need) => html`<li>${needTexts[need][language]}</li>`)}</ul>
<p><a class="main" href="${base}/follow/complete">${t.follow.complete}</a></p></section>`;
}

const talkForm = (
  { base }: Frame,
  action: string,
  id: string,
  label: string,
  hint: string | null,
  send: string,
): Html =>
  html`<form method="post" action="${base}/follow/${action}"><div class="field"><label for="${id}">${label}</label>
${hint === null ? null : html`<p class="hint" id="${id}-hint">${hint}</p>`}<textarea id="${id}" name="words" rows="3" required maxlength="4000"${hint === null ? null : html` aria-describedby="${id}-hint"`}></textarea></div>
<p class="moves"><button>${send}</button></p></form>`;

function appealPart(frame: Frame, { state }: FollowUp): Html {
  const { t } = frame;
  const against = state.phase === 'declined' || state.phase === 'restored';
  const open = Object.values(state.appeals).some(
    ({ side, outcome }) => side === 'reporter' && outcome === null,
  );
  if (!against || open) return html``;
  return html`<section>${talkForm(frame, 'appeal', 'appeal', t.follow.appeal, t.follow.appealLead, t.follow.appealSend)}</section>`;
}

export function followPage(frame: Frame, follow: FollowUp, now: number, note: string | null): string {
  const { t, base, language } = frame;
  const steps = follow.events.flatMap((event) => {
    const words = stepOf(frame, event);
    return words === null ? [] : [html`<li>${timeOf(language, event.at)} ${words}</li>`];
  });
  const talk = follow.events.flatMap((event) =>
    event.type === 'message'
      ? [
          html`<li class="${event.to === 'desk' ? 'mine' : 'theirs'}"><strong>${event.to === 'desk' ? t.follow.you : t.follow.desk}</strong> ${timeOf(language, event.at)}<p class="words">${event.words}</p></li>`,
        ]
      : [],
  );
  const withdrawn = follow.state.reporters[follow.reporterId]?.withdrawn === true;
  return page(
    frame,
    t.follow.title,
    html`<h1>${t.follow.title}</h1><p class="count">${follow.number}</p>
${note === null ? null : html`<p class="note" role="status">${note}</p>`}
<section class="clock">${clockPart(frame, follow, now)}</section>
${missingPart(frame, follow)}
${appealPart(frame, follow)}
<section><h2>${t.follow.messages}</h2><ol class="talk">${talk}</ol>${talkForm(frame, 'message', 'say', t.follow.say, null, t.follow.send)}</section>
<section><h2>${t.follow.stepsTitle}</h2><ol class="steps">${steps}</ol></section>
<section><h2>${t.sent.elsewhere}</h2><p>${t.sent.elsewhereLead}</p>${elsewhere(frame)}</section>
${
  withdrawn
    ? null
    : html`<details><summary>${t.follow.withdraw}</summary><form method="post" action="${base}/follow/withdraw"><p>${t.follow.withdrawLead}</p><p class="moves"><button>${t.follow.withdraw}</button></p></form></details>`
}
<form method="post" action="${base}/follow/close"><p class="moves"><button>${t.follow.close}</button></p></form>`,
    '/follow',
  );
}
