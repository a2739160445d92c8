#!/usr/bin/env node
// npm run test:mutation [-- AREA …]: changes the sources of an area in small ways, one at a time, and runs the area's
// tests on each: a change that no test sees survives, and stands in test-results/mutation/AREA.html. A name of a
// file (-- remedies shared/block/remedies.ts:10-40) narrows the areas before it. docs/testing.md says more.
import { Stryker } from '@stryker-mutator/core'
import { AREAS } from '../test/mutation/areas.mjs'
import { say } from './setup.mjs'

const given = process.argv.slice(2)
const names = given.filter((name) => name in AREAS)
const narrowed = given.filter((name) => name.includes('/'))
const unknown = given.filter((name) => !names.includes(name) && !narrowed.includes(name))
if (unknown.length > 0) {
  say(`No area is called ${unknown.join(', ')}. Areas: ${Object.keys(AREAS).join(', ')}.`)
  process.exit(2)
}

for (const name of names.length > 0 ? names : Object.keys(AREAS)) {
  const { mutate, tests, isFresh = false } = AREAS[name]
  process.env.RESIDUAL_LAB_MUTATION_TESTS = JSON.stringify(tests)
  process.env.RESIDUAL_LAB_MUTATION_USES = isFresh ? '1' : '100'
  const stryker = new Stryker({
    mutate: narrowed.length > 0 ? narrowed : mutate,
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'test/mutation/vitest.config.mts', related: false },
    coverageAnalysis: 'perTest',
    // A run after the first tries again only what sources and tests have changed since.
    incremental: true,
    incrementalFile: `.cache/mutation/${name}.json`,
    // What is computed while a module loads cannot be switched for one test: each such mutant would cost a whole run.
    ignoreStatic: true,
    concurrency: 1,
    // A mutant that never ends is found by counting; a busy machine must not pass for one.
    timeoutMS: 10_000,
    timeoutFactor: 4,
    tempDirName: `.cache/mutation/${name}`,
    ignorePatterns: [
      '.cache',
      'out',
      'dist',
      'build',
      'test-results',
      'bench',
      'test/renderer',
      'test/e2e',
      'test/electron',
    ],
    reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
    clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
    htmlReporter: { fileName: `test-results/mutation/${name}.html` },
    jsonReporter: { fileName: `test-results/mutation/${name}.json` },
    thresholds: { high: 95, low: 85, break: 85 },
  })
  try {
    await stryker.runMutationTest()
  } catch (error) {
    say(error?.message ?? String(error))
    process.exitCode = 1
  }
}
