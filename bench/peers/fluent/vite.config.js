// How the page is built: as Vite does it, for browsers of today.
import { defineConfig } from 'vite';

export default defineConfig({
  esbuild: { jsx: 'automatic' },
  build: { target: 'es2022', modulePreload: { polyfill: false } },
});
