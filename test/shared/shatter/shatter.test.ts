import { describe, expect, test } from 'vitest'
import { autocorrelation } from '../../../shared/numerics/autocorrelation'
import { PRESETS, centred, presetNamed, withoutSkip } from '../../../shared/block/presets'
import { defaultExperiment } from '../../../shared/settings/table'
import { openingExperiment } from '../../../shared/experiment/experiment'
import { differenceCheck, lineInFloat64 } from '../../../shared/shatter/float64-line'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import { remedyNamed } from '../../../shared/block/remedies'
import { correlationTheory, gridOf, noiseReferences } from '../../../shared/shatter/shatter'
import {
  defaultShatter,
  openingShatter,
  parseShatter,
  parseShatterSection,
} from '../../../shared/settings/shatter'
import { shatterCommand } from '../../../shared/shatter/command'
import { scaledBehindNorm, shatterNetworks } from '../../../shared/shatter/networks'

const type2 = presetNamed('relu-linear')
const theory = (graph = type2, blocks = 10) =>
  correlationTheory(graph, { ...defaultExperiment(), blocks }).theory!

describe('gradient correlation in the limit: closed forms, to 1e-4', () => {
  test('plain: Π κ0(c_l), c′ = κ1(c), from c = 0', () => {
    const expected = { 1: 0.5, 2: 0.30156, 5: 0.10456, 10: 0.03365 }
    for (const [blocks, value] of Object.entries(expected))
      expect(Math.abs(theory(withoutSkip(type2), Number(blocks)) - value)).toBeLessThan(1e-4)
  })

  test('type 2: Π (1 + κ0)/2, c′ = (c + κ1)/2', () => {
    const expected = { 1: 0.75, 2: 0.58158, 5: 0.30947, 10: 0.14016 }
    for (const [blocks, value] of Object.entries(expected))
      expect(Math.abs(theory(type2, Number(blocks)) - value)).toBeLessThan(1e-4)
  })

  test('plain, centred or batch-normalised: exactly 2^-L', () => {
    const plain = withoutSkip(type2)
    const normalised = remedyNamed('batch-norm').apply(plain, { depth: 10 }).graph
    for (const blocks of [1, 2, 10, 30]) {
      expect(theory(centred(plain), blocks) * 2 ** blocks).toBeCloseTo(1, 12)
      expect(theory(normalised, blocks) * 2 ** blocks).toBeCloseTo(1, 12)
    }
  })

  test('1/√2 on every sum changes nothing; where there is no closed form, the note says so', () => {
    const scaled = remedyNamed('rsqrt2').apply(type2, { depth: 10 }).graph
    expect(theory(scaled)).toBeCloseTo(theory(), 12)
    expect(correlationTheory(presetNamed('original'), defaultExperiment())).toEqual({
      theory: null,
      theoryNote: 'No theory: ReLU of a stream that is not Gaussian.',
    })
  })
})

describe('autocorrelation', () => {
  test('of a step of n values at lag k: 1 - 3k/n', () => {
    const step = Float64Array.from({ length: 256 }, (_, i) => (i < 128 ? -3 : 5))
    const curve = autocorrelation(step, 16)
    for (const lag of [0, 1, 4, 16]) expect(curve[lag]).toBeCloseTo(1 - (3 * lag) / 256, 12)
  })

  test('is the sum by definition, for any number of values', () => {
    for (const n of [8, 100, 257]) {
      const values = Float64Array.from({ length: n }, (_, i) => Math.sin(i * i))
      const mean = values.reduce((sum, x) => sum + x / n, 0)
      const at = (lag: number) => {
        let sum = 0
        for (let i = 0; i + lag < n; i++) sum += (values[i] - mean) * (values[i + lag] - mean)
        return sum
      }
      autocorrelation(values, n - 1).forEach((value, lag) => expect(value).toBeCloseTo(at(lag) / at(0), 12))
    }
  })

  test('is not defined for what is all alike, or not finite; large numbers do not overflow', () => {
    expect(autocorrelation(new Float64Array(8).fill(3), 2)).toEqual(new Float64Array(3).fill(NaN))
    expect(autocorrelation([1, NaN, 2, 1], 1)).toEqual(new Float64Array(2).fill(NaN))
    expect(autocorrelation([1e300, -1e300, 1e300, -1e300], 1)[1]).toBeCloseTo(-0.75, 12)
  })

  test('white noise has none; brown noise at lags 1, 4, 16: .974, .898, .633 (± .02)', () => {
    const { white, brown } = noiseReferences(defaultShatter(), 1)
    for (const [lag, value] of [
      [1, 0.974],
      [4, 0.898],
      [16, 0.633],
    ]) {
      expect(Math.abs(brown.mean[lag] - value)).toBeLessThan(0.02)
      expect(Math.abs(white.mean[lag])).toBeLessThan(0.02)
      expect(brown.low[lag]).toBeLessThan(brown.mean[lag])
      expect(brown.high[lag]).toBeGreaterThan(brown.mean[lag])
    }
  })
})

