import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { prepareSeries } from '../../main/trainer/engine/prepared-series'
import { logitOnLine } from '../../main/trainer/engine/logit-on-line'
import { shatterOfTrained } from '../../main/trainer/engine/shatter-trained'
import { trainNetworks } from '../../main/trainer/engine/train'
import { nodeFolder } from '../../main/trainer/node-folder'
import type { TrainableSeries } from '../../main/trainer/engine/trainable-series'
import { takeStatistics } from '../../main/trainer/engine/training-evaluation'
import { convolutional } from '../../shared/block/convolutional'
import { presetNamed } from '../../shared/block/presets'
import type { BlockGraph } from '../../shared/graph/block-graph'
import { trainingExperiment } from '../../shared/experiment/experiment'
import { autocorrelation } from '../../shared/numerics/autocorrelation'
import type { Experiment } from '../../shared/settings/experiment'
import { defaultExperiment } from '../../shared/settings/table'
import { parseSampleLine, trainedShatter } from '../../shared/shatter/trained'
import { testBackend } from './backend'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-shatter-'))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

/** Batch norm and layers of a preset, with an activation that has no kinks, so that differences are derivatives. */
function smooth(name: string): BlockGraph {
  const preset = presetNamed(name)
  const nodes = preset.nodes.map((node) => (node.op === 'relu' ? { ...node, op: 'tanh' } : node))
  return { ...preset, name: 'smooth', title: 'smooth', nodes } as BlockGraph
}

const small: Experiment = {
  ...defaultExperiment(),
  ...{
    blocks: 3,
    width: 8,
    batch: 32,
    steps: 6,
    data: 'digits',
    trainReplicas: 2,
    input: 'data',
    stem: 'linear',
  },
  block: [smooth('full-preactivation')],
}
const FORMS: Record<string, Partial<Experiment>> = {
  'a dense network': {},
  'a dense network, evaluated with the line’s own statistics': { batchStatistics: 'evaluated' },
  'a convolutional network': {
    input: 'data-grid',
    block: [convolutional(smooth('full-preactivation'), 2)],
    width: 4,
  },
}

async function trained(
  changes: Partial<Experiment>,
  look: (network: TrainableSeries) => Promise<void>,
): Promise<void> {
  const experiment = trainingExperiment({ ...small, ...changes })
  const after = async ([network]: readonly TrainableSeries[]) => {
    await takeStatistics(network)
    await look(network)
  }
  await trainNetworks(backend, experiment, createControl(), () => {}, {
    after,
    prepared: prepareSeries(experiment),
  })
}

describe('a logit of trained networks between two test samples', () => {
  test.each(Object.entries(FORMS))('%s: its derivative is that of finite differences', async (_, changes) => {
    let looked = false
    await trained(changes, async (network) => {
      looked = true
      // A line so fine that differences are derivatives, and not so fine that float32's rounding outweighs them.
      const step = 1 / 512
      const t = Float64Array.from({ length: 513 }, (_, i) => i * step)
      const { y, slope } = await logitOnLine(network, { from: 0, to: 1 }, t)
      for (const r of [0, 1]) {
        const [own, exact] = [y, slope].map((all) => all.subarray(r * t.length, (r + 1) * t.length))
        const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
        expect(largest).toBeGreaterThan(0)
        for (let i = 2; i < t.length - 2; i++) {
          const numeric = (8 * (own[i + 1] - own[i - 1]) - (own[i + 2] - own[i - 2])) / (12 * step)
          expect(Math.abs(numeric - exact[i]) / largest).toBeLessThan(1e-2)
        }
      }
    })
    expect(looked).toBe(true)
  })

  test('points come out alike however many go through together', async () => {
    await trained({}, async (network) => {
      const t = Float64Array.from({ length: 9 }, (_, i) => i / 8)
      const all = await logitOnLine(network, { from: 3, to: 7 }, t)
      const some = await logitOnLine(network, { from: 3, to: 7 }, t.subarray(4, 6))
      for (const r of [0, 1]) {
        for (const i of [0, 1]) expect(some.slope[2 * r + i]).toBeCloseTo(all.slope[9 * r + 4 + i], 4)
      }
    })
  })

  test('its autocorrelation is that of the derivative, over networks', async () => {
    const experiment = { ...small, trainReplicas: 1 }
    const settings = { ...trainedShatter(), points: 40, lags: 10 }
    const place = nodeFolder({ folder, resume: false })
    await trainNetworks(backend, trainingExperiment(experiment), createControl(), () => {}, { place })
    const { finished, x, series } = await shatterOfTrained({
      ...{
        backend,
        experiment,
        settings,
        line: { from: 0, to: 1 },
        steps: ['last'],
        control: createControl(),
      },
      place: nodeFolder({ folder, resume: true, isReadOnly: true }),
      emit: () => {},
    })
    expect([finished, x[0], x[39]]).toEqual([true, 0, 1])
    const [{ acf, curve, correlation, theory, learned, step }] = series
    expect([correlation, theory, step]).toEqual([learned!.correlations[0], null, 6])
    const expected = autocorrelation(Float32Array.from(curve.slope), 10)
    expected.forEach((value, lag) => expect(acf.mean[lag]).toBeCloseTo(value, 6))
  })

  test('lines that are none, and what is of drawn networks alone, are refused', () => {
    const settings = trainedShatter()
    const parse =
      (line: object, changes = {}) =>
      () =>
        parseSampleLine(line, small, { ...settings, ...changes })
    expect(parse({})()).toEqual({ from: 0, to: 1 })
    expect(parse({ from: 360 })).toThrow('--from')
    expect(parse({ to: 0 })).toThrow('--to: test sample 0 of Digits 8 × 8 is both ends of the line.')
    expect(parse({}, { center: 'on' })).toThrow('--center: trained networks are measured as they are')
    expect(parse({}, { references: 'on' })).toThrow('--references: ')
    expect(parse({}, { beta: 2 })).toThrow('--beta: ')
  })
})
