import { describe, expect, test } from 'vitest'
import type { BlockGraph, GraphNode } from '../../../shared/graph/block-graph'
import { shapeText, type Shape } from '../../../shared/numerics/shape'
import { nodeLabel, operationOf, shapesOf } from '../../../shared/operations'
import { shortNumber } from '../../../shared/operations/symbols'
import { ratioText, unitsOf } from '../../../shared/operations/units'
import { weightParameters, weightVariance } from '../../../shared/operations/weights'

const node = (op: string, fields: object = {}) =>
  ({ id: 'node', op, inputs: ['input'], ...fields }) as unknown as GraphNode
const shape = (units: number, rows = 1, columns = 1): Shape => ({ units, rows, columns })
const AT = { block: 2, depth: 4 }

test.each<[string, object, string]>([
  ['linear', { units: 1 }, 'linear'],
  ['linear', { units: 0.25 }, 'lin N/4'],
  ['linear', { units: 2 }, 'lin 2N'],
  ['linear', { units: 1, gain: 0.28 }, '.28 lin'],
  ['linear', { units: 0.25, gain: 0 }, 'N/4 = 0'],
  ['linear', { units: 1, gain: 0, standardised: 1.7 }, 'lin Ŵ'],
  ['conv-1d', { units: 1, kernel: 3, stride: 1, padding: 1 }, 'conv 3'],
  ['conv-2d', { units: 1, kernel: 3, stride: 2, padding: 1 }, 'conv 3/2'],
  ['conv-2d', { units: 0.5, kernel: 3, stride: 2, padding: 1 }, 'conv N/2'],
  ['relu', {}, 'ReLU'],
  ['leaky-relu', { slope: 0.1 }, 'LReLU'],
  ['gelu', {}, 'GELU'],
  ['silu', {}, 'SiLU'],
  ['tanh', {}, 'tanh'],
  ['identity', {}, 'id'],
  ['batch-norm', {}, 'BN'],
  ['layer-norm', {}, 'LN'],
  ['group-norm', { groups: 4 }, 'GN 4'],
  ['center', {}, '− mean'],
  ['scale', { factor: 0.5, text: '½' }, '×½'],
  ['block-scale', { factors: [1], text: '1/β' }, '×1/β'],
  ['gain', { initial: 0.25 }, '×.25'],
  ['diagonal', { initial: 1e-6 }, '⊙1e-6'],
  ['shift', { initial: 0 }, '+0'],
  ['dropout', { rate: 0.1 }, 'drop .1'],
  ['stochastic-depth', { survival: 0.5 }, 'keep .5'],
  ['average-pool', { kernel: 2, stride: 3 }, 'avg 2/3'],
  ['max-pool', { kernel: 2, stride: 3 }, 'max 2/3'],
  ['shortcut', { stride: 1 }, 'skip'],
  ['shortcut', { stride: 2 }, 'skip /2'],
  ['sum', {}, '+'],
  ['multiply', {}, '×'],
])('%s %j on a picture', (op, fields, symbol) => {
  const own = node(op, fields)
  expect(operationOf(own).symbol(own)).toBe(symbol)
})

test.each([
  [0, '0'],
  [0.1, '.1'],
  [-0.123, '-.12'],
  [0.001, '.001'],
  [0.00099, '1e-3'],
  [-1e-6, '-1e-6'],
  [9999, '10000'],
  [9940, '9900'],
  [10_000, '1e4'],
  [2.5, '2.5'],
  [10.4, '10'],
])('%d in a few characters', (x, text) => expect(shortNumber(x)).toBe(text))

test('a width as a ratio of the network’s, and in units: at least one', () => {
  expect([0.25, 1 / 3, 0.3, 1, 1.5, 2 / 3].map(ratioText)).toEqual([
    'N/4',
    'N/3',
    'N/3.33',
    '1N',
    '1.5N',
    'N/1.5',
  ])
  expect([unitsOf(0.25, 100), unitsOf(0.3, 5), unitsOf(0.001, 100)]).toEqual([25, 2, 1])
})

