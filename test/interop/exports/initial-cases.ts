import { expect } from 'vitest'
import { convolutional } from '../../../shared/block/convolutional'
import { presetNamed } from '../../../shared/block/presets'
import { exportedNetwork } from '../../../shared/export/network'
import { drawPlan, forwardPlan } from '../../../shared/network/float64-network'
import type { Array3 } from '../../../shared/numerics/float64'
import type { Experiment } from '../../../shared/settings/experiment'
import { defaultExperiment } from '../../../shared/settings/table'

/** How many networks are drawn on each side. */
export const NETWORKS = 20
/** By how much of q two computations in float32 may differ beside: after a layer norm networks differ by no more. */
const ROUNDING = 1e-6

/** Standard errors of the difference of two means. */
const MOST_ERRORS = 3

const dense = (changes: Partial<Experiment>): Experiment => ({
  ...defaultExperiment(),
  ...{ blocks: 8, width: 40, batch: 32, compare: [] },
  ...changes,
})
const block = (name: string) => [presetNamed(name)]

/** Networks whose code is run as it is. */
export const INITIAL_CASES: [string, Experiment][] = [
  ['type 1', dense({ block: block('linear-relu') })],
  ['type 2, 1/√2', dense({ block: block('relu-linear'), remedies: ['rsqrt2'] })],
  ['type 2, 1/√2 on the skip', dense({ block: block('relu-linear'), remedies: ['rsqrt2-skip'] })],
  ['type 2, layer norm, LeCun', dense({ remedies: ['layer-norm'], init: 'lecun' })],
  [
    'type 3, batch norm, Glorot',
    dense({ block: block('practical'), remedies: ['batch-norm'], init: 'glorot' }),
  ],
  ['bottleneck, PyTorch’s own', dense({ block: block('bottleneck'), init: 'pytorch' })],
  ['original, a gain', dense({ block: block('original'), gain: 1.3 })],
  ['full pre-activation, DeepNorm', dense({ block: block('full-preactivation'), remedies: ['deepnorm'] })],
  ['type 3, Fixup', dense({ block: block('practical'), remedies: ['fixup'] })],
  ['full pre-activation, SkipInit', dense({ block: block('full-preactivation'), remedies: ['skipinit'] })],
  ['BN after addition, ReZero', dense({ block: block('bn-after-addition'), remedies: ['rezero'] })],
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

/** Of each network its q_0..q_L, as code draws them, beside the lab's. */
export function expectSameSquares(found: readonly number[][], experiment: Experiment): void {
  const own = labSquares(experiment)
  const apart = own[0].map((_, k) => {
    const [a, b] = [moments(own, k), moments(found, k)]
    const beyond = Math.max(0, Math.abs(a.mean - b.mean) - ROUNDING * a.mean)
    return beyond === 0 ? 0 : beyond / Math.sqrt(a.variance + b.variance)
  })
  expect(found[0].length).toBe(own[0].length)
  expect(Math.max(...apart)).toBeLessThan(MOST_ERRORS)
}
