import { describe, expect, test } from 'vitest'
import { convolutional } from '../../../shared/block/convolutional'
import { presetNamed } from '../../../shared/block/presets'
import { remedyNamed } from '../../../shared/block/remedies'
import type { BlockGraph, GraphNode } from '../../../shared/graph/block-graph'
import { drawPlan, forwardPlan } from '../../../shared/network/float64-network'
import {
  finalBlock,
  headOf,
  inputShape,
  outputShape,
  parameterCount,
  planNetwork,
  stemOf,
  streamShape,
} from '../../../shared/network/plan'
import { shapeText, vector } from '../../../shared/numerics/shape'
import type { NetworkSettings } from '../../../shared/settings/network'
import { defaultExperiment } from '../../../shared/settings/table'
import { normalInput } from '../../../shared/theory/input'
import { theoryOf } from '../../../shared/theory/theory'

const TYPE_2 = presetNamed('relu-linear')
const series = (graph: BlockGraph, remedy = 'none') => ({ graph, remedy })
const outline = { blocks: 3, width: 8 }
const drawn = (nodes: object[], output: string) =>
  ({ name: 'drawn', title: '', description: '', nodes, output }) as unknown as BlockGraph

test('what goes in: 32 × 32 images of 3 channels, a row of 40 values, 40 values, or as many as the width', () => {
  const shape = (input: 'images' | 'sequence' | 'mnist1d' | 'normal' | undefined) =>
    inputShape({ input, width: 8 })
  expect(shape('images')).toEqual({ units: 3, rows: 32, columns: 32 })
  expect(shape('sequence')).toEqual({ units: 1, rows: 1, columns: 40 })
  expect(shape('mnist1d')).toEqual({ units: 40, rows: 1, columns: 1 })
  expect(shape('normal')).toEqual({ units: 8, rows: 1, columns: 1 })
  expect(shape(undefined)).toEqual({ units: 8, rows: 1, columns: 1 })
})

test('h_0 has the positions of the input, and the network’s width', () => {
  expect(streamShape({ input: 'images', width: 8 })).toEqual({ units: 8, rows: 32, columns: 32 })
  expect(streamShape({ input: 'sequence', width: 8 })).toEqual({ units: 8, rows: 1, columns: 40 })
  expect(streamShape({ input: 'mnist1d', width: 8 })).toEqual({ units: 8, rows: 1, columns: 1 })
})

describe('the plan', () => {
  test('of one block, repeated, is one object', () => {
    const plan = planNetwork(series(TYPE_2), outline)
    expect(plan).toHaveLength(3)
    expect(new Set(plan).size).toBe(1)
    expect(plan[0]!.graph).toBe(TYPE_2)
    expect(plan[0]!.place).toEqual({ input: vector(8), width: 8 })
    expect([...plan[0]!.shapes.keys()]).toEqual(['input', 'relu-1', 'linear-1', 'sum'])
    expect(planNetwork(series(TYPE_2), { blocks: 1, width: 8 })).toHaveLength(1)
  })

  test('of stages: each stage’s first block may change the width, and equal blocks of two stages are one', () => {
    const network: NetworkSettings = {
      stages: [
        { blocks: 2, width: 8, stride: 1 },
        { blocks: 1, width: 16, stride: 2 },
        { blocks: 2, width: 16, stride: 2 },
        { blocks: 2, width: 16, stride: 1, block: 'practical' },
        { blocks: 1, width: 16, stride: 1, block: presetNamed('practical') },
      ],
      shortcut: 'A',
    }
    const plan = planNetwork(series(TYPE_2, 'rsqrt-depth'), { ...outline, network, blocks: 8 })
    expect(plan.map((block) => shapeText(outputShape(block)))).toEqual([
      '8',
      '8',
      ...new Array<string>(6).fill('16'),
    ])
    expect(plan[0]).toBe(plan[1])
    expect(plan[2]!.graph.nodes.map(({ op }) => op)).toContain('shortcut')
    // On vectors there is nothing to stride over: the third stage goes on as the second would.
    expect(plan[3]).toBe(plan[4])
    expect(plan[5]).toBe(plan[7])
    // A stage’s own block gets the remedy for the whole depth of 8; the series’ has it already.
    expect(plan[5]!.graph.nodes.filter(({ op }) => op === 'scale')).toMatchObject([
      { factor: 1 / Math.sqrt(8) },
    ])
    expect(plan[0]!.graph).toBe(TYPE_2)
  })

  test('on a grid strides count, and a stage that does not fit is named', () => {
    const network: NetworkSettings = {
      stages: [
        { blocks: 1, width: 8, stride: 2 },
        { blocks: 1, width: 8, stride: 2 },
      ],
      shortcut: 'A',
    }
    const images = { ...outline, input: 'images', stem: 'linear', network } as const
    const plan = planNetwork(series(convolutional(presetNamed('practical'), 2)), images)
    expect(plan.map((block) => shapeText(outputShape(block)))).toEqual(['8 × 16 × 16', '8 × 8 × 8'])
    const noSum = drawn([{ id: 'a', op: 'relu', inputs: ['input'] }], 'a')
    expect(() => planNetwork(series(noSum), images, 'file.network')).toThrow(/^file\.network\.stages\[0\]: /)
    expect(() => planNetwork(series(noSum), images)).toThrow(/^network\.stages\[0\]: /)
  })

  test('what does not fit this network’s width is refused, with the block’s name', () => {
    const norm = drawn([{ id: 'a', op: 'group-norm', inputs: ['input'], groups: 3 }], 'a')
    expect(() => planNetwork(series(norm), outline, 'file.block')).toThrow(
      'file.block: in block "drawn", 3 groups do not divide 8 units. Use 2 groups.',
    )
    expect(planNetwork(series(norm), { ...outline, width: 9 })).toHaveLength(3)
  })
})

