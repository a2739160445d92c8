#!/usr/bin/env node
/**
 * node bench/screen.mjs [--json] [--seconds N] [--only BLOCKS] [--profile FOLDER]
 *
 * Whether the screen stays at 60 frames a second, and answers a press or a key within 50 ms, while five series train:
 * of 20 blocks and of 1,000. The workbench runs as a user has it: the browser host with its trainer on all cores, and a
 * real Chromium in front of it (Debian's, or $CHROMIUM), traced by Chromium itself. The table goes to standard output
 * (--json: one JSON document instead), progress to standard error. --only takes 20 or 1000 blocks alone. --profile
 * keeps the traces, with samples of who takes the time, which open in Chromium's developer tools. Exit status 1 if a
 * goal is missed. Needs a build: npm run build.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { startHost } from './host.mjs'
import { findChromium } from './machine.mjs'
import { mainThreadOf } from './screen-trace.mjs'
import { screenTable, summariseScreen } from './screen-report.mjs'

/** Five series that train at any depth; at a thousand blocks so small that the trainer sends frames all the time. */
const SERIES = ['rsqrt2', 'batch-norm', 'layer-norm', 'rsqrt-depth', 'layerscale']
const SCENES = [
  { name: '20 blocks', blocks: 20, width: 100, batch: 128, networks: 5 },
  { name: '1,000 blocks', blocks: 1000, width: 32, batch: 16, networks: 2 },
]

/**
 * Measures the screen in each scene while it trains, and at rest, as a base.
 * @param seconds of each measurement
 * @param profile folder that traces are kept in; null: nowhere
 * @param only depth of the one scene that is measured; null: all
 * @returns what `summariseScreen` makes of it; null where there is no Chromium
 */
export async function measureScreen({ say, seconds = 10, profile = null, only = null }) {
  const executablePath = findChromium()
  if (!executablePath) return null
  const measured = []
  for (const scene of SCENES.filter(({ blocks }) => only === null || blocks === only)) {
    say(`Screen: five series of ${scene.name}.`)
    measured.push(...(await measureScene({ executablePath, scene, seconds, profile })))
  }
  return summariseScreen(measured)
}

async function measureScene({ executablePath, scene, seconds, profile }) {
  const data = mkdtempSync(join(tmpdir(), 'residual-lab-screen-'))
  let host = null
  let browser = null
  try {
    writeFileSync(
      join(data, 'workspace.json'),
      JSON.stringify({ version: 1, experiment: experimentOf(scene) }),
    )
    host = await startHost(data)
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    const page = await context.newPage()
    await page.goto(host.url)
    await page.getByTestId('tab-train').click()
    const depth = await page.getByTestId('setting-blocks').inputValue()
    if (Number(depth) !== scene.blocks)
      throw new Error(`The page shows ${depth} blocks, not ${scene.blocks}.`)
    await page.getByTestId('play').click()
    const says = (id, words) => page.getByTestId(id).filter({ hasText: words }).waitFor({ timeout: PATIENCE })
    await says('details', /steps\/s/)
    const training = await measurePage(browser, page, seconds, profile)
    await page.getByTestId('stop').click()
    await says('status', 'Stopped')
    const resting = await measurePage(browser, page, seconds, null)
    return [
      { ...scene, trains: true, ...training },
      { ...scene, trains: false, ...resting },
    ]
  } finally {
    await browser?.close()
    await host?.stop()
    rmSync(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 })
  }
}

/** Steps of five series of a thousand blocks are recorded before the first is trained. Milliseconds. */
const PATIENCE = 900_000

async function measurePage(browser, page, seconds, profile) {
  const load = loadavg()[0]
  await browser.startTracing(page, { categories: profile ? SAMPLED : TRACED })
  await page.evaluate(watchPage)
  await page.waitForTimeout(500)
  await page.evaluate(() => globalThis.watched.begin())
  await use(page, seconds)
  const watched = await page.evaluate(() => globalThis.watched.end())
  const trace = JSON.parse((await browser.stopTracing()).toString('utf8'))
  if (profile) keep(profile, trace)
  return { ...watched, mainThread: mainThreadOf(trace), chromium: browser.version(), load }
}

