import { type Need, needTexts } from '@accord/law';
import type { CaseRequest, Filed, FollowUp } from '../cases/index.ts';
import { carried, type Fields, type Step, steps } from './answers.ts';
import { type Html, html } from './html.ts';
import { elsewhere, type Frame, minorsHelp, page } from './page.ts';
import { instantIn } from './words.ts';

export function startPage(frame: Frame, idem: string): string {
  const { t, base } = frame;
  return page(
    frame,
    t.title,
    html`<h1>${t.title}</h1>
<p class="lead">${t.intro.lead}</p>
<ol class="promise">${t.intro.steps.map((step) => html`<li>${step}</li>`)}</ol>
<form method="post" action="${base}/request">
<input type="hidden" name="idem" value="${idem}">
<input type="hidden" name="step" value="start">
<button class="main">${t.intro.start}</button>
</form>
<p class="ways"><a href="${base}/follow">${t.intro.follow}</a> <a href="${base}/help">${t.intro.help}</a> <a href="${base}/figures">${t.intro.figures}</a></p>
<details><summary>${t.intro.agreed}</summary><p>${t.intro.agreedHow}</p><p><a href="${base}/refused">${t.intro.agreedGo}</a></p></details>`,
  );
}

const choices = (name: string, fields: Fields, options: readonly (readonly [string, string])[]): Html =>
  html`${options.map(
    ([value, label]) =>
      html`<label class="choice"><input type="radio" name="${name}" value="${value}"${
        fields.get(name) === value ? html` checked` : null
      }> <span>${label}</span></label>`,
  )}`;

const tick = (name: string, fields: Fields, label: string): Html =>
  html`<label class="choice"><input type="checkbox" name="${name}" value="yes"${
    fields.get(name) === 'yes' ? html` checked` : null
  }> <span>${label}</span></label>`;

const field = (name: string, value: string, label: string, hint: string, more: Html = html``): Html =>
  html`<div class="field"><label for="${name}">${label}</label><p class="hint" id="${name}-hint">${hint}</p>
<input id="${name}" name="${name}" value="${value}" aria-describedby="${name}-hint" ${more}></div>`;

const area = (name: string, value: string, label: string, hint: string): Html =>
  html`<div class="field"><label for="${name}">${label}</label><p class="hint" id="${name}-hint">${hint}</p>
<textarea id="${name}" name="${name}" rows="4" aria-describedby="${name}-hint">${value}</textarea></div>`;

/** The chooser has no name: a form can't send what it holds. What the script takes of it goes into `pictures`. */
function pictures({ t }: Frame, fields: Fields): Html {
  const w = t.where;
  return html`<div id="pictures" hidden data-hashing="${w.hashing}" data-hashed="${w.hashed('#')}" data-failed="${w.failed}" data-flat="${w.flat}" data-forget="${w.forget}">
<div class="field"><label for="picture">${w.pictures}</label><p class="hint" id="picture-hint">${w.picturesLead}</p>
<input type="file" id="picture" accept="image/*" multiple aria-describedby="picture-hint"></div>
<div class="field"><label for="source">${w.source}</label><p class="hint" id="source-hint">${w.sourceLead}</p>
<input type="file" id="source" accept="image/*" aria-describedby="source-hint"></div>
<p role="status" id="hashed"></p></div>
<p class="note" id="no-script">${w.noScript}</p>
<input type="hidden" name="pictures" value="${fields.get('pictures') ?? ''}">`;
}

function question(frame: Frame, step: Step, fields: Fields): Html {
  const { t } = frame;
  const value = (name: string) => fields.get(name) ?? '';
  switch (step) {
    case 'who':
      return choices('capacity', fields, [
        ['self', t.who.self],
        ['representative', t.who.representative],
        ['guardian', t.who.guardian],
      ]);
    case 'minor':
      return html`<p class="hint">${t.minor.lead}</p>${choices('minor', fields, [
        ['yes', t.minor.yes],
        ['no', t.minor.no],
        ['unsure', t.minor.unsure],
      ])}`;
    case 'what':
      return html`${fields.get('minor') === 'yes' ? html`<aside><p>${t.minor.help}</p>${minorsHelp(frame)}</aside>` : null}
${choices('kind', fields, [
  ['real', t.what.real],
  ['fake', t.what.fake],
  ['threat', t.what.threat],
  ['unsure', t.what.unsure],
])}<div class="apart">${tick('intimate', fields, t.what.intimate)}</div>`;
    case 'consent':
      return choices('consent', fields, [
        ['never', t.consent.never],
        ['not_to_this', t.consent.not_to_this],
        ['taken_back', t.consent.taken_back],
        ['agreed', t.consent.agreed],
      ]);
    case 'where':
      return html`${pictures(frame, fields)}${area('places', value('places'), t.where.places, t.where.placesLead)}`;
    case 'sign':
      return html`${area('words', value('words'), t.sign.words, t.sign.wordsLead)}
${field('signature', value('signature'), t.sign.signature, t.sign.signatureLead, html`autocomplete="name" maxlength="200"`)}
${field('contact', value('contact'), t.sign.contact, t.sign.contactLead, html`autocomplete="email" maxlength="320"`)}
${tick('byPage', fields, t.sign.byPage)}${tick('goodFaith', fields, t.sign.goodFaith)}
<div class="apart">${tick('share', fields, t.sign.share)}</div>`;
  }
}