test('a drawn block as the network has it: its remedy for the depth, its skip if there is one', () => {
  const on = finalBlock(TYPE_2, 'rsqrt-depth', { blocks: 4, skip: 'on' })
  expect(on.graph.nodes.find(({ op }) => op === 'scale')).toMatchObject({ factor: 0.5 })
  const off = finalBlock(TYPE_2, 'rsqrt-depth', { blocks: 4, skip: 'off' })
  expect(off.graph.nodes.map(({ op }) => op)).toEqual(['relu', 'linear'])
  expect(off.note).toContain('no sums')
})

test('where a remedy takes norms out, those of stem and head are told to stay', () => {
  const stages = [{ blocks: 4, width: 8, stride: 1 as const }]
  const note = (remedy: string, around: object, skip: 'on' | 'off' = 'on') =>
    finalBlock(TYPE_2, remedy, { blocks: 4, skip, network: { stages, shortcut: 'A', ...around } }).note
  const both = { stem: 'bn-relu', head: 'bn-relu' }
  expect(note('skipinit', both)).toBe('The network’s stem and head keep batch normalisation.')
  expect(note('nf', { stem: 'bn-relu' })).toBe('The network’s stem keeps batch normalisation.')
  expect(note('fixup', { head: 'relu' })).toBeNull()
  expect(note('rsqrt2', both)).toBeNull()
  expect(note('skipinit', both, 'off')).toContain('no sums')
  expect(note('skipinit', both, 'off')).not.toContain('keep')
})

