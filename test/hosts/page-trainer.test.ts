import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { nodeTrainer } from '../../main/hosts/lab/supervisor-node'
import type { TrainerProcess } from '../../main/hosts/lab/supervisor'
import { runtimeStatus } from '../../main/runtime'
import { convolutional } from '../../shared/block/convolutional'
import { presetNamed } from '../../shared/block/presets'
import { parseExperiment } from '../../shared/experiment/experiment'
import { trainerSettings, DEFAULT_HOST_SETTINGS } from '../../shared/protocol/host-settings'
import type { DeviceChoice } from '../../shared/protocol/host-settings'
import type { JobResult } from '../../shared/protocol/jobs'
import type { Message, Place } from '../../shared/protocol/protocol'
import { defaultExperiment } from '../../shared/settings/table'
import { findChromium } from '../e2e/browser-host'
import { openPages } from './page-in-chromium'

// The trainer as a page, on an adapter of software.

const root = fileURLToPath(new URL('../..', import.meta.url))
const executable = findChromium()
const isBuilt = fs.existsSync(path.join(root, 'out', 'renderer', 'trainer.html'))
const missing = executable ? (isBuilt ? null : 'no build: run `npm run build`') : 'no Chromium on the PATH'

type SignalResult = JobResult<'signal'>
type TrainingResult = JobResult<'train'>

let pages: Awaited<ReturnType<typeof openPages>>
let folder: string
const open = new Set<TrainerProcess>()

beforeAll(async () => {
  if (!missing) pages = await openPages(executable!, ['--enable-unsafe-webgpu'])
}, 60_000)
afterAll(() => pages?.close())
afterEach(() => {
  for (const one of open) one.kill()
  open.clear()
  if (folder) fs.rmSync(folder, { recursive: true, force: true })
})

const small = { ...defaultExperiment(), blocks: 3, width: 16, replicas: 2, batch: 16 }
const dense = parseExperiment({
  ...small,
  block: ['relu-linear', 'full-preactivation'],
  remedies: ['none', 'batch-norm', 'nf'],
})
const grid = parseExperiment({
  ...small,
  ...{ blocks: 2, width: 4, batch: 8, input: 'sequence', stem: 'linear', trainReplicas: 1, steps: 3 },
  ...{ block: [convolutional(presetNamed('full-preactivation'), 1)], remedies: ['none'], data: 'digits' },
})
const learning = parseExperiment({
  ...small,
  ...{ blocks: 2, trainReplicas: 2, data: 'digits', steps: 20, batch: 64, remedies: ['batch-norm'] },
})

/** A trainer, as a host has it: what it says is kept. */
function heard(trainer: TrainerProcess, device: DeviceChoice, library: unknown = null) {
  const messages: Message[] = []
  const ends: string[] = []
  open.add(trainer)
  trainer.onMessage((message) => messages.push(message as Message))
  trainer.onExit((how) => ends.push(how))
  const settings = trainerSettings({ ...DEFAULT_HOST_SETTINGS, device })
  trainer.send({ kind: 'configure', library, settings, isPooled: false, isBackground: false })
  const until = async <M>(find: (message: Message) => M | undefined | false): Promise<M> => {
    let found: M | undefined | false
    await expect
      .poll(() => (found = messages.map(find).find(Boolean)), { timeout: 100_000, interval: 50 })
      .toBeTruthy()
    return found as M
  }
  return {
    messages,
    ends,
    until,
    ask: (id: string, body: object, place: Place | null = null) =>
      trainer.send({ kind: 'request', id, body, place }),
    async reply<R>(id: string): Promise<R> {
      const message = await until(
        (one) => (one.kind === 'reply' || one.kind === 'error') && one.id === id && one,
      )
      if (message.kind === 'error') throw new Error(message.error.message)
      return message.value as R
    },
  }
}

async function openTrainer(device: DeviceChoice = 'webgpu-software') {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'page-trainer-'))
  const trainer = await pages.open(folder)
  return { ...heard(trainer, device), trainer }
}

const numbersIn = (value: unknown): number[] => {
  if (typeof value === 'number') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : []
}

/** The largest difference, relative to numbers larger than 1 and absolute below. */
function difference(a: unknown, b: unknown): number {
  const [ours, theirs] = [numbersIn(a), numbersIn(b)]
  expect(ours.length).toBe(theirs.length)
  expect(ours.length).toBeGreaterThan(100)
  return ours.reduce(
    (most, one, i) => Math.max(most, Math.abs(one - theirs[i]) / Math.max(1, Math.abs(one))),
    0,
  )
}

