import type { ReactNode } from 'react';
import { prerender } from 'react-dom/static';
import { Router } from 'wouter';
import { Plain, Shell, Waiting } from './chat/shell.tsx';
import { TalkWaiting } from './chat/talk/waiting.tsx';
import { Whole } from './chat/whole.tsx';
import { type Language, languages, type Messages } from './messages/index.ts';
import { LanguageProvider } from './messages/provider.tsx';

/*
 * What can be drawn without knowing anybody, at the build: the start page and help in full, and the frames of the other
 * pages. It stands while scripts load; the app then takes it over or replaces it.
 */

const { fr } = await import('./messages/fr/index.ts');
const { en } = await import('./messages/en/index.ts');
const texts: Readonly<Record<Language, Messages>> = { fr, en };

interface Page {
  /**
   * Of a whole page the address (`index` for the start page). Of a frame `in-` and the first part of its addresses,
   * `-one` where they name one thing of a list; `plain` frames every other page.
   */
  readonly name: string;
  /** Where it is whole: it stands without the app. Null for a frame. */
  readonly address: string | null;
  /** The chunk that the page will need. */
  readonly chunk: string | null;
  readonly engine: boolean;
  /** What stands in a frame. */
  readonly inside: ReactNode;
}

/** A page as it is drawn in one language. */
interface Drawn extends Page {
  readonly language: Language;
  readonly markup: string;
}

const whole = (name: string, address: string, chunk: string | null): Page => ({
  name,
  address,
  chunk,
  engine: false,
  inside: null,
});

const frame = (name: string, chunk: string | null, inside: ReactNode = <Waiting />): Page => ({
  name,
  address: null,
  chunk,
  engine: true,
  inside,
});

const pages: readonly Page[] = [
  whole('index', '/', null),
  whole('help', '/help', 'src/chat/pages/help.tsx'),
  whole('help-pictures', '/help/pictures', 'src/chat/pictures/pages/promise.tsx'),
  frame('plain', null),
  frame('in-people', 'src/chat/pages/people.tsx'),
  frame('in-requests', 'src/chat/pages/requests.tsx'),
  frame('in-talk', 'src/chat/talk/page.tsx', <TalkWaiting open={false} />),
  frame('in-talk-one', 'src/chat/talk/page.tsx', <TalkWaiting open />),
  frame('in-you', 'src/chat/pages/you.tsx'),
];

/** Every page in every language. */
export async function draw(): Promise<Drawn[]> {
  const drawn: Drawn[] = [];
  for (const language of languages)
    for (const page of pages) drawn.push({ ...page, language, markup: await markupOf(page, language) });
  return drawn;
}

function markupOf({ name, address, inside }: Page, language: Language): Promise<string> {
  const start = { language, messages: texts[language] };
  const Frame = name === 'plain' ? Plain : Shell;
  return render(
    <Router ssrPath={address ?? `/${name.replace('in-', '').replace('-', '/')}`}>
      {address === null ? (
        <LanguageProvider start={start}>
          <Frame>{inside}</Frame>
        </LanguageProvider>
      ) : (
        <Whole start={start} />
      )}
    </Router>,
  );
}

async function render(tree: ReactNode): Promise<string> {
  let failure: unknown = null;
  const { prelude } = await prerender(tree, {
    // In larger pieces than this React puts the rest in place by an inline script.
    progressiveChunkSize: Number.MAX_SAFE_INTEGER,
    onError: (error) => {
      failure = error;
    },
  });
  const markup = await new Response(prelude).text();
  if (failure !== null) throw failure;
  return markup;
}
