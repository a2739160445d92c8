import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { defaultExperiment } from '../../shared/settings/table'
import { decodeMessage, encodeMessage, type DeviceStatus } from '../../shared/protocol/protocol'
import type { TabId } from '../../shared/protocol/tabs'
import type { RunKind } from '../../shared/runs/run'
import { showRegions } from './regions'
import { findChromium } from '../e2e/browser-host'
import { byId } from '../e2e/layout'
import { standInDepths } from './stand-in-depth'
import { standInServer } from './stand-in-server'

// A run of the library that is pinned and drawn is a thin, named line in every chart of what it has measured.

const executablePath = findChromium()
let server: Awaited<ReturnType<typeof standInServer>>
let browser: Browser

let library: WebSocket
let asked = 0

/** @returns what the host says */
function ask(body: object): Promise<{ id: string }> {
  const id = `asked-${(asked += 1)}`
  return new Promise((resolve, reject) => {
    library.on('message', function heard(data) {
      const message = decodeMessage(String(data)) as { kind: string; id?: string; value: { id: string } }
      if (message.id !== id) return
      library.off('message', heard)
      if (message.kind === 'reply') resolve(message.value)
      else reject(new Error(String(data)))
    })
    library.send(encodeMessage({ kind: 'request', id, body } as never))
  })
}

/** A pinned run of its kind, with results that no view has by itself. */
async function keep(kind: RunKind, result: unknown) {
  const experiment = { ...defaultExperiment(), seed: 77 }
  const { id: run } = await ask({ type: 'runs.keep', kind, experiment, started: null, result, seconds: 1 })
  await ask({ type: 'runs.change', run, name: `the ${kind} one`, pinned: true })
}

const network = {
  block: 'relu-linear',
  blockTitle: 'Type 2: ReLU, then linear',
  remedy: 'layer-norm',
  skip: 'on',
}
const values = (mean: number[]) => ({ mean, median: mean, low: mean, high: mean })
const STEPS = [0, 100, 200, 300]
const learned = { loss: STEPS.map(() => [1.7, 1.9]), error: STEPS.map(() => [0.41, 0.43]) }
const evaluations = { step: STEPS, learningRate: [0.02, 0.02, 0.01, 0.01], train: learned, test: learned }
const point = (mean: number) => ({ mean, median: mean, low: mean, high: mean })

beforeAll(async () => {
  if (!executablePath) return
  server = await standInServer()
  library = new WebSocket(`${server.url.replace('http', 'ws')}lab`)
  await new Promise((resolve) => library.once('open', resolve))
  const up = values(Array.from({ length: 21 }, (_, k) => 3 ** k))
  await keep('signal', { finished: true, series: [{ ...network, q: up, v: up, m: up, p: up }] })
  await keep('train', { finished: true, steps: 300, series: [{ ...network, evaluations }] })
  const experiment = { ...defaultExperiment(), depth: { depths: [2, 40], skip: 'both' as const } }
  await keep(
    'depth',
    standInDepths(experiment, {} as DeviceStatus, () => {}),
  )
  const lengths = Array.from({ length: 21 }, (_, length) => ({
    length,
    share: point(1 / 21),
    norm: point(1),
  }))
  await keep('paths', { finished: true, series: [{ ...network, measured: { lengths } }] })
  await keep('shatter', { finished: true, series: [{ ...network, acf: values([1, 0.6, 0.3]) }] })
  const networks = [1, 2, 3].map((n) => ({ counts: Array.from({ length: 21 }, (_, k) => 1 + 300 * n * k) }))
  await keep('regions', { finished: true, series: [{ ...network, networks }] })
  const outcomes = Array.from({ length: 20 }, () => ({ cosine: point(0.4) }))
  await keep('lesion', { finished: true, each: 20, series: [{ ...network, outcomes }] })
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
}, 180_000)
afterAll(async () => {
  library?.close()
  await browser?.close()
  await server?.close()
})

test.for<[TabId, RunKind, string?]>([
  ['signal', 'signal'],
  ['order', 'signal'],
  ['paths', 'paths'],
  ['shatter', 'shatter'],
  ['train', 'train', 'play'],
  ['depth', 'depth', 'depth-run'],
  ['lesion', 'lesion'],
  // The last one: it leaves other settings behind.
  ['shatter', 'regions', 'regions-run'],
])('%s draws a pinned run', { timeout: 60_000 }, async ([id, kind, press], { skip }) => {
  if (!executablePath) return skip('no Chromium on the PATH')
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  page.setDefaultTimeout(20_000)
  try {
    await page.goto(server.url)
    await byId(page, `tab-${id}`).click()
    if (press === 'regions-run') await showRegions(page)
    else if (press) await byId(page, press).click()
    await byId(page, 'chart-run').first().waitFor()
    const shelf = byId(page, 'shelf').getByRole('button', { name: `the ${kind} one`, exact: true })
    const before = await byId(page, 'picture').screenshot()
    await shelf.click()
    const named = byId(page, 'overlay-legend').first()
    await named.waitFor()
    await expect.poll(() => named.textContent()).toContain(`the ${kind} one: `)
    // The pointer leaves the shelf, and what is drawn has come.
    await page.mouse.move(0, 0)
    await page.waitForTimeout(300)
    expect((await byId(page, 'picture').screenshot()).equals(before)).toBe(false)
    await byId(page, 'shelf-clear').click()
    await named.waitFor({ state: 'detached' })
  } finally {
    await page.close()
  }
})
