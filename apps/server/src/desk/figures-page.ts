import type { PublicFigures, Shown } from '../transparency/index.ts';
import { type Html, html } from './html.ts';
import { type Frame, page } from './page.ts';

/** Steps of the longest bar. */
const barWidth = 100;

const dayIn = ({ language }: Frame, ms: number): string =>
  new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(ms);

const countIn = ({ t, language }: Frame, count: Shown): string =>
  count === 'few' ? t.figures.few : count === 0 ? '0' : t.figures.about(count.toLocaleString(language));

/** A row of a table that has a bar beside its words; the bar says nothing that the words do not. */
function row(frame: Frame, label: string, count: Shown, most: number): Html {
  const width = most === 0 || count === 'few' ? 0 : Math.round((barWidth * count) / most);
  return html`<tr><th scope="row">${label}</th><td>${countIn(frame, count)}</td><td class="bar"><svg viewBox="0 0 ${barWidth} 8" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}" height="8"></rect></svg></td></tr>`;
}

function table(frame: Frame, caption: string, rows: readonly (readonly [string, Shown])[]): Html {
  const most = Math.max(0, ...rows.map(([, count]) => (count === 'few' ? 0 : count)));
  return html`<table class="figures"><caption>${caption}</caption><tbody>${rows.map(([label, count]) => row(frame, label, count, most))}</tbody></table>`;
}

const timeOf = ({ t }: Frame, hours: number | null): string =>
  hours === null ? t.figures.tooFew : t.clock.inHours(hours);

/** What was asked and what became of it, for anybody. Rounded, and of months that are over. */
export function figuresPage(frame: Frame, figures: PublicFigures): string {
  const { t } = frame;
  const f = t.figures;
  const last = figures.to - 1;
  return page(
    frame,
    f.title,
    html`<h1>${f.title}</h1>
<p class="lead">${f.period(dayIn(frame, figures.from), dayIn(frame, last))}</p>
${table(frame, f.asked, [
  [f.requests, figures.requests],
  [f.real, figures.byPicture.real],
  [f.fake, figures.byPicture.fake],
  [f.threat, figures.byPicture.threat],
  [f.unsure, figures.byPicture.unsure],
])}
${table(
  frame,
  f.byQuarter,
  figures.quarters.map(({ from, requests }) => [f.quarter(dayIn(frame, from)), requests]),
)}
${table(frame, f.became, [
  [f.blocked, figures.blocked],
  [f.removed, figures.removed],
  [f.declined, figures.declined],
  [f.withdrawn, figures.withdrawn],
  [f.late, figures.late],
])}
<dl class="times"><dt>${f.toDecision}</dt><dd>${timeOf(frame, figures.hoursToDecision)}</dd>
<dt>${f.toGone}</dt><dd>${timeOf(frame, figures.hoursToGone)}</dd></dl>
${table(frame, f.appeals, [
  [f.byReporter, figures.appeals.reporter],
  [f.byUploader, figures.appeals.uploader],
  [f.changed, figures.changed],
])}
<section><h2>${f.howTitle}</h2><p>${f.how}</p></section>`,
    '/figures',
  );
}
