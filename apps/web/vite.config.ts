import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { shellList } from './scripts/shell-list.ts';

/** The address of a server started beside `npm run dev`. */
const server = process.env.ACCORD_PUBLIC_URL ?? 'http://localhost:8420';

/** What the page itself needs: `light-dark()`, popover, `<dialog>`, WebAuthn with PRF, Ed25519. */
export const target = ['chrome137', 'edge137', 'safari18', 'firefox130'];

export default defineConfig({
  plugins: [react(), shellList()],
  worker: { format: 'es' },
  build: {
    target,
    /** Every browser above preloads modules itself; a polyfill would be an inline script. */
    modulePreload: { polyfill: false },
    manifest: true,
    /** A `data:` address is foreign to the content security policy. */
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { chat: 'index.html', begin: 'src/chat/begin.ts', desk: 'src/desk/main.ts', sw: 'src/sw.ts' },
      output: {
        entryFileNames: (chunk) =>
          chunk.name === 'sw' || chunk.name === 'desk' ? '[name].js' : 'assets/[name]-[hash].js',
        // The server draws the desk's pages and names their files: these two keep their names.
        assetFileNames: (asset) =>
          asset.names.includes('desk.css') ? 'desk.css' : 'assets/[name]-[hash][extname]',
      },
    },
  },
  server: { proxy: { '/api': { target: server, ws: true } } },
});