/** What a trainer finds: signals forward and backward, and trainings, dense and convolutional. */
async function numbers({ ask, reply }: Pick<ReturnType<typeof heard>, 'ask' | 'reply'>) {
  const signals = []
  for (const [i, experiment] of [dense, grid].entries()) {
    ask(`s${i}`, { type: 'signal', experiment })
    const { series } = await reply<SignalResult>(`s${i}`)
    signals.push(series.map(({ q, v, m, p, weightGradientNorm2 }) => [q, v, m, p, weightGradientNorm2]))
  }
  const trained = []
  for (const [i, experiment] of [learning, grid].entries()) {
    ask(`t${i}`, { type: 'train', experiment, weights: true })
    const { series } = await reply<TrainingResult>(`t${i}`)
    trained.push(series.map(({ evaluations, weights }) => [evaluations, weights]))
  }
  return { signals, trained }
}

describe.skipIf(missing)('a page that computes', () => {
  test('finds the GPU, says so, and agrees with TensorFlow on the CPU', async () => {
    // Also without TensorFlow's library, on the plain backend.
    const { library } = await runtimeStatus()
    const page = await openTrainer()
    const device = await page.until((one) => one.kind === 'notice' && one.type === 'trainer' && one.device)
    expect(device?.description).toMatch(/^GPU .*, WebGPU, TensorFlow.js 4/)
    expect(device?.note).toContain('made of software')
    expect(await page.trainer.page.evaluate(() => crossOriginIsolated)).toBe(true)
    const ours = await numbers(page)
    const theirs = await numbers(
      heard(nodeTrainer(path.join(root, 'out', 'main', 'trainer.cjs'))(), 'cpu', library),
    )
    expect(difference(theirs.signals, ours.signals)).toBeLessThan(1e-4)
    // Rounding adds up over steps, and a sample on the border between two classes counts as a whole.
    expect(difference(theirs.trained, ours.trained)).toBeLessThan(5e-3)
    expect(page.trainer.printed).toEqual([])
    expect(page.ends).toEqual([])
  }, 240_000)

  test('theory comes beside the measurement', async () => {
    const page = await openTrainer()
    page.ask('a', { type: 'signal', experiment: dense })
    const { series } = await page.reply<SignalResult>('a')
    expect(series[0].theory.q).not.toBeNull()
    expect(page.messages.filter((one) => one.kind === 'event' && one.event.type === 'theory').length).toBe(6)
  }, 120_000)

  test('a training keeps its checkpoint in its folder, pauses, stops, and goes on from there', async () => {
    const page = await openTrainer()
    const place = { folder: path.join(folder, 'run'), resume: false }
    fs.mkdirSync(place.folder)
    const experiment = { ...learning, steps: 100_000 }
    page.ask('a', { type: 'train', experiment, weights: false }, place)
    const stepOf = (one: Message) => (one.kind === 'event' && one.event.type === 'frame' ? one : undefined)
    await page.until(stepOf)
    page.ask('b', { type: 'control', job: 'a', action: 'pause' })
    await page.reply('b')
    await page.until((one) => one.kind === 'event' && one.event.type === 'checkpoint' && one)
    page.ask('c', { type: 'control', job: 'a', action: 'stop' })
    expect(await page.reply<TrainingResult>('a')).toMatchObject({ finished: false })
    const checkpoints = page.messages.flatMap((one) =>
      one.kind === 'event' && one.event.type === 'checkpoint' ? [one.event] : [],
    )
    expect(checkpoints.map(({ problem }) => problem)).toEqual(checkpoints.map(() => null))
    expect(fs.readdirSync(place.folder)).toEqual(['checkpoint.safetensors'])

    page.messages.length = 0
    page.ask('d', { type: 'train', experiment, weights: false }, { ...place, resume: true })
    const progressed = await page.until(
      (one) => one.kind === 'event' && one.event.type === 'progress' && one.event.done > 0 && one.event,
    )
    expect(progressed.done).toBeGreaterThanOrEqual(checkpoints.at(-1)!.step)
    page.ask('e', { type: 'control', job: 'd', action: 'stop' })
    await page.reply('d')
  }, 120_000)

  test('an adapter of software is refused by name unless it is asked for', async () => {
    const page = await openTrainer('webgpu')
    const said = (await page.until(
      (one) => (one as { kind: string }).kind === 'without-gpu' && one,
    )) as unknown as { isLost: boolean; why: string }
    expect(said.isLost).toBe(false)
    expect(said.why).toMatch(/^WebGPU finds no GPU but one made of software \(.*\), .* webgpu-software /)
  }, 60_000)
})