describe('parameters', () => {
  const parameters = (op: string, fields: object, input: Shape, width = 6) => {
    const own = node(op, fields)
    const { shape: shapeOf, parameters: parametersOf } = operationOf(own)
    return parametersOf(own, input, shapeOf(own, [input], width), AT)
  }
  test.each<[string, object, Shape, object[]]>([
    [
      'linear',
      { units: 0.5 },
      shape(6),
      [
        { role: 'weight', shape: [6, 3], fanIn: 6 },
        { role: 'bias', shape: [1, 3], fanIn: 6 },
      ],
    ],
    [
      'linear',
      { units: 1, bias: false, gain: 2 },
      shape(4),
      [{ role: 'weight', shape: [4, 6], fanIn: 4, factor: 2 }],
    ],
    [
      'conv-1d',
      { units: 0.5, kernel: 3, stride: 1, padding: 1, gain: 0.5 },
      shape(2, 1, 5),
      [
        { role: 'weight', shape: [6, 3], fanIn: 6, fanOut: 9, factor: 0.5 },
        { role: 'bias', shape: [1, 3], fanIn: 6, factor: 0.5 },
      ],
    ],
    [
      'conv-2d',
      { units: 0.5, kernel: 2, stride: 1, padding: 1, bias: false },
      shape(2, 5, 5),
      [{ role: 'weight', shape: [8, 3], fanIn: 8, fanOut: 12 }],
    ],
    ...['batch-norm', 'layer-norm', 'group-norm'].map((op): [string, object, Shape, object[]] => [
      op,
      { groups: 2 },
      shape(4, 1, 3),
      [
        { role: 'gain', shape: [1, 4], fanIn: 1, initial: 1 },
        { role: 'shift', shape: [1, 4], fanIn: 1, initial: 0 },
      ],
    ]),
    ['gain', { initial: 0.3 }, shape(4), [{ role: 'gain', shape: [1, 1], fanIn: 1, initial: 0.3 }]],
    ['diagonal', { initial: 0.3 }, shape(4), [{ role: 'gain', shape: [1, 4], fanIn: 1, initial: 0.3 }]],
    ['shift', { initial: 0.3 }, shape(4), [{ role: 'shift', shape: [1, 1], fanIn: 1, initial: 0.3 }]],
    [
      'block-scale',
      { factors: [3, 4, 5] },
      shape(4),
      [{ role: 'constant', shape: [1, 1], fanIn: 1, initial: 4 }],
    ],
    ['shortcut', { stride: 2 }, shape(4, 2, 2), [{ role: 'constant', shape: [1, 6], fanIn: 1, initial: 0 }]],
    [
      'dropout',
      { rate: 0.25 },
      shape(4, 2, 3),
      [{ role: 'noise', shape: [6, 4], fanIn: 1, noise: { keep: 0.75, scale: 0.75, perSample: true } }],
    ],
    [
      'stochastic-depth',
      { survival: 0.5 },
      shape(4, 2, 3),
      [{ role: 'noise', shape: [1, 1], fanIn: 1, noise: { keep: 0.75, scale: 1, perSample: false } }],
    ],
    ...['relu', 'leaky-relu', 'gelu', 'silu', 'tanh', 'identity', 'center', 'scale', 'sum', 'multiply'].map(
      (op): [string, object, Shape, object[]] => [op, { slope: 0.1, factor: 1 }, shape(4), []],
    ),
    ['average-pool', { kernel: 2, stride: 2, padding: 0 }, shape(4, 4, 4), []],
    ['max-pool', { kernel: 2, stride: 2, padding: 0 }, shape(4, 4, 4), []],
  ])('of %s %j', (op, fields, input, expected) => expect(parameters(op, fields, input)).toEqual(expected))

  test('biases and factors are as given', () => {
    expect(weightParameters({}, 3, 2)).toHaveLength(2)
    expect(weightParameters({ gain: 0 }, 3, 2)[0]!.factor).toBe(0)
  })

  test('variances: He’s, times the square of the factor; of standardised weights γ² and no mean', () => {
    const he = { init: 'he', gain: 1 } as const
    const pytorch = { init: 'pytorch', gain: 1 } as const
    expect(weightVariance({ gain: 3 }, he, 4, 4)).toEqual({ factor: 18, bias: 0, isCentred: false })
    expect(weightVariance({ gain: 3 }, pytorch, 4, 4)).toEqual({
      factor: expect.closeTo(3, 12),
      bias: expect.closeTo(9 / 12, 12),
      isCentred: false,
    })
    expect(weightVariance({ bias: false }, pytorch, 4, 4).bias).toBe(0)
    expect(weightVariance({ standardised: 1.5 }, he, 4, 4)).toMatchObject({
      factor: expect.closeTo(2.25, 9) as number,
      isCentred: true,
    })
    expect(weightVariance({ standardised: 1.5 }, { ...he, gain: 0 }, 4, 4).factor).toBe(0)
  })
})