/** What is missing, as a list that the script keeps true while one types. */
function missingList({ t, language }: Frame, missing: readonly Need[]): Html {
  const labels = JSON.stringify(
    Object.fromEntries(Object.entries(needTexts).map(([need, text]) => [need, text[language]])),
  );
  return html`<div id="missing" role="status" data-labels="${labels}" data-whole="${t.sign.whole}" data-missing="${t.sign.missing}" data-incomplete="${t.sign.incomplete}">${
    missing.length === 0
      ? html`<p class="good">${t.sign.whole}</p>`
      : html`<p>${t.sign.missing}</p><ul>${missing.map((need) => html`<li>${needTexts[need][language]}</li>`)}</ul><p class="hint">${t.sign.incomplete}</p>`
  }</div>`;
}

export function questionPage(
  frame: Frame,
  step: Step,
  fields: Fields,
  missing: readonly Need[],
  note: string | null = null,
): string {
  const { t, base } = frame;
  const last = step === 'sign';
  const hidden = carried(fields, step);
  return page(
    frame,
    t[step].title,
    html`<form method="post" action="${base}/request" autocomplete="off" data-step="${step}">
<p class="count">${t.step(steps.indexOf(step) + 1, steps.length)}</p>
${note === null ? null : html`<p class="note" role="alert">${note}</p>`}
<fieldset><legend><h1>${t[step].title}</h1></legend>
${question(frame, step, fields)}
</fieldset>
<input type="hidden" name="idem" value="${fields.get('idem') ?? ''}">
<input type="hidden" name="step" value="${step}">
${hidden.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${last ? missingList(frame, missing) : null}
<p class="moves"><button class="main" name="go" value="${last ? 'send' : 'next'}">${last ? t.sign.send : t.next}</button>
<button name="go" value="back">${t.back}</button></p>
<p class="hint">${t.skip}</p>
</form>`,
    '',
  );
}

export function sentPage(frame: Frame, filed: Filed, request: CaseRequest): string {
  const { t, base, language } = frame;
  const plausible = request.consent !== 'agreed' && request.pictures.some(({ source }) => !source);
  return page(
    frame,
    t.sent.title,
    html`<h1>${t.sent.title}</h1>
${
  filed.pin === null
    ? html`<p class="note">${t.sent.again}</p><dl class="secrets"><dt>${t.sent.number}</dt><dd>${filed.number}</dd></dl>`
    : html`<p class="lead">${t.sent.lead}</p>
<dl class="secrets"><dt>${t.sent.number}</dt><dd>${filed.number}</dd><dt>${t.sent.pin}</dt><dd>${filed.pin}</dd><dt>${t.sent.code}</dt><dd>${filed.recoveryCode}</dd></dl>
<p><button type="button" id="print" hidden>${t.sent.print}</button></p>`
}
${filed.dueAt === null ? null : html`<p>${t.sent.due(instantIn(language, filed.dueAt))}</p>`}
${plausible ? html`<p>${t.sent.protectedNow}</p>` : null}
${filed.missing.length === 0 ? null : missingList(frame, filed.missing)}
<p><a class="main" href="${base}/follow">${t.sent.follow}</a></p>
<section><h2>${t.sent.elsewhere}</h2><p>${t.sent.elsewhereLead}</p>${elsewhere(frame)}</section>`,
    '',
  );
}

/** Where each thing that can be missing is asked. */
const askedIn: Readonly<Record<Need, Step>> = {
  who: 'who',
  intimate: 'what',
  no_consent: 'consent',
  locate: 'where',
  reasons: 'sign',
  contact: 'sign',
  email: 'sign',
  signature: 'sign',
  good_faith: 'sign',
};

/** The questions of which something is missing, on one page. */
export function completePage(frame: Frame, { state, facts }: FollowUp): string {
  const { t, base } = frame;
  const wanted = new Set(state.missing.map((need) => askedIn[need]));
  const fields: Fields = new Map(
    Object.entries({ signature: facts.signature, contact: facts.contact, byPage: facts.byPage ? 'yes' : '' }),
  );
  return page(
    frame,
    t.follow.missing,
    html`<h1>${t.follow.missing}</h1>
<form method="post" action="${base}/follow/complete" autocomplete="off">
${steps
  .filter((step) => wanted.has(step))
  .map(
    (step) =>
      html`<fieldset><legend><h2>${t[step].title}</h2></legend>${question(frame, step, fields)}</fieldset>`,
  )}
<p class="moves"><button class="main">${t.sign.send}</button> <a href="${base}/follow">${t.back}</a></p></form>`,
    '/follow',
  );
}
