import { svelte } from '@sveltejs/vite-plugin-svelte'
import { configDefaults, defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.mjs'

export default defineConfig({
  // State of the renderer is written in Svelte's runes.
  plugins: [svelte({ configFile: false })],
  test: {
    include: ['test/**/*.test.ts'],
    // They install the application on this machine: npm run test:package.
    exclude: [
      ...configDefaults.exclude,
      ...(process.env.RESIDUAL_LAB_PACKAGES ? [] : ['test/packages/installed.test.ts']),
      // They need a Python environment with the frameworks: npm run test:interop.
      ...(process.env.RESIDUAL_LAB_INTEROP ? [] : ['test/interop/frameworks/**']),
    ],
    // Two cores: TensorFlow uses both inside one test file already.
    maxWorkers: 2,
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    // Only what hangs is to be ended: a test that starts ten processes takes a minute on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What is polled for comes at once or is saved a second later; a busy machine takes several times as long.
    expect: { poll: { timeout: 15_000 } },
  },
})
