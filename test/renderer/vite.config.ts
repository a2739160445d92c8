import type { Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'
import type { Notice } from '../../shared/protocol/protocol'
import { attachStandIn } from './stand-in'
import { StandInRuns } from './stand-in-runs'

// The renderer with the stand-in host: `npx vite --config test/renderer/vite.config.ts`. Every component in all its
// states is at
// /gallery/index.html.
// STAND_IN_NOTE="…" shows what a device with something to say looks like.
// STAND_IN_TRAINER="starting" or "failed" shows a trainer that does not compute yet, or never will.
const { STAND_IN_NOTE: note, STAND_IN_TRAINER: trainer } = process.env
const device = note
  ? ({ backend: 'cpu', name: 'CPU', version: '4.22.0', description: 'CPU, plain JavaScript', note } as const)
  : undefined
const words = {
  starting: 'Getting TensorFlow’s library: 212 of 553 MB',
  failed:
    'The trainer cannot start: the binding of TensorFlow.js could not be compiled. Install a C++ compiler ' +
    '(on Debian g++), then start again.',
} as const
const state = trainer === 'starting' || trainer === 'failed' ? trainer : null
const notice: Notice | null = state && {
  kind: 'notice',
  type: 'trainer',
  state,
  device: null,
  message: words[state],
  progress: state === 'starting' ? 0.38 : null,
}
// STAND_IN_AT_ONCE=1: no pauses between events, every run says that it took a second, and every page is a first start.
const pace = process.env.STAND_IN_AT_ONCE ? { pace: 0, seconds: 1, remembers: false } : {}
// STAND_IN_WARNING="…": what a host says of how it was started.
const warning = process.env.STAND_IN_WARNING ?? null
// STAND_IN_RUNS=40: so many runs in the library.
const runs = new StandInRuns()
if (process.env.STAND_IN_AT_ONCE) runs.now = () => '2026-01-01T11:58:00.000Z'
runs.fill(Number(process.env.STAND_IN_RUNS ?? 0))
const options = { ...(device && { device }), notice, warning, runs, ...pace }

const standIn: Plugin = {
  name: 'stand-in',
  // The real host's entrance gives a tab its session.
  transformIndexHtml: () => [
    { tag: 'script', children: "sessionStorage.setItem('residual-lab-session', 'stand-in')" },
  ],
  configureServer: ({ httpServer }) => attachStandIn(httpServer as Server, options),
  configurePreviewServer: ({ httpServer }) => attachStandIn(httpServer as Server, options),
}

const root = fileURLToPath(new URL('../../renderer', import.meta.url))

export default defineConfig({
  root,
  base: './',
  plugins: [svelte({ configFile: false }), standIn],
  server: { host: '127.0.0.1', port: 5199, strictPort: true },
  preview: { host: '127.0.0.1', port: 5199, strictPort: true },
  build: {
    target: 'chrome108',
    outDir: '/tmp/renderer-out',
    emptyOutDir: true,
    rolldownOptions: { input: { index: `${root}/index.html`, gallery: `${root}/gallery/index.html` } },
  },
})
