import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { target } from './vite.config.ts';

/**
 * The staff's page, built apart from members': what it shares with theirs is built into both, so that theirs has no byte and
 * no file more for it, and its service worker keeps none of it.
 */
export default defineConfig({
  plugins: [react()],
  build: {
    target,
    modulePreload: { polyfill: false },
    manifest: '.vite/console.json',
    assetsInlineLimit: 0,
    assetsDir: 'assets/console',
    emptyOutDir: false,
    copyPublicDir: false,
    rolldownOptions: { input: 'console.html' },
  },
});
