import { spawnSync } from 'node:child_process'
import * as path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { measureLesion } from '../../main/trainer/engine/lesion'
import { trainNetworks } from '../../main/trainer/engine/train'
import { dataSetOf } from '../../shared/data/samples'
import { scaledRange } from '../../shared/data/scale'
import { trainingExperiment } from '../../shared/experiment/experiment'
import { presetNamed } from '../../shared/block/presets'
import { lesionOrder, type Lesion } from '../../shared/lesion/lesion'
import type { TrainedArray, TrainedBlock } from '../../shared/network/trained-weights'
import { defaultExperiment } from '../../shared/settings/table'
import { testBackend } from '../engine/backend'

/** Debian's: python3-torch (.ci/run installs it). */
const PYTHON = '/usr/bin/python3'
const hasTorch = spawnSync(PYTHON, ['-c', 'import torch']).status === 0
if (!hasTorch)
  console.warn(
    `No lesion is held against PyTorch: ${PYTHON} has none (Debian and Ubuntu: apt-get install python3-torch).`,
  )

const experiment = trainingExperiment({
  ...defaultExperiment(),
  block: ['full-preactivation'],
  blocks: 4,
  width: 24,
  batch: 100,
  trainReplicas: 1,
  steps: 120,
  learningRate: 0.05,
})
const LESIONS: Lesion[] = [{ delete: [1] }, { delete: [2, 3] }, { permute: [1, 4] }, { duplicate: [2] }]
const STATISTICS = ['intact', 'changed'] as const

type Worth = Record<'training' | 'test', { loss: number; error: number }> & { correlation: number }

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

const rowsOf = ({ shape: [rows, columns], values }: TrainedArray) =>
  Array.from({ length: rows }, (_, r) => values.slice(r * columns, (r + 1) * columns))

/** A branch as its norms, each with the layer that follows it. */
function stagesOf(block: TrainedBlock) {
  const { nodes } = presetNamed('full-preactivation')
  const of = (op: string) =>
    nodes.filter((node) => node.op === op).map(({ id }) => block.find(({ node }) => node === id)!)
  const layers = of('linear')
  return of('batch-norm').map(({ parameters: [gamma, beta], statistics }, i) => {
    const [mean, variance] = statistics!
    const [weight, bias] = layers[i].parameters
    return {
      ...{ mean: mean.values, variance: variance.values, gamma: gamma.values, beta: beta.values },
      ...{ weight: rowsOf(weight), bias: bias.values },
    }
  })
}

async function torchWorth(): Promise<{ found: Worth[]; correlation: number }> {
  const measuring = { ...experiment, shattering: 'on' as const }
  const { series } = await trainNetworks(backend, measuring, createControl(), () => {}, { weights: true })
  const { stem, blocks, output } = series[0].weights!
  const [{ parameters }] = stem
  const data = dataSetOf(experiment)
  const samples = Object.fromEntries(
    (['training', 'test'] as const).map((part) => {
      const { y } = data[part]
      const x = scaledRange(data, data[part], 0, y.length)
      const size = x.length / y.length
      return [part, { x: Array.from(y, (_, i) => [...x.subarray(i * size, (i + 1) * size)]), y: [...y] }]
    }),
  )
  const network = {
    stem: { weight: rowsOf(parameters[0]), bias: parameters[1]?.values ?? null },
    blocks: blocks.map(stagesOf),
    output: { weight: rowsOf(output.weight), bias: output.bias.values },
    samples,
  }
  const lines = STATISTICS.flatMap((statistics) =>
    LESIONS.map((lesion) =>
      JSON.stringify({ ...network, order: lesionOrder(lesion, 4), running: statistics === 'intact' }),
    ),
  )
  lines.push(JSON.stringify({ ...network, order: [1, 2, 3, 4], running: true }))
  const { status, stdout, stderr } = spawnSync(PYTHON, [path.join(import.meta.dirname, 'lesion.py')], {
    input: lines.join('\n'),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(stderr)
  const found = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Worth)
  return { found, correlation: series[0].evaluations.shattering!.at(-1)!.correlation[0] }
}

describe.skipIf(!hasTorch)('changed networks are worth what they are in PyTorch, in evaluation', () => {
  let found: Worth[]
  let correlation: number
  beforeAll(async () => {
    ;({ found, correlation } = await torchWorth())
  }, 300_000)

  test('and their gradients are as correlated between test samples', () => {
    expect(correlation / found.at(-1)!.correlation).toBeCloseTo(1, 3)
  })

  test.each(
    STATISTICS.flatMap((statistics, s) =>
      LESIONS.map((lesion, i) => [statistics, lesion, s * LESIONS.length + i] as const),
    ),
  )('statistics of the %s network, %j', async (statistics, lesion, at) => {
    const set = { set: 'one', lesion } as const
    const { series } = await measureLesion(backend, experiment, set, statistics, createControl(), () => {})
    const [{ classified }] = series[0].outcomes
    const expected = found[at]
    const parts = { training: classified!.training!, test: classified! }
    for (const part of ['training', 'test'] as const) {
      const { loss, accuracy } = parts[part]
      expect(loss.mean / expected[part].loss).toBeCloseTo(1, 4)
      // A sample on the edge may fall to either side.
      expect(Math.abs(1 - accuracy.mean - expected[part].error)).toBeLessThanOrEqual(0.0015)
    }
  })
})
