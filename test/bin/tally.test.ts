import { execFile } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'

const root = path.join(__dirname, '..', '..')
// Within the checkout, or else its files would not find vitest.
let folder: string
beforeEach(() => {
  fs.mkdirSync(path.join(root, 'test-results'), { recursive: true })
  folder = fs.mkdtempSync(path.join(root, 'test-results', 'tally-'))
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

/** Runs test files as `npm test` does: what it counts, and what it prints. */
async function run(files: Record<string, string>) {
  fs.mkdirSync(path.join(folder, 'test'))
  for (const [name, text] of Object.entries(files))
    fs.writeFileSync(path.join(folder, 'test', name), `import { expect, test } from 'vitest'\n${text}`)
  const options = JSON.stringify({ tally: path.join(folder, 'tally.json') })
  const program = `import { runTests } from ${JSON.stringify(path.join(root, 'bin/lib/vitest.mjs'))}
    const counts = await runTests(['--root', ${JSON.stringify(folder)}], ${options})
    process.stdout.write('\\n' + JSON.stringify(counts))`
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', program],
    { cwd: root },
  )
  return { counts: JSON.parse(stdout.split('\n').at(-1)!), stdout, stderr }
}

test('what passed, failed and was skipped is counted, and why it was skipped is said', async () => {
  const { counts, stdout } = await run({
    'a.test.ts': `test('passes', () => {})
      test('fails', () => expect(1).toBe(2))
      test('is left out', ({ skip }) => skip('no such machine'))`,
  })
  expect(counts).toEqual({ files: 1, passed: 1, failed: 1, skipped: 1 })
  expect(stdout).toContain('SKIPPED test/a.test.ts: is left out: no such machine')
})

test('tests whose process ended are failures, and said to be no others', async () => {
  const { counts, stdout, stderr } = await run({
    'dies.test.ts': `test('goes down', () => process.kill(process.pid, 'SIGKILL'))
      test('comes after', () => {})`,
    'dies-early.test.ts': `process.kill(process.pid, 'SIGKILL')`,
    'lives.test.ts': `test('passes', () => {})`,
  })
  expect(counts).toEqual({ files: 3, passed: 1, failed: 3, skipped: 0 })
  expect(stdout).not.toContain('SKIPPED')
  expect(stderr).toContain(
    'ENDED   test/dies.test.ts: its process ended, or was stopped, before 2 tests had a result',
  )
  expect(stderr).toContain(
    'ENDED   test/dies-early.test.ts: its process ended, or was stopped, before its tests had',
  )
})