describe('shapes', () => {
  test.each<[string, object, Shape, Shape]>([
    ['linear', { units: 0.5 }, shape(4, 2, 3), shape(3, 2, 3)],
    ['conv-1d', { units: 1, kernel: 3, stride: 2, padding: 1 }, shape(4, 1, 7), shape(6, 1, 4)],
    ['conv-2d', { units: 1, kernel: 3, stride: 2, padding: 0 }, shape(4, 5, 7), shape(6, 2, 3)],
    ['average-pool', { kernel: 2, stride: 2, padding: 0 }, shape(4, 1, 6), shape(4, 1, 3)],
    ['max-pool', { kernel: 2, stride: 2, padding: 0 }, shape(4, 4, 6), shape(4, 2, 3)],
    ['max-pool', { kernel: 9, stride: 2, padding: 0 }, shape(4, 4, 6), shape(4, 1, 1)],
    ['shortcut', { stride: 2 }, shape(4, 5, 4), shape(6, 3, 2)],
    ['relu', {}, shape(4, 2, 3), shape(4, 2, 3)],
  ])('%s %j of %j', (op, fields, input, expected) => {
    const own = node(op, fields)
    expect(operationOf(own).shape(own, [input], 6)).toEqual(expected)
  })

  test('of every edge of a block', () => {
    const nodes = [
      { id: 'a', op: 'linear', inputs: ['input'], units: 0.5 },
      { id: 'b', op: 'relu', inputs: ['a'] },
    ] as GraphNode[]
    const shapes = shapesOf({ nodes } as BlockGraph, { input: shape(4), width: 6 })
    expect([...shapes]).toEqual([
      ['input', shape(4)],
      ['a', shape(3)],
      ['b', shape(3)],
    ])
  })
})

test('a node in a sentence: by its title, numbered where there are several, a scale by what it is written as', () => {
  const nodes = [
    { id: 'a', op: 'linear', inputs: ['input'], units: 1 },
    { id: 'b', op: 'relu', inputs: ['a'] },
    { id: 'c', op: 'linear', inputs: ['b'], units: 1 },
    { id: 'd', op: 'scale', inputs: ['c'], factor: 0.5, text: '½' },
  ] as GraphNode[]
  const label = (id: string) => nodeLabel({ nodes } as BlockGraph, id)
  expect(['input', 'a', 'b', 'c', 'd'].map(label)).toEqual([
    'input',
    'linear 1',
    'ReLU',
    'linear 2',
    'scale by ½',
  ])
})

describe('what does not fit, and how to mend it', () => {
  const misfit = (op: string, fields: object, ...inputs: Shape[]) => {
    const own = node(op, fields)
    return operationOf(own).misfit!(own, inputs, shapeText)
  }
  const pool = { kernel: 2, stride: 1, padding: 0 }
  test.each<[string, object, Shape[], [string, string] | null]>([
    ['sum', {}, [shape(4, 2, 2), shape(4, 2, 2)], null],
    [
      'sum',
      {},
      [shape(4), shape(3)],
      ['the sum joins 4 and 3', 'End the branch in a linear layer (or a 1 × 1 convolution) with units 1.'],
    ],
    [
      'multiply',
      {},
      [shape(4, 2, 2), shape(4, 1, 1)],
      ['the product joins 4 × 2 × 2 and 4', 'Use the same strides and paddings on both sides.'],
    ],
    ['group-norm', { groups: 2 }, [shape(4)], null],
    ['group-norm', { groups: 5 }, [shape(12)], ['5 groups do not divide 12 units', 'Use 4 groups.']],
    ['group-norm', { groups: 40 }, [shape(12)], ['40 groups do not divide 12 units', 'Use 12 groups.']],
    ['group-norm', { groups: 2 }, [shape(1)], ['2 groups do not divide 1 units', 'Use 1 group.']],
    ['average-pool', pool, [shape(1, 1, 2)], null],
    ['max-pool', { ...pool, padding: 1 }, [shape(1, 1, 2)], null],
    [
      'average-pool',
      { ...pool, padding: 2 },
      [shape(1, 4, 4)],
      [
        'a padding of 2 lets the average pooling’s kernel of 2 see nothing at the edges',
        'Use a padding of at most 1.',
      ],
    ],
    [
      'average-pool',
      { ...pool, kernel: 3 },
      [shape(1, 1, 2)],
      [
        'the average pooling’s kernel of 3 is larger than 1 × 2 with padding 0',
        'Use a kernel of at most 2, or a padding of 1.',
      ],
    ],
    [
      'conv-2d',
      { units: 1, kernel: 5, stride: 1, padding: 0 },
      [shape(1, 9, 2)],
      [
        'the 2-D convolution’s kernel of 5 is larger than 1 × 9 × 2 with padding 0',
        'Use a kernel of at most 2, or a padding of 2.',
      ],
    ],
    [
      'conv-1d',
      { units: 1, kernel: 9, stride: 1, padding: 1 },
      [shape(1, 1, 3)],
      [
        'the 1-D convolution’s kernel of 9 is larger than 1 × 3 with padding 1',
        'Use a kernel of at most 5, or a padding of 3.',
      ],
    ],
  ])('%s %j on %j', (op, fields, inputs, expected) => {
    const found = misfit(op, fields, ...inputs)
    expect(found && [found.problem, found.hint]).toEqual(expected)
  })
})
