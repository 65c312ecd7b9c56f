import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

/** What the page needs to open without a network, besides the built files. */
const fixed = [
  '/index.html',
  '/first.js',
  '/icon.svg',
  '/icon-192.png',
  '/manifest.webmanifest',
  '/pause.html',
  '/pause.css',
  '/pause.svg',
];

/**
 * Writes the list of built files, and a version made of their names, into the service worker. Names carry
 * the hash of their content, so the worker changes exactly when a file does.
 */
export function shellList(): Plugin {
  return {
    name: 'accord-shell-list',
    enforce: 'post',
    apply: 'build',
    generateBundle(_, bundle) {
      const worker = bundle['sw.js'];
      if (worker?.type !== 'chunk') return;
      const built = Object.keys(bundle)
        .filter((name) => name.startsWith('assets/'))
        .map((name) => `/${name}`)
        .sort();
      const files = [...fixed, ...built];
      const version = createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 12);
      const filled = worker.code
        .replace('__ACCORD_SHELL__', JSON.stringify(files))
        .replace('__ACCORD_VERSION__', JSON.stringify(version));
      if (filled === worker.code) this.error('the service worker has no place for the list of files');
      worker.code = filled;
    },
  };
}
