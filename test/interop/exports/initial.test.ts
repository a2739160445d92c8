import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { convolutional } from '../../../shared/block/convolutional'
import { presetNamed } from '../../../shared/block/presets'
import { exportedNetwork } from '../../../shared/export/network'
import { torchCode } from '../../../shared/export/pytorch/code'
import { drawPlan, forwardPlan } from '../../../shared/network/float64-network'
import type { Array3 } from '../../../shared/numerics/float64'
import type { Experiment } from '../../../shared/settings/experiment'
import { defaultExperiment } from '../../../shared/settings/table'

/** Debian's: python3-torch (.ci/run installs it). */
const PYTHON = '/usr/bin/python3'
const hasTorch = spawnSync(PYTHON, ['-c', 'import torch']).status === 0
if (!hasTorch)
  console.warn(
    `No code is run in PyTorch: ${PYTHON} has none (Debian and Ubuntu: apt-get install python3-torch).`,
  )

const folder = mkdtempSync(path.join(tmpdir(), 'torch-code-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const NETWORKS = 20
/** Standard errors of the difference of two means. */
const MOST_ERRORS = 3

const dense = (changes: Partial<Experiment>): Experiment => ({
  ...defaultExperiment(),
  ...{ blocks: 8, width: 40, batch: 32, compare: [] },
  ...changes,
})
const block = (name: string) => [presetNamed(name)]

const CASES: [string, Experiment][] = [
  ['type 1', dense({ block: block('linear-relu') })],
  ['type 2, 1/√2', dense({ block: block('relu-linear'), remedies: ['rsqrt2'] })],
  ['type 2, layer norm, LeCun', dense({ remedies: ['layer-norm'], init: 'lecun' })],
  [
    'type 3, batch norm, Glorot',
    dense({ block: block('practical'), remedies: ['batch-norm'], init: 'glorot' }),
  ],
  ['bottleneck, PyTorch’s own', dense({ block: block('bottleneck'), init: 'pytorch' })],
  ['original, a gain', dense({ block: block('original'), gain: 1.3 })],
  ['full pre-activation, DeepNorm', dense({ block: block('full-preactivation'), remedies: ['deepnorm'] })],
  ['type 3, Fixup', dense({ block: block('practical'), remedies: ['fixup'] })],
  ['type 2, NF', dense({ remedies: ['nf'] })],
  ['type 2, LayerScale, with a stem', dense({ remedies: ['layerscale'], stem: 'linear' })],
  ['plain type 2', dense({ skip: 'off' })],
  [
    'convolutions on images',
    {
      ...dense({ block: [convolutional(presetNamed('practical'), 2)], blocks: 3, width: 8, batch: 16 }),
      ...{ input: 'images', stem: 'linear' },
    },
  ],
]

/** Of each network q_0..q_L: the mean square of the stream. */
function labSquares(experiment: Experiment): number[][] {
  const network = exportedNetwork(experiment, 0, false)
  const plan = network.blocks.map(({ planned }) => planned)
  const square = ({ values }: Array3) => values.reduce((sum, value) => sum + value * value, 0) / values.length
  return Array.from({ length: NETWORKS }, (_, replica) => {
    const drawn = drawPlan(plan, experiment, replica)
    return [square(drawn.input), ...forwardPlan(drawn).map(({ output }) => square(output))]
  })
}

function moments(squares: readonly number[][], k: number): { mean: number; variance: number } {
  const mean = squares.reduce((sum, own) => sum + own[k], 0) / squares.length
  const scatter = squares.reduce((sum, own) => sum + (own[k] - mean) ** 2, 0)
  return { mean, variance: scatter / (squares.length - 1) / squares.length }
}

describe.skipIf(!hasTorch)(
  'the code, run as it is, has the lab’s statistics at initialisation (needs python3-torch)',
  () => {
    let found: number[][][]
    beforeAll(() => {
      const lines = CASES.map(([, experiment], i) => {
        const network = exportedNetwork(experiment, 0, false)
        const file = path.join(folder, `model_${i}.py`)
        writeFileSync(file, torchCode(network))
        const { units, rows, columns } = network.input
        const grid = network.axes === 2 ? [rows, columns] : network.axes === 1 ? [columns] : []
        const shape = [experiment.batch, units, ...grid]
        return JSON.stringify({ name: `model_${i}`, file, shape, networks: NETWORKS })
      })
      const { status, stdout, stderr } = spawnSync(PYTHON, [path.join(import.meta.dirname, 'initial.py')], {
        input: lines.join('\n'),
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      })
      if (status !== 0) throw new Error(stderr)
      found = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as number[][])
    }, 300_000)

    test.each(CASES.map(([name], i) => [name, i] as const))('%s', (_, i) => {
      const own = labSquares(CASES[i][1])
      const apart = own[0].map((_, k) => {
        const [a, b] = [moments(own, k), moments(found[i], k)]
        return Math.abs(a.mean - b.mean) / Math.sqrt(a.variance + b.variance)
      })
      expect(found[i][0].length).toBe(own[0].length)
      expect(Math.max(...apart)).toBeLessThan(MOST_ERRORS)
    })
  },
)
