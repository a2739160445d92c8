import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { command, createControl } from '../../main/trainer/engine/control'
import { compareDepths } from '../../main/trainer/engine/depth'
import { measureSignal } from '../../main/trainer/engine/signal'
import { trainNetworks } from '../../main/trainer/engine/train'
import { nodeFolder } from '../../main/trainer/node-folder'
import { depthPlan } from '../../shared/depth/cells'
import { trainingExperiment } from '../../shared/experiment/experiment'
import type { DepthResult } from '../../shared/depth/results'
import type { DepthEnd, DepthEvent } from '../../shared/protocol/jobs/depth'
import { defaultExperiment } from '../../shared/settings/table'
import type { Experiment } from '../../shared/settings/experiment'
import { testBackend } from './backend'

let backend: Backend
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'depth-'))
beforeAll(async () => {
  backend = await testBackend()
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const EXPERIMENT: Experiment = {
  ...defaultExperiment(),
  width: 16,
  trainReplicas: 2,
  batch: 32,
  steps: 6,
  remedies: ['none', 'rsqrt2'],
  depth: { depths: [1, 3], skip: 'both' },
}

/** @param onEvent may stop the job */
async function compare(
  place: { folder: string; resume: boolean } | null = null,
  onEvent: (event: DepthEvent, stop: () => void) => void = () => {},
  experiment = EXPERIMENT,
  until: DepthEnd | null = null,
) {
  const control = createControl()
  const events: DepthEvent[] = []
  const emit = (event: DepthEvent) => {
    events.push(event)
    onEvent(event, () => command(control, 'stop'))
  }
  const result = await compareDepths(backend, experiment, depthPlan(experiment), control, emit, {
    place: place && nodeFolder(place),
    until,
  })
  return { result, events }
}

const newPlace = (name: string) => {
  const own = path.join(folder, name)
  fs.mkdirSync(own)
  return { folder: own, resume: false }
}

/** Everything but the time it took. */
const numbers = (cells: DepthResult['cells']) => cells.map(({ seconds: _seconds, ...cell }) => cell)

test('a cell is what training gives for its networks alone, and the signal for their gradient', async () => {
  const { result, events } = await compare()
  expect(result.finished).toBe(true)
  expect(result.cells).toHaveLength(8)
  const own = result.cells.find(({ series, depth }) => series === 3 && depth === 3)!
  const alone = trainingExperiment({
    ...EXPERIMENT,
    evaluateEvery: 10,
    blocks: 3,
    skip: 'off',
    remedies: ['rsqrt2'],
    // Both its evaluations, the first and the last.
    shattering: 'on',
  })
  const trained = await trainNetworks(backend, alone, createControl(), () => {})
  expect(own.evaluations).toEqual(trained.series[0].evaluations)
  expect(own.parameters).toBe(trained.series[0].parameters)
  const signal = await measureSignal(backend, alone, createControl(), () => {})
  expect(own.p0.mean).toBe(signal.series[0].p.mean[0])
  expect(result.series[3].test.error.mean[1]).toBe(trained.series[0].test!.error.mean)
  expect(events.filter(({ type }) => type === 'cell')).toHaveLength(8)
  // A plain network has no sum to scale: it is trained once, under both names.
  expect(events.filter((event) => event.type === 'cell-evaluated' && event.step === 0)).toHaveLength(6)
  const progress = events.filter((event) => event.type === 'progress')
  expect(progress.at(-1)!.done).toBeCloseTo(progress.at(-1)!.total, 6)
})

test('a stop keeps the finished cells, and a later start goes on behind them', async () => {
  const place = newPlace('stopped')
  let finished = 0
  const stopped = await compare(place, (event, stop) => {
    if (event.type === 'cell' && ++finished === 3) stop()
  })
  expect(stopped.result.finished).toBe(false)
  // The fourth is the third by another name.
  expect(stopped.result.cells).toHaveLength(4)
  const { result, events } = await compare({ ...place, resume: true })
  expect(result.cells.slice(0, 4)).toEqual(stopped.result.cells)
  expect(numbers(result.cells)).toEqual(numbers((await compare()).result.cells))
  const trained = events.filter((event) => event.type === 'cell-evaluated' && event.step === 0)
  // One of the four cells left is a plain network by a second name.
  expect(trained).toHaveLength(3)
})

test('a stop keeps what the cell under way has learned, and a later start finishes it from there', async () => {
  const experiment: Experiment = { ...EXPERIMENT, steps: 30, evaluateEvery: 10 }
  const place = newPlace('under way')
  const isAt = (event: DepthEvent, depth: number, step: number) =>
    event.type === 'cell-evaluated' && event.depth === depth && event.step === step
  const { result: stopped } = await compare(place, (event, stop) => isAt(event, 3, 10) && stop(), experiment)
  expect(stopped.finished).toBe(false)
  expect(stopped.cells.map(({ depth }) => depth)).toEqual([1, 1, 1, 1])
  const whole = (await compare(null, () => {}, experiment)).result
  const { steps, depth, series, evaluations } = stopped.unfinished!
  expect({ depth, series }).toEqual({ depth: 3, series: 0 })
  expect(steps).toBeGreaterThanOrEqual(10)
  expect(steps).toBeLessThan(30)
  expect(evaluations.step.slice(0, 2)).toEqual([0, 10])
  expect(evaluations.test.loss[1]).toEqual(whole.cells[4].evaluations.test.loss[1])
  // It counts in no figure over depth.
  expect(stopped.series[0].depths).toEqual([1])

  const told: number[] = []
  const { result } = await compare(
    { ...place, resume: true },
    (event) => event.type === 'progress' && event.message.includes('training') && told.push(event.done),
    experiment,
  )
  expect(numbers(result.cells)).toEqual(numbers(whole.cells))
  expect(result.unfinished).toBeNull()
  // Cells weigh their blocks and three: of the first, ten of its thirty steps are done.
  expect(told[0]).toBeGreaterThan((6 * 10) / 30 - 1e-9)
  expect(fs.readdirSync(place.folder)).toEqual(['cells.json'])
})

test('a cell that was stopped has taken the seconds of all its parts', async () => {
  const experiment: Experiment = { ...EXPERIMENT, remedies: ['none'], depth: { depths: [3], skip: 'on' } }
  const place = newPlace('parts')
  let later = 0
  const real = performance.now.bind(performance)
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => real() + later)
  try {
    // Each part takes a thousand seconds more.
    const part = async (resume: boolean, at: number) =>
      (
        await compare(
          { ...place, resume },
          (event, stop) => {
            if (event.type !== 'cell-evaluated' || event.step !== at) return
            later += 1e6
            if (at < experiment.steps) stop()
          },
          { ...experiment, evaluateEvery: 2 },
        )
      ).result
    const first = (await part(false, 2)).unfinished!.seconds
    const second = (await part(true, 4)).unfinished!.seconds
    const whole = (await part(true, 6)).cells[0].seconds
    expect([first, second, whole].map((one) => Math.floor(one / 1000))).toEqual([1, 2, 3])
  } finally {
    clock.mockRestore()
  }
})

test('a comparison that is to end where another was stopped is that one, to the last number', async () => {
  const experiment: Experiment = { ...EXPERIMENT, steps: 30, evaluateEvery: 10 }
  const { result: stopped } = await compare(
    null,
    (event, stop) => event.type === 'cell-evaluated' && event.depth === 3 && event.step === 10 && stop(),
    experiment,
  )
  const { cells, unfinished, series } = stopped
  const until = { cells: cells.length, steps: unfinished!.steps }
  const { result, events } = await compare(null, () => {}, experiment, until)
  expect(result.finished).toBe(true)
  expect(numbers(result.cells)).toEqual(numbers(cells))
  expect(numbers([result.unfinished!])).toEqual(numbers([unfinished!]))
  expect(result.series.map(({ depths }) => depths)).toEqual(series.map(({ depths }) => depths))
  const steps = events.flatMap((event) =>
    event.type === 'cell-evaluated' ? [[event.depth, event.step]] : [],
  )
  expect(Math.max(...steps.filter(([depth]) => depth === 3).map(([, step]) => step))).toBe(until.steps)
  const progress = events.filter((event) => event.type === 'progress')
  expect(progress.at(-1)!.total).toBeLessThan(progress.at(-1)!.done + 6)
  // Nothing was under way: the cell that comes next is not begun.
  expect((await compare(null, () => {}, experiment, { cells: 4, steps: 0 })).result).toMatchObject({
    finished: true,
    unfinished: null,
    cells: [{ depth: 1 }, { depth: 1 }, { depth: 1 }, { depth: 1 }],
  })
})

test('another cell’s checkpoint is none of this one’s, and a damaged one is left aside', async () => {
  const experiment: Experiment = { ...EXPERIMENT, remedies: ['none'], depth: { depths: [1, 3], skip: 'on' } }
  const place = newPlace('others')
  fs.mkdirSync(path.join(place.folder, 'cell'))
  fs.writeFileSync(path.join(place.folder, 'cell', 'checkpoint.safetensors'), 'damaged')
  const { result } = await compare({ ...place, resume: true }, () => {}, experiment)
  expect(result.finished).toBe(true)
  expect(numbers(result.cells)).toEqual(numbers((await compare(null, () => {}, experiment)).result.cells))
})

test('damaged cells are trained again', async () => {
  const place = newPlace('damaged')
  fs.writeFileSync(path.join(place.folder, 'cells.json'), '{"cells": [{"series":')
  const one: Experiment = { ...EXPERIMENT, remedies: ['none'], depth: { depths: [1], skip: 'on' } }
  const { result, events } = await compare({ ...place, resume: true }, () => {}, one)
  expect(result.cells).toHaveLength(1)
  expect(events.find((event) => event.type === 'checkpoint')).toMatchObject({ step: 1, problem: null })
})

test('a folder that is gone is told, and training goes on', async () => {
  const one: Experiment = { ...EXPERIMENT, remedies: ['none'], depth: { depths: [1], skip: 'on' } }
  const { result, events } = await compare(
    { folder: path.join(folder, 'gone'), resume: false },
    () => {},
    one,
  )
  expect(result.finished).toBe(true)
  const told = events.find((event) => event.type === 'checkpoint')!
  expect(told.problem).toMatch(
    /^Finished depths could not be saved \(ENOENT\): .*cells\.json\. Training goes on\.$/,
  )
})

test('images cannot be trained, and networks must fit, before anything is trained', async () => {
  const images: Experiment = { ...EXPERIMENT, input: 'images', stem: 'linear' }
  await expect(compare(null, () => {}, images)).rejects.toThrow('Gaussian images have no labels to train on')
  const huge: Experiment = { ...EXPERIMENT, width: 16_384, depth: { depths: [1, 1000], skip: 'on' } }
  await expect(compare(null, () => expect.unreachable(), huge)).rejects.toThrow('GiB')
})
