import { createRoot, hydrateRoot } from 'react-dom/client';
import '../design/base.css';
import { loadMessages, startLanguage } from '../messages/index.ts';
import { scriptAddress } from '../trusted.ts';
import { Whole } from './whole.tsx';

async function start(): Promise<void> {
  const root = document.getElementById('root');
  if (root === null) throw new Error('the page has no root');
  const language = startLanguage();
  const whole = <Whole start={{ language, messages: await loadMessages(language) }} />;
  const { dataset } = document.documentElement;
  // Drawn at the build in full: taken over as it is. A frame, or a page for somebody else, is replaced.
  if (root.dataset.drawn === location.pathname && dataset.stale === undefined) hydrateRoot(root, whole);
  else {
    if (dataset.stale !== undefined) root.replaceChildren();
    delete dataset.stale;
    createRoot(root).render(whole);
  }
  if (import.meta.env.PROD && 'serviceWorker' in navigator) {
    await navigator.serviceWorker.register(scriptAddress('/sw.js'));
  }
}

void start();
