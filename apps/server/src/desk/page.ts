import { type HelpLine, helpFor, type Language } from '@accord/law';
import { type Html, html } from './html.ts';
import { bases, type Words, words } from './words.ts';

/** What every page of the desk is drawn with. */
export interface Frame {
  readonly language: Language;
  readonly t: Words;
  readonly base: string;
}

export const frameOf = (language: Language): Frame => ({
  language,
  t: words[language],
  base: bases[language],
});

/** A whole page. `path`: below the base, for the same page in the other language. */
export function page({ language, t, base }: Frame, title: string, body: Html, path = ''): string {
  const other: Language = language === 'fr' ? 'en' : 'fr';
  const whole = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="/pause.svg" type="image/svg+xml">
<link rel="stylesheet" href="/desk.css">
<script src="/first.js"></script>
<script type="module" src="/desk.js"></script>
</head>
<body>
<header>
<a class="home" href="${base}">${t.title}</a>
<a class="tongue" href="${bases[other]}${path}" lang="${other}" hreflang="${other}">${t.other}</a>
<a class="leave" href="/pause.html" rel="noreferrer" data-leave title="${t.leaveHint}">${t.leave}</a>
</header>
<main>
${body}
</main>
</body>
</html>
`;
  return whole.html;
}

/** Lines of help as a list. They leave the site, and take no referrer with them. */
const helpList = ({ language, t }: Frame, lines: readonly HelpLine[]): Html => html`<ul class="help">
${lines.map(
  (line) => html`<li><strong>${line.name}</strong> <span>${line.about[language]}</span>
<span class="ways">${
    line.number === undefined
      ? null
      : html`<a href="tel:${line.number.replaceAll(' ', '')}">${t.help.call(line.number)}</a> `
  }<a href="${line.site}" rel="noreferrer noopener">${t.help.visit}<span class="unseen"> : ${line.name}</span></a></span></li>`,
)}
</ul>`;

const country = (language: Language): string => (language === 'fr' ? 'FR' : 'GB');

export function helpPage(frame: Frame): string {
  const { t, language } = frame;
  const part = (whom: 'adult' | 'minor') => html`<section><h2>${t.help[whom]}</h2>
<h3>${t.help.talk}</h3>${helpList(frame, helpFor(whom, 'talk', country(language)))}
<h3>${t.help.remove}</h3>${helpList(frame, helpFor(whom, 'remove', country(language)))}</section>`;
  return page(
    frame,
    t.help.title,
    html`<h1>${t.help.title}</h1><p class="note">${t.help.immediate}</p>${part('adult')}${part('minor')}`,
    '/help',
  );
}

export const minorsHelp = (frame: Frame): Html =>
  helpList(frame, helpFor('minor', undefined, country(frame.language)).slice(0, 4));

export const elsewhere = (frame: Frame): Html =>
  helpList(
    frame,
    [...helpFor('adult', 'remove'), ...helpFor('minor', 'remove')].filter(
      ({ id }) => id === 'stopNcii' || id === 'takeItDown',
    ),
  );