const experimentOf = ({ blocks, width, batch, networks }) => ({
  version: 1,
  ...{ block: ['relu-linear'], compare: [], remedies: SERIES, steps: 1_000_000 },
  ...{ blocks, width, batch, trainReplicas: networks },
})

const TRACED = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8', 'blink.user_timing']
/** Who takes the time: for developer tools; sampling costs time of its own. */
const SAMPLED = [...TRACED, 'disabled-by-default-v8.cpu_profiler']

/** In the page: the times between its frames, and how long each press and key took to be seen. Milliseconds. */
function watchPage() {
  const frames = []
  const inputs = []
  let last = null
  let isOver = true
  const frame = (now) => {
    if (last !== null) frames.push(now - last)
    last = now
    if (!isOver) requestAnimationFrame(frame)
  }
  // Of a press and of a key there are several events: they are one interaction.
  const take = (list) => list.filter(({ interactionId }) => interactionId).forEach((one) => inputs.push(one))
  const observer = new PerformanceObserver((list) => take(list.getEntries()))
  globalThis.watched = {
    begin() {
      isOver = false
      requestAnimationFrame(frame)
      observer.observe({ type: 'event', durationThreshold: 16 })
      performance.mark('watched-begin')
    },
    end() {
      performance.mark('watched-end')
      isOver = true
      take(observer.takeRecords())
      observer.disconnect()
      const slowest = new Map()
      for (const { interactionId, duration, processingStart, processingEnd } of inputs) {
        const known = slowest.get(interactionId)
        if (!known || known.seen < duration)
          slowest.set(interactionId, { seen: duration, handled: processingEnd - processingStart })
      }
      return { frames, inputs: [...slowest.values()] }
    },
  }
}

/**
 * What somebody does who looks at a training: chooses what is drawn, hides curves, goes along the steps, types into a
 * setting, and moves over a chart between.
 */
async function use(page, seconds) {
  const byId = (id) => page.getByTestId(id)
  const loss = byId('chart-loss')
  const steps = byId('setting-steps')
  const press = (id, at) => async () => byId(id).getByRole('button').nth(at).click()
  const actions = [
    press('statistic', 1),
    () => byId('set-train').click(),
    () => loss.press('ArrowLeft'),
    () => loss.press('End'),
    press('statistic', 0),
    () => steps.press('Backspace'),
    () => byId('set-train').click(),
    press('axis', 1),
    () => steps.press('0'),
    press('axis', 0),
  ]
  const end = Date.now() + seconds * 1000
  let done = 0
  while (Date.now() < end) {
    await actions[done++ % actions.length]()
    const box = await loss.boundingBox()
    for (let i = 0; i < 10; i++) {
      await page.mouse.move(box.x + 80 + 20 * i, box.y + box.height / 2)
      await page.waitForTimeout(30)
    }
  }
}

function keep(folder, trace) {
  mkdirSync(folder, { recursive: true })
  const taken = readdirSync(folder).length
  writeFileSync(join(folder, `screen-${taken + 1}.json`), JSON.stringify(trace))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '10' },
      profile: { type: 'string' },
      only: { type: 'string' },
    },
  })
  const say = (text) => process.stderr.write(`${text}\n`)
  const report = await measureScreen({
    say,
    seconds: Number(values.seconds),
    profile: values.profile ?? null,
    only: values.only ? Number(values.only) : null,
  })
  if (!report) say('There is no Chromium on the PATH: install it, or name it in CHROMIUM.')
  else process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : screenTable(report))
  process.exitCode = report?.goals.every(({ met }) => met) ? 0 : 1
}
