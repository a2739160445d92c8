// Runs test files and counts, for `npm test` and `npm run test:package`.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, say } from '../setup.mjs'

const TALLY = join(root, 'test-results', 'tally.json')

/** Runs a program on this process's own streams; its exit code. */
export const inherit = (program, args, env = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })

/**
 * Runs the tests that are named, and says which were skipped and why.
 * @param {string[]} args vitest's
 * @param {{env?: Record<string, string>, through?: string[], tally?: string}} [options] through: a command that
 *   runs the one after it; tally: the file that says how the tests went
 * @returns {Promise<{files: number, passed: number, failed: number, skipped: number}>} files: how many were found
 */
export async function runTests(args, { env = {}, through = [], tally = TALLY } = {}) {
  rmSync(tally, { force: true })
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', `--reporter=${join(root, 'bin', 'lib', 'tally.mjs')}`]
  const [program, ...rest] = [...through, process.execPath, vitest, 'run', ...reporters, ...args]
  const code = await inherit(program, rest, { RESIDUAL_LAB_TALLY: tally, ...env })
  if (!existsSync(tally)) {
    say('vitest ended before it had run the tests.')
    return { files: 1, passed: 0, failed: 1, skipped: 0 }
  }
  const { files, passed, failed, skipped, broken, unfinished, unhandled } = JSON.parse(
    readFileSync(tally, 'utf8'),
  )
  for (const file of broken) say(`BROKEN  ${file}: the file itself failed; see above`)
  for (const { file, tests } of unfinished)
    say(
      `ENDED   ${file}: its process ended, or was stopped, before ${counted(tests)} had a result; see above`,
    )
  for (const { name, reason } of skipped) process.stdout.write(`SKIPPED ${name}: ${reason}\n`)
  if (unhandled) say(`${unhandled} errors outside any test; see above`)
  const other = code !== 0 && failed === 0 && files > 0 ? 1 : 0
  return { files, passed, failed: failed + other, skipped: skipped.length }
}

const counted = (tests) => (tests === 1 ? 'a test' : tests ? `${tests} tests` : 'its tests')

/** Ends this process with the line that tells how many passed and failed. */
export function finish(passed, failed, skipped) {
  const line = `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`
  process.stdout.write(`${line}\n`, () => process.exit(failed > 0 ? 1 : 0))
}
