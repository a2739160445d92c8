import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openRunLibrary, type RunLibrary } from '../../main/runs/library'
import { verifyRun, type Again } from '../../main/runs/verify'
import { keptSeries, orderedSeries } from '../../shared/order/results'
import { orderExperiments } from '../../shared/order/set'
import { measurePaths } from '../../shared/paths/paths'
import type { Experiment } from '../../shared/settings/experiment'
import { openingShatter } from '../../shared/settings/shatter'
import { defaultExperiment } from '../../shared/settings/table'
import { countRegions, regionsNetworks, regionsResult } from '../../shared/shatter/regions'
import { newRun, outcome } from './runs'

let folder: string
let library: RunLibrary
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-verify-'))
  library = openRunLibrary(folder)
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const none = () => Promise.reject(new Error('nobody asks for this'))
const again: Again = {
  job: none,
  paths: ({ experiment, listing, data }) => Promise.resolve(measurePaths(experiment, listing, data)),
  trainedPaths: none,
  regions: ({ experiment, settings, networks }) =>
    Promise.resolve(countRegions(experiment, settings, networks)),
}
const small: Experiment = { ...defaultExperiment(), blocks: 3, width: 8, replicas: 2, batch: 4 }
const device = { backend: 'cpu', name: 'CPU', version: '0', description: 'CPU, fixture', note: null } as const

test('paths are computed again, as the command line and as the view have asked for them', async () => {
  const series = measurePaths(small, 'all')
  const started = { type: 'paths-started', device: null, listing: 'all', training: false }
  const made = { started, result: { finished: true, series } }
  const { id } = await library.keep(newRun({ kind: 'paths', experiment: small }), outcome(made))
  expect(await verifyRun(library, id, again)).toMatchObject({ verdict: 'identical', where: null })

  const other = { ...small, replicas: 1, seed: 7 }
  const request = { experiment: other, listing: 'length' }
  const viewed = { started: { request }, result: { finished: true, series: measurePaths(other, 'length') } }
  const view = await library.keep(newRun({ kind: 'paths', experiment: small }), outcome(viewed))
  expect(await verifyRun(library, view.id, again)).toMatchObject({ verdict: 'identical' })

  const file = path.join(folder, 'runs', id, 'result.json')
  const document = JSON.parse(fs.readFileSync(file, 'utf8'))
  const was = document.result.series[0].measured.lengths[2].share.mean as number
  document.result.series[0].measured.lengths[2].share.mean = 2 * was
  fs.writeFileSync(file, JSON.stringify(document))
  expect(await verifyRun(library, id, again)).toMatchObject({
    verdict: 'different',
    where: { quantity: 'share', axis: 'length', at: 2, was: 2 * was, is: was },
  })
})

test('paths that were only counted have nothing to be held against, and it is said', async () => {
  const made = {
    started: { listing: 'none' },
    result: { finished: true, series: measurePaths(small, 'none') },
  }
  const { id } = await library.keep(newRun({ kind: 'paths', experiment: small }), outcome(made))
  await expect(verifyRun(library, id, again)).rejects.toThrow(
    `run: "${id}" has no curve to hold another against. ` +
      'It was stopped before anything was measured, or only counted: measure it anew.',
  )
})

test('paths of trained networks whose run is gone are said to miss it', async () => {
  const series = measurePaths(small, 'all')
  const made = {
    started: { listing: 'all', training: true, trained: 'fern-9' },
    result: { finished: true, series },
  }
  const { id } = await library.keep(newRun({ kind: 'paths', experiment: small }), outcome(made))
  await expect(verifyRun(library, id, again)).rejects.toThrow(/^run: there is no run "fern-9"\./)
})

test('linear regions are counted again, in as many networks as there were', async () => {
  const settings = { ...openingShatter(), points: 32 }
  const experiment = { ...small, shatter: settings }
  const networks = regionsNetworks(experiment, settings)
  // It was stopped after two of three networks.
  const result = regionsResult(networks, countRegions(experiment, settings, 2), false)
  const { id } = await library.keep(newRun({ kind: 'regions', experiment }), outcome({ result }))
  expect(await verifyRun(library, id, again)).toMatchObject({ verdict: 'identical', where: null })

  const file = path.join(folder, 'runs', id, 'result.json')
  const document = JSON.parse(fs.readFileSync(file, 'utf8'))
  document.result.series[1].networks[1].counts[2] += 10
  fs.writeFileSync(file, JSON.stringify(document))
  expect(await verifyRun(library, id, again)).toMatchObject({
    verdict: 'different',
    where: { series: 'none, residual', quantity: 'regions', axis: 'block', at: 2 },
  })
})

const summary = (...values: number[]) => ({ mean: values, median: values, low: values, high: values })

