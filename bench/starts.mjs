/** From the start of a process, and from a key press in the workbench, to the result. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { startHost } from './host.mjs'
import { findChromium } from './machine.mjs'
import { median } from './report.mjs'
import { root } from './trainer.mjs'

const execute = promisify(execFile)
const launcher = join(root, 'bin', 'residual-lab.mjs')
const seconds = (since) => (performance.now() - since) / 1000

/**
 * The command line's default measurement, and the same by a script of each peer: 20 networks of 20 blocks.
 * @returns medians of whole processes, in seconds
 */
export async function measureCommands({ pythons, rounds, say }) {
  const data = mkdtempSync(join(tmpdir(), 'residual-lab-bench-'))
  const env = { ...process.env, RESIDUAL_LAB_DATA: data, TF_CPP_MIN_LOG_LEVEL: '2' }
  const script = new URL('start_peers.py', import.meta.url).pathname
  const contenders = [
    { name: 'residual-lab signal --json', program: process.execPath, args: [launcher, 'signal', '--json'] },
    { name: 'residual-lab --version', program: process.execPath, args: [launcher, '--version'] },
    ...pythons.found.map(({ peer, python }) => ({ name: peer, program: python, args: [script, peer] })),
  ]
  const times = new Map(contenders.map(({ name }) => [name, []]))
  try {
    for (let round = 0; round < rounds; round++) {
      say(`Commands from process start, round ${round + 1} of ${rounds}.`)
      for (const { name, program, args } of contenders) {
        const begun = performance.now()
        await execute(program, args, { env, maxBuffer: 2 ** 28 })
        times.get(name).push(seconds(begun))
      }
    }
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
  return [...times].map(([name, all]) => ({ name, median: median(all), least: Math.min(...all) }))
}

/** The workbench in a real browser: its start, and what follows a press. Null where there is no Chromium. */
export async function measureWorkbench({ rounds, say }) {
  const executablePath = findChromium()
  if (!executablePath) return null
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync']
  const browser = await chromium.launch({ executablePath, args })
  try {
    const measured = []
    for (let round = 0; round < rounds; round++) {
      say(`The workbench in a browser, round ${round + 1} of ${rounds}.`)
      measured.push(await openAndPress(browser))
    }
    const names = measured[0].map(({ name }) => name)
    return {
      browser: browser.version(),
      times: names.map((name, i) => ({ name, median: median(measured.map((one) => one[i].seconds)) })),
    }
  } finally {
    await browser.close()
  }
}

async function openAndPress(browser) {
  const data = mkdtempSync(join(tmpdir(), 'residual-lab-bench-'))
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  let host = null
  try {
    const begun = performance.now()
    host = await startHost(data)
    const times = [{ name: 'start: from the process to its address', seconds: seconds(begun) }]
    const page = await context.newPage()
    const byId = (id) => page.getByTestId(id)
    await page.goto(host.url)
    await byId('status').waitFor()
    times.push({ name: 'start: to the page', seconds: seconds(begun) })
    await said(page, 'status', '^Finished$')
    times.push({ name: 'start: to the whole opening comparison', seconds: seconds(begun) })
    const presses = [
      ['Play: the opening comparison again', 'status', '^Finished$', () => byId('play').click()],
      [
        'a changed slider (blocks, 20 to 21)',
        'status',
        '^Finished$',
        () => byId('setting-blocks').fill('21'),
      ],
    ]
    for (const [name, id, end, press] of presses)
      times.push({ name, seconds: await pressed(page, id, end, press) })
    await byId('tab-order').click()
    // The view measures its set by itself where that is short: what is asked for here is the press after that.
    await said(page, 'job-status', '^(Finished in|Settings have changed)')
    times.push({
      name: 'Run: an Order set of 16 series',
      seconds: await pressed(page, 'job-status', '^Finished', () => byId('job-run').click()),
    })
    return times
  } finally {
    await context.close()
    await host?.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

/** Until the element `id` says what matches. */
const said = (page, id, pattern) =>
  page.waitForFunction(
    ([name, words]) =>
      new RegExp(words).test(document.querySelector(`[data-testid="${name}"]`)?.textContent.trim() ?? ''),
    [id, pattern],
    { polling: 'raf', timeout: 120_000 },
  )

/**
 * Seconds from the event of a press, as the page sees it, to the frame after the one in which the element `id` says the
 * end. It must have said something else between.
 */
async function pressed(page, id, end, press) {
  const watching = page.evaluate(
    ([name, pattern]) =>
      new Promise((resolve) => {
        let start = null
        const begin = (event) => (start ??= event.timeStamp)
        for (const type of ['keydown', 'input', 'pointerdown'])
          window.addEventListener(type, begin, { capture: true })
        let changed = false
        const look = () => {
          const text = document.querySelector(`[data-testid="${name}"]`)?.textContent.trim() ?? ''
          const isEnd = new RegExp(pattern).test(text)
          if (start !== null && !isEnd) changed = true
          if (changed && isEnd)
            return requestAnimationFrame(() => resolve((performance.now() - start) / 1000))
          requestAnimationFrame(look)
        }
        look()
      }),
    [id, end],
  )
  await press()
  return watching
}
