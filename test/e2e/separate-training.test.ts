import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { describe, expect } from 'vitest'
import { browserTests } from './browser'
import { endServer, startServer, type Server } from './browser-host'
import { byId, finished, state } from './checks'

// A process of its own for trainings, on the real trainer: measuring goes on while networks train.

const LONG = 120_000
let server: Server | undefined
const tests = browserTests(async () => {
  if (server) await endServer(server)
  server = undefined
})

/** Priorities of the threads that compute, by process: 0 is the usual one, 19 the lowest. */
function priorities(host: number): number[][] {
  const children = fs.readFileSync(`/proc/${host}/task/${host}/children`, 'utf8').trim().split(' ')
  return children.map((pid) =>
    execFileSync('ps', ['-L', '-o', 'ni=,comm=', '-p', pid], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes('tf_'))
      .map((line) => parseInt(line)),
  )
}

describe('trainings with a process of their own', () => {
  tests.check('a signal is measured while networks train, whose threads give way', async () => {
    server = await startServer(tests.data)
    const { page, problems } = await tests.open(server.url)
    await state(page, 'idle')
    await page.keyboard.press('?')
    await byId(page, 'settings').click()
    await byId(page, 'settings-processes').locator('[data-value="separate"]').click()
    await expect
      .poll(() => fs.readFileSync(path.join(tests.data, 'settings.json'), 'utf8'))
      .toContain('"separateTraining": true')
    await page.keyboard.press('Escape')

    await byId(page, 'tab-train').click()
    await byId(page, 'setting-steps').fill('50000')
    await byId(page, 'play').click()
    await state(page, 'training')
    const step = async () => Number(/^step (\d+)/.exec(await byId(page, 'details').innerText())?.[1] ?? 0)
    await expect.poll(step, { timeout: LONG }).toBeGreaterThan(0)
    const before = await step()

    await byId(page, 'tab-signal').click()
    await byId(page, 'setting-blocks').fill('7')
    await byId(page, 'play').click()
    await finished(page)
    await expect.poll(() => byId(page, 'finding-forward').textContent()).toContain('after 7 (theory 128)')
    const [measuring, training] = priorities(server.process.pid!)
    if (measuring.length) expect(new Set(measuring)).toEqual(new Set([0]))
    // Without TensorFlow's library there are no threads of it.
    if (measuring.length) expect(new Set(training)).toEqual(new Set([19]))

    await byId(page, 'tab-train').click()
    await expect.poll(step, { timeout: LONG }).toBeGreaterThan(before)
    await byId(page, 'stop').click()
    await state(page, 'idle')
    expect(problems).toEqual([])
  })
})
