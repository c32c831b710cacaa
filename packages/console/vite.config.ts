import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type UserConfig } from 'vite';

/** What the page needs from the start stays in one file; each page comes with its route. */
const config: UserConfig = defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/console/',
  plugins: [react()],
  // the sources, which nobody has to build first
  resolve: { alias: { '@portrait/wire': fileURLToPath(new URL('../wire/src/index.ts', import.meta.url)) } },
  build: {
    outDir: process.env.PORTRAIT_CONSOLE_OUT ?? '../server/console',
    emptyOutDir: true,
    target: 'es2023',
    // a data: address in a style sheet or a script would be inline code
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // of everything that is in the bundle; the fonts' stand beside it
    license: { fileName: 'licences.md' },
    // what counts is its size when compressed, which a test watches
    chunkSizeWarningLimit: 700,
  },
});

// biome-ignore lint/style/noDefaultExport: Vite reads it so
export default config;
