#!/usr/bin/env node
// npm test: makes the checkout ready as a start of the lab would, then runs every test. The last line tells how many
// passed and failed.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
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

async function main(args) {
  await setUp()
  // The suite runs on the real library. Where it cannot be had, the tests that need it skip and say so.
  const installed = await inherit(process.execPath, [
    join(root, 'bin', 'residual-lab.mjs'),
    'runtime',
    'install',
  ])
  if (installed !== 0) say("TensorFlow's library could not be installed: tests that need it are skipped.")

  rmSync(tallyFile, { force: true })
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', `--reporter=${join(root, 'bin', 'lib', 'tally.mjs')}`]
  const code = await inherit(process.execPath, [vitest, 'run', ...reporters, ...args], {
    RESIDUAL_LAB_TALLY: tallyFile,
  })
  if (!existsSync(tallyFile)) {
    say('vitest ended before it had run the tests.')
    return finish(0, 1, 0)
  }
  const { passed, failed, skipped, broken, unhandled } = JSON.parse(readFileSync(tallyFile, 'utf8'))
  for (const file of broken) say(`BROKEN  ${file}: the file itself failed; see above`)
  for (const { name, reason } of skipped) process.stdout.write(`SKIPPED ${name}: ${reason}\n`)
  if (unhandled) say(`${unhandled} errors outside any test; see above`)
  // No library is a failure of CI itself: there it can be had, and green without the real thing would mean nothing.
  const missing = installed !== 0 && process.env.CI ? 1 : 0
  const other = code !== 0 && failed === 0 ? 1 : 0
  finish(passed, failed + missing + other, skipped.length)
}

main(process.argv.slice(2)).catch((error) => {
  say(error?.message ?? String(error))
  finish(0, 1, 0)
})
