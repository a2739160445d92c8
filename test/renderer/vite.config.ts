import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

// The renderer alone, for developing against the stand-in host: `npx vite build --config test/renderer/vite.config.ts`.
export default defineConfig({
  root: fileURLToPath(new URL('../../renderer', import.meta.url)),
  base: './',
  plugins: [svelte()],
  build: { target: 'chrome108', outDir: '/tmp/renderer-out', emptyOutDir: true },
})