test('the line’s points include both ends', () => {
  const x = gridOf(defaultShatter())
  expect([x.length, x[0], x[255]]).toEqual([256, -2, 2])
})

test('centring comes before every ReLU', () => {
  for (const preset of PRESETS) {
    const graph = centred(preset)
    for (const node of graph.nodes.filter(({ op }) => op === 'relu'))
      expect(graph.nodes.find(({ id }) => id === node.inputs[0])!.op).toBe('center')
  }
})

test('the workbench opens on networks that shatter, beside those of the paper', () => {
  const networks = shatterNetworks(openingExperiment(), openingShatter())
  expect(networks.map(({ reference, remedy, blocks, skip }) => [reference ?? remedy, blocks, skip])).toEqual([
    ['shallow plain', 1, 'off'],
    ['deep plain', 20, 'off'],
    ['none', 20, 'on'],
    ['rsqrt2', 20, 'on'],
    ['batch-norm', 20, 'on'],
    ['none', 20, 'on'],
    ['none', 20, 'on'],
  ])
  for (const { graph } of networks) expect(graph.nodes.some(({ op }) => op === 'center')).toBe(true)
})

test('an experiment without a skip has the residual networks as references', () => {
  const experiment = { ...defaultExperiment(), skip: 'off' as const, remedies: ['none', 'batch-norm'] }
  const names = shatterNetworks(experiment, openingShatter()).map(({ reference }) => reference)
  expect(names).toEqual(['shallow plain', 'residual', 'residual, batch norm', null, null])
})

test('a block that takes no points of a line is refused', () => {
  const graph: BlockGraph = {
    ...type2,
    name: 'mine',
    nodes: [{ id: 'drop', op: 'dropout', inputs: ['input'], rate: 0.5 }],
    output: 'drop',
  }
  expect(() => shatterNetworks({ ...defaultExperiment(), block: [graph] }, openingShatter())).toThrow(
    'block: “mine” holds dropout, and shatter needs one value a unit, the same each time. Choose a block ' +
      'of linear layers, activations, norms, scales and sums.',
  )
})

describe('skip scaling', () => {
  const scales = (name: string, beta: number) =>
    scaledBehindNorm(presetNamed(name), beta).nodes.filter(({ op }) => op === 'scale')

  test('ends the branch of blocks with batch normalisation, and of no others', () => {
    expect(scales('full-preactivation', 0.1)).toMatchObject([{ factor: 0.1, inputs: ['linear-2'] }])
    expect(scales('relu-linear', 0.1)).toEqual([])
    expect(
      scaledBehindNorm(withoutSkip(presetNamed('original')), 0.1).nodes.some(({ op }) => op === 'scale'),
    ).toBe(false)
    // A norm after the sum, on the stream, is not the branch's.
    const { graph } = remedyNamed('rsqrt2').apply(presetNamed('relu-linear'), { depth: 1 })
    expect(scaledBehindNorm(graph, 0.1).nodes).toEqual(graph.nodes)
  })

  test('beta 1 is the block as drawn', () => {
    const graph = presetNamed('full-preactivation')
    expect(scaledBehindNorm(graph, 1)).toBe(graph)
  })

  test('theory knows of it: with a small beta the gradients of different inputs stay alike', () => {
    const { graph } = remedyNamed('batch-norm').apply(type2, { depth: 20 })
    expect(theory(scaledBehindNorm(graph, 0.1), 20)).toBeGreaterThan(0.8)
    expect(theory(graph, 20)).toBeLessThan(0.3)
  })
})