/** What a trainer says of two orderings: numbers that depend on seed and place alone. */
function jobs(asked: [string, number][], over = 1): Again['job'] {
  return ({ type, experiment }, part) => {
    const { seed, block } = experiment as unknown as Experiment
    asked.push([`${type} of seed ${seed}, ${part.done + 1} of ${part.jobs}`, block.length])
    const measured = block.map((one, i) => ({
      ...{ block: String(one), blockTitle: String(one), remedy: 'none', note: null },
      ...{ theory: { q: null, v: null, m: null, p: null }, seconds: 1 },
      ...Object.fromEntries(['q', 'v', 'm', 'p'].map((key) => [key, summary(1, seed + i)])),
      weightGradientNorm2: summary(seed),
    }))
    const rows = (last: number) => ({ loss: [[2], [last]], error: [[0.9], [last]] })
    const evaluations = { step: [0, 5], learningRate: [0.1, 0.1], train: rows(0.1), test: rows(0.2 * over) }
    const outcomeOf = { loss: summary(1), error: summary(1) }
    const learned = block.map((one) => ({
      ...{ block: String(one), remedy: 'none', skip: 'on', parameters: 7, evaluations },
      ...{ train: outcomeOf, test: outcomeOf, failure: null, seconds: 1 },
    }))
    const series = type === 'signal' ? measured : learned
    const result = { finished: true, seconds: 1, steps: 5, frames: [], series }
    return Promise.resolve({ device, result }) as unknown as ReturnType<Again['job']>
  }
}

/** A learning curve, evaluated after these updates. */
const learnt = (step: number[], last = 0.5) => {
  const rows = { loss: step.map((at) => [at === step.at(-1) ? last : at]), error: step.map(() => [0.5]) }
  return { step, learningRate: step.map(() => 0.1), train: rows, test: rows }
}

/** A job that comes out so, and what was asked of it. */
function jobThat(result: object, asked: unknown[]): Again {
  const job = (body: unknown) => {
    asked.push((body as { until?: unknown }).until)
    return Promise.resolve({ device, result: { finished: true, seconds: 1, ...result } }) as never
  }
  return { ...again, job }
}

test('a training that was stopped is trained again to that step, and compared there, too', async () => {
  const made = (last?: number) => ({
    steps: 7,
    series: [{ block: 'a', evaluations: learnt([0, 5, 7], last) }],
  })
  const kept = { state: 'stopped', result: { finished: false, ...made() } } as const
  const { id } = await library.keep(newRun({ kind: 'train', experiment: small }), outcome(kept))
  const asked: unknown[] = []
  expect(await verifyRun(library, id, jobThat(made(), asked))).toMatchObject({ verdict: 'identical' })
  expect(await verifyRun(library, id, jobThat(made(0.6), asked))).toMatchObject({
    verdict: 'different',
    where: { quantity: 'test loss', axis: 'step', at: 7, was: 0.5, is: 0.6 },
  })
  expect(asked).toEqual([7, 7])

  const whole = { result: { finished: true, ...made() } }
  const other = await library.keep(newRun({ kind: 'train', experiment: small }), outcome(whole))
  await verifyRun(library, other.id, jobThat(made(), asked))
  expect(asked[2]).toBeUndefined()
})

test('depths that were stopped are trained as far, and networks under way are compared by their curve', async () => {
  const made = (last?: number) => ({
    series: [{ block: 'a', skip: 'on', depths: [2], train: {}, test: {}, best: {}, p0: summary(1) }],
    cells: [{ series: 0, depth: 2 }],
    unfinished: { series: 0, depth: 6, steps: 9, evaluations: learnt([0, 9], last) },
  })
  const keep = async (result: object) => {
    const ended = { state: 'stopped', result: { finished: false, ...result } } as const
    return (await library.keep(newRun({ kind: 'depth', experiment: small }), outcome(ended))).id
  }
  const id = await keep(made())
  const asked: unknown[] = []
  expect(await verifyRun(library, id, jobThat(made(), asked))).toMatchObject({ verdict: 'identical' })
  expect(await verifyRun(library, id, jobThat(made(0.6), asked))).toMatchObject({
    where: { series: 'none, 6 blocks', quantity: 'test loss', axis: 'step', at: 9, was: 0.5, is: 0.6 },
  })
  await verifyRun(library, await keep({ ...made(), unfinished: null }), jobThat(made(), asked))
  expect(asked).toEqual([
    { cells: 1, steps: 9 },
    { cells: 1, steps: 9 },
    { cells: 1, steps: 0 },
  ])
})

test('orderings are measured and trained again, and a network that learned otherwise is found', async () => {
  const order = { blocks: ['relu-linear', 'original'], remedies: ['none'], seeds: 2, train: true }
  const experiment = { ...small, order }
  const asked: [string, number][] = []
  const seeds = await Promise.all(
    orderExperiments(experiment, order).map(async (one) => {
      const ask = async (type: 'signal' | 'train') =>
        (await jobs([])({ type, experiment: { ...one } }, { done: 0, jobs: 1 })).result as never
      const { series } = await ask('signal')
      return { measured: series, failures: [], trained: await ask('train') }
    }),
  )
  const result = { finished: true, series: orderedSeries(seeds, 2).map(keptSeries), replies: seeds }
  const { id } = await library.keep(newRun({ kind: 'order', experiment }), outcome({ result }))
  expect(await verifyRun(library, id, { ...again, job: jobs(asked) })).toMatchObject({ verdict: 'identical' })
  expect(asked).toEqual([
    ['signal of seed 1, 1 of 4', 2],
    ['train of seed 1, 2 of 4', 2],
    ['signal of seed 2, 3 of 4', 2],
    ['train of seed 2, 4 of 4', 2],
  ])
  expect(await verifyRun(library, id, { ...again, job: jobs(asked, 2) })).toMatchObject({
    verdict: 'different',
    where: { quantity: 'test error', axis: 'step', at: 5, was: 0.2, is: 0.4 },
  })
})
