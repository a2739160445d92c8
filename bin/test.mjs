#!/usr/bin/env node
// npm test [-- PATTERN …]: makes the checkout ready as a start of the lab would, then runs every test, or those in
// files whose path contains a PATTERN. npm run test:fast: those that need neither TensorFlow's library nor a build, and
// take little time. npm run test:torture: those that make files and processes fail, at every place. The last
// line tells how many passed and failed.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { LEFT_OUT } from './lib/fast.mjs'
import { root, say, setUp } from './setup.mjs'

const tallyFile = join(root, 'test-results', 'tally.json')

const inherit = (program, args, env = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })

function finish(passed, failed, skipped) {
  const line = `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`
  process.stdout.write(`${line}\n`, () => process.exit(failed > 0 ? 1 : 0))
}

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

  rmSync(tallyFile, { force: true })
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', `--reporter=${join(root, 'bin', 'lib', 'tally.mjs')}`]
  const leftOut = fast ? LEFT_OUT.map(({ files }) => `--exclude=${files}`) : []
  const code = await inherit(process.execPath, [vitest, 'run', ...reporters, ...leftOut, ...given], {
    RESIDUAL_LAB_TALLY: tallyFile,
    ...(torture && { TORTURE: '1' }),
  })
  if (!existsSync(tallyFile)) {
    say('vitest ended before it had run the tests.')
    return finish(0, 1, 0)
  }
  const { files, passed, failed, skipped, broken, unhandled } = JSON.parse(readFileSync(tallyFile, 'utf8'))
  if (files === 0) {
    say(`No ${fast ? 'fast test' : 'test'} file has ${pattern || 'such a name'} in its path: see test/.`)
    return finish(0, 1, 0)
  }
  for (const file of broken) say(`BROKEN  ${file}: the file itself failed; see above`)
  for (const { name, reason } of skipped) process.stdout.write(`SKIPPED ${name}: ${reason}\n`)
  if (unhandled) say(`${unhandled} errors outside any test; see above`)
  if (fast)
    for (const { files: names, why } of LEFT_OUT) process.stdout.write(`Left out: ${names} (${why})\n`)
  // No library is a failure of CI itself: there it can be had, and green without the real thing would mean nothing.
  const missing = !installed && process.env.CI ? 1 : 0
  const other = code !== 0 && failed === 0 ? 1 : 0
  finish(passed, failed + missing + other, skipped.length)
}

main(process.argv.slice(2)).catch((error) => {
  say(error?.message ?? String(error))
  finish(0, 1, 0)
})
