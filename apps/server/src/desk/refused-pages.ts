import type { Refusal } from '../platform/refusal.ts';
import type { Fields } from './answers.ts';
import { html } from './html.ts';
import { type Frame, page } from './page.ts';

const path = '/refused';

function noteOf({ t: { refused: t, away } }: Frame, { code, field }: Refusal): string {
  if (code === 'slow_down') return t.slow;
  if (code !== 'invalid_input') return away;
  return field === 'code' ? t.wrongCode : field === 'records' ? t.wrongRecords : t.nothing;
}

/** Where a refusal's code is given with what shows who agreed. `fields`: what was typed, which a refusal does not lose. */
export function refusedPage(frame: Frame, fields: Fields, refusal: Refusal | null): string {
  const { t: all, base } = frame;
  const t = all.refused;
  const value = (name: string) => fields.get(name) ?? '';
  return page(
    frame,
    t.title,
    html`<h1>${t.title}</h1><p class="lead">${t.lead}</p>
${refusal === null ? null : html`<p class="note" role="alert">${noteOf(frame, refusal)}</p>`}
<form method="post" action="${base}${path}" autocomplete="off">
<div class="field"><label for="code">${t.code}</label><p class="hint" id="code-hint">${t.codeHint}</p>
<input id="code" name="code" value="${value('code')}" required autocapitalize="none" spellcheck="false" maxlength="60" aria-describedby="code-hint"></div>
<div class="field"><label for="records">${t.records}</label><p class="hint" id="records-hint">${t.recordsHint}</p>
<textarea id="records" name="records" rows="4" spellcheck="false" aria-describedby="records-hint">${value('records')}</textarea></div>
<div class="field" hidden><label for="record-file">${t.file}</label><p class="hint" id="record-file-hint">${t.fileHint}</p>
<input type="file" id="record-file" accept=".json,application/json" aria-describedby="record-file-hint"></div>
<div class="field"><label for="words">${t.words}</label><p class="hint" id="words-hint">${t.wordsHint}</p>
<textarea id="words" name="words" rows="3" maxlength="2000" aria-describedby="words-hint">${value('words')}</textarea></div>
<p class="moves"><button class="main">${t.send}</button></p>
</form>`,
    path,
  );
}

export function shownPage(frame: Frame): string {
  const t = frame.t.refused;
  return page(
    frame,
    t.title,
    html`<h1>${t.thanks}</h1>${t.after.map((sentence) => html`<p>${sentence}</p>`)}`,
    path,
  );
}
