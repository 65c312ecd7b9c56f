import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../design/base.css';
import { Crash } from '../chat/crash.tsx';
import { loadMessages, startLanguage } from '../messages/index.ts';
import { LanguageProvider } from '../messages/provider.tsx';
import { Console } from './app.tsx';

/** The staff's page: a document of its own, without the engine, the keys and the service worker of members' pages. */
async function start(): Promise<void> {
  const root = document.getElementById('root');
  if (root === null) throw new Error('the page has no root');
  const language = startLanguage();
  const messages = await loadMessages(language);
  // `first.js` holds back what was drawn for another language; nothing is drawn here.
  delete document.documentElement.dataset.stale;
  createRoot(root).render(
    <StrictMode>
      <LanguageProvider start={{ language, messages }}>
        <Crash>
          <Console />
        </Crash>
      </LanguageProvider>
    </StrictMode>,
  );
}

void start();