describe('the check by finite differences', () => {
  const settings = { ...openingShatter(), points: 64 }
  const small = { ...defaultExperiment(), width: 16, blocks: 12 }
  const graph = centred(withoutSkip(type2))

  test('agrees to far better than float32, and at a few points as at all', () => {
    const { largest, excluded, points } = differenceCheck(lineInFloat64(graph, small, settings))
    expect(largest).toBeGreaterThan(0)
    expect(largest).toBeLessThan(1e-6)
    expect(points).toBe(64)
    expect(excluded).toBeLessThan(4)
    const [all, some] = [
      lineInFloat64(graph, small, settings),
      lineInFloat64(graph, small, settings, [0, 9, 63]),
    ]
    for (const i of [0, 9, 63]) expect(some.slope[i]).toBe(all.slope[i])
    expect(some.slope[1]).toBeNaN()
    expect(differenceCheck(some, [0, 9, 63]).points).toBe(3)
  })

  test('finds a wrong derivative, leaves kinks out, and does not hide what is not finite', () => {
    const line = {
      y: new Float64Array(4),
      slope: Float64Array.of(1, 2, -4, 0),
      numeric: Float64Array.of(1, 2.4, NaN, 0),
    }
    expect(differenceCheck(line)).toEqual({ largest: expect.closeTo(0.1, 12), excluded: 1, points: 4 })
    line.slope[3] = NaN
    expect(differenceCheck(line).largest).toBeNaN()
  })
})

test('a section of an experiment names its own fields', () => {
  expect(() => parseShatterSection({ points: 3 }, 'experiment.shatter')).toThrow(
    'experiment.shatter.points: 3 is out of range. Give a whole number from 8 to 65536.',
  )
  expect(() => parseShatterSection({ pionts: 3 }, 'experiment.shatter')).toThrow(
    'experiment.shatter.pionts: shatter has no such setting. Did you mean "points"?',
  )
  expect(parseShatterSection({ beta: 0.1 }, 'experiment.shatter')).toEqual({ ...defaultShatter(), beta: 0.1 })
})

test.each([
  [{ points: 3 }, '--points: 3 is out of range. Give a whole number from 8 to 65536.'],
  [
    { range: [1] },
    '--range: [1] is not a range. Give two numbers with a comma between them, for example -2,2.',
  ],
  [
    { range: [2, -2] },
    '--range: 2,-2 does not go from a smaller number to a larger one. Give two numbers with room for 256 ' +
      'different points, for example -2,2.',
  ],
  [{ center: 'yes' }, '--center: "yes" is not a choice. Give on or off.'],
  [{ beta: -1 }, '--beta: -1 is out of range. Give a number from 0 to 100.'],
  [{ beta: NaN }, '--beta: NaN is not a number. Give a number from 0 to 100.'],
  [{ beta: 'a half' }, '--beta: "a half" is not a number. Give a number from 0 to 100.'],
  [{ references: true }, '--references: true is not a choice. Give on or off.'],
  [
    { points: 16, lags: 16 },
    '--lags: a lag of 16 points needs more than 16 points. Give more points, or a lag below 16.',
  ],
])('%j is refused', (value, message) => expect(() => parseShatter(value)).toThrow(message))

describe('the command line that measures the same', () => {
  test('what the workbench opens on', () => {
    expect(shatterCommand(openingExperiment(), openingShatter())).toBe(
      'npx residual-lab shatter --block relu-linear --compare linear-relu,relu-linear,practical --remedies ' +
        'none,rsqrt2,batch-norm --width 100 --center on --references on',
    )
  })

  test('the command’s own defaults are left out; the input is the line', () => {
    const experiment = { ...defaultExperiment(), width: 200, stem: 'linear' as const }
    expect(shatterCommand(experiment, defaultShatter())).toBe(
      'npx residual-lab shatter --block relu-linear --width 200',
    )
    const settings = { ...defaultShatter(), range: [-1, 1] as [number, number], beta: 0.1, lags: 8 }
    expect(shatterCommand({ ...experiment, width: 64 }, settings)).toBe(
      'npx residual-lab shatter --block relu-linear --width 64 --range -1,1 --beta 0.1 --lags 8',
    )
  })

  test('a drawn block comes from the experiment’s file, and everything that a file may hold is said', () => {
    const experiment = { ...defaultExperiment(), block: [{ ...type2, name: 'mine' }] }
    expect(shatterCommand(experiment, defaultShatter())).toBe(
      'npx residual-lab shatter --experiment experiment.json --points 256 --range -2,2 --center off --beta ' +
        '1 --references off',
    )
  })
})
