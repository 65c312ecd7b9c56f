import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../design/base.css';
import { loadMessages, startLanguage } from '../messages/index.ts';
import { LanguageProvider } from '../messages/provider.tsx';
import { scriptAddress } from '../trusted.ts';
import { App } from './app.tsx';
import { Crash } from './crash.tsx';
import { listenForLeaving } from './hide.tsx';

async function start(): Promise<void> {
  const root = document.getElementById('root');
  if (root === null) throw new Error('the page has no root');
  listenForLeaving();
  const language = startLanguage();
  const messages = await loadMessages(language);
  createRoot(root).render(
    <StrictMode>
      <LanguageProvider start={{ language, messages }}>
        <Crash>
          <App />
        </Crash>
      </LanguageProvider>
    </StrictMode>,
  );
  if (import.meta.env.PROD && 'serviceWorker' in navigator) {
    await navigator.serviceWorker.register(scriptAddress('/sw.js'));
  }
}

void start();