describe('around the blocks', () => {
  const nodes = (planned: { graph: BlockGraph } | null) => planned && planned.graph.nodes
  const layer = (op: string): GraphNode[] => [
    {
      id: 'stem',
      op,
      inputs: ['input'],
      units: 1,
      kernel: 3,
      stride: 1,
      padding: 1,
      bias: false,
    } as GraphNode,
  ]
  const normed = (from: string) => [
    { id: 'batch-norm', op: 'batch-norm', inputs: [from] },
    { id: 'relu', op: 'relu', inputs: ['batch-norm'] },
  ]
  const network = { stages: [{ blocks: 3, width: 8, stride: 1 }], shortcut: 'A' } as NetworkSettings

  test('a stem is one layer: with a bias on vectors, three taps an axis on positions', () => {
    expect(stemOf({ ...outline, stem: 'none' })).toBeNull()
    expect(stemOf(outline)).toBeNull()
    const vectors = stemOf({ ...outline, stem: 'linear', input: 'mnist1d' })!
    expect(nodes(vectors)).toEqual([{ id: 'stem', op: 'linear', inputs: ['input'], units: 1 }])
    expect(vectors.place).toEqual({ input: vector(40), width: 8 })
    expect([
      vectors.graph.name,
      vectors.graph.title,
      vectors.graph.description,
      vectors.graph.output,
    ]).toEqual(['stem', 'stem', '', 'stem'])
    expect(parameterCount(vectors)).toBe(41 * 8)
    const images = stemOf({ ...outline, stem: 'linear', input: 'images' })!
    expect(nodes(images)).toEqual(layer('conv-2d'))
    expect(parameterCount(images)).toBe(27 * 8)
    expect(nodes(stemOf({ ...outline, stem: 'linear', input: 'sequence' }))).toEqual(layer('conv-1d'))
  })

  test('a stage network may end its stem, and begin its head, in a norm and a ReLU', () => {
    const stem = stemOf({ ...outline, stem: 'linear', network: { ...network, stem: 'bn-relu' } })!
    expect(nodes(stem)!.slice(1)).toEqual(normed('stem'))
    expect(stem.graph.output).toBe('relu')
    const head = headOf({ ...outline, network: { ...network, head: 'bn-relu' } }, vector(16))!
    expect(nodes(head)).toEqual(normed('input'))
    expect([head.graph.name, head.place]).toEqual(['head', { input: vector(16), width: 16 }])
    const bare = headOf({ ...outline, network: { ...network, head: 'relu' } }, vector(16))!
    expect(nodes(bare)).toEqual([{ id: 'relu', op: 'relu', inputs: ['input'] }])
    expect(bare.graph.output).toBe('relu')
    expect(headOf({ ...outline, network }, vector(16))).toBeNull()
    expect(headOf(outline, vector(16))).toBeNull()
  })

  test('learned numbers: constants and noise are not', () => {
    const graph = drawn(
      [
        { id: 'a', op: 'linear', inputs: ['input'], units: 0.5 },
        { id: 'b', op: 'dropout', inputs: ['a'], rate: 0.5 },
        { id: 'c', op: 'block-scale', inputs: ['b'], factors: [1], text: '' },
        { id: 'd', op: 'linear', inputs: ['c'], units: 1, bias: false },
      ],
      'd',
    )
    expect(parameterCount(planNetwork(series(graph), outline)[0]!)).toBe(8 * 4 + 4 + 4 * 8)
  })
})

describe('a normaliser-free network of stages', () => {
  const stages = (shortcut: 'A' | 'B'): NetworkSettings => ({
    stages: [
      { blocks: 3, width: 200, stride: 1 },
      { blocks: 3, width: 400, stride: 1 },
    ],
    shortcut,
  })
  const { graph } = remedyNamed('nf').apply(presetNamed('practical'), { depth: 6 })

  // x/β of variance 1, to all of the units or to half of them; 0.04 from each branch.
  test.each([
    ['B', [1, 1.04, 1.08, 1.12, 1.04, 1.08, 1.12]],
    ['A', [1, 1.04, 1.08, 1.12, 0.54, 0.58, 0.62]],
  ] as const)('expects the variance anew behind its transition, shortcut %s', (shortcut, expected) => {
    const experiment = { ...defaultExperiment(), blocks: 6, width: 200, batch: 16, network: stages(shortcut) }
    const plan = planNetwork({ graph, remedy: 'nf' }, experiment)
    const theory = theoryOf(plan, experiment, normalInput('none'))
    // Zeros among the units are not Gaussian: branches behind them are some per cent off 1.
    const digits = shortcut === 'A' ? 1.5 : 3
    expected.forEach((q, k) => expect(theory.q![k]! / q, `q_${k}`).toBeCloseTo(1, digits))
    const measured = Array.from({ length: 8 }, (_, replica) => {
      const { values } = forwardPlan(drawPlan(plan, experiment, replica)).at(-1)!.output
      return values.reduce((sum, x) => sum + x * x, 0) / values.length
    })
    const mean = measured.reduce((sum, q) => sum + q, 0) / measured.length
    expect(mean / expected[6]!).toBeGreaterThan(0.93)
    expect(mean / expected[6]!).toBeLessThan(1.07)
  })
})
