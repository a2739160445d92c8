#!/usr/bin/env node
// npm test [-- PATTERN …]: makes the checkout ready as a start of the lab would, then runs every test, or those in
// files whose path contains a PATTERN. npm run test:fast: those that need neither TensorFlow's library nor a build, and
// take little time. npm run test:torture: those that make files and processes fail, at every place. The last
// line tells how many passed and failed.
import { join } from 'node:path'
import { LEFT_OUT } from './lib/fast.mjs'
import { finish, inherit, runTests } from './lib/vitest.mjs'
import { root, say, setUp } from './setup.mjs'

/** The suite runs on the real library. Where it cannot be had, the tests that need it skip and say so. */
async function installLibrary() {
  const launcher = join(root, 'bin', 'residual-lab.mjs')
  const installed = (await inherit(process.execPath, [launcher, 'runtime', 'install'])) === 0
  if (!installed) say("TensorFlow's library could not be installed: tests that need it are skipped.")
  return installed
}

async function main(args) {
  const fast = args[0] === '--fast'
  const torture = args[0] === '--torture'
  const given = torture ? ['test/torture', ...args.slice(1)] : fast ? args.slice(1) : args
  const pattern = given.filter((arg) => !arg.startsWith('-')).join(' ')
  await setUp({ built: !fast })
  const installed = fast || torture || (await installLibrary())

  const leftOut = fast ? LEFT_OUT.map(({ files }) => `--exclude=${files}`) : []
  const { files, passed, failed, skipped } = await runTests([...leftOut, ...given], {
    env: torture ? { TORTURE: '1' } : {},
  })
  if (files === 0) {
    say(`No ${fast ? 'fast test' : 'test'} file has ${pattern || 'such a name'} in its path: see test/.`)
    return finish(0, 1, 0)
  }
  if (fast)
    for (const { files: names, why } of LEFT_OUT) process.stdout.write(`Left out: ${names} (${why})\n`)
  // No library is a failure of CI itself: there it can be had, and green without the real thing would mean nothing.
  const missing = !installed && process.env.CI ? 1 : 0
  finish(passed, failed + missing, skipped)
}

main(process.argv.slice(2)).catch((error) => {
  say(error?.message ?? String(error))
  finish(0, 1, 0)
})
