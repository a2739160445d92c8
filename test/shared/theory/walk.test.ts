import { describe, expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import type { BlockGraph, GraphNode } from '../../../shared/graph/block-graph'
import { planNetwork } from '../../../shared/network/plan'
import { vector } from '../../../shared/numerics/shape'
import { defaultExperiment } from '../../../shared/settings/table'
import { outcomes } from '../../../shared/theory/stochastic-depth'
import { alone, ofAllSeeds, visitOf, visits } from '../../../shared/theory/walk'

const drawn = (nodes: object[], output: string) =>
  ({ name: 'drawn', title: '', description: '', nodes, output }) as unknown as BlockGraph
const experiment = { ...defaultExperiment(), blocks: 2, width: 8, batch: 10, seed: 100 }
const planOf = (graph: BlockGraph, changes: Partial<typeof experiment> = {}) =>
  planNetwork({ graph, remedy: 'none' }, { ...experiment, ...changes })

test('noise as the input has theory of all seeds at once, a data set of one', () => {
  expect(ofAllSeeds(experiment)).toEqual({ ...experiment, seed: 0 })
  const data = { ...experiment, input: 'mnist1d' } as const
  expect(ofAllSeeds(data)).toBe(data)
})

test('a block by itself is the first of its network, over a batch without end', () => {
  const initialisation = { init: 'he', gain: 1 } as const
  expect(alone(initialisation)).toEqual({
    batch: Infinity,
    exchangeable: true,
    initialisation,
    at: { block: 1, depth: 1 },
    seed: 0,
  })
})

test('a node is met with the shapes at both its ends, and what it multiplies its inputs by', () => {
  const shapes = new Map([
    ['input', vector(8)],
    ['a', vector(4)],
  ])
  const rest = alone({ init: 'he', gain: 1 })
  const linear: GraphNode = { id: 'a', op: 'linear', inputs: ['input'], units: 0.5 }
  expect(visitOf(linear, shapes, rest)).toEqual({
    node: linear,
    context: { ...rest, input: vector(8), output: vector(4) },
    coefficients: null,
  })
  const scale: GraphNode = { id: 'a', op: 'scale', inputs: ['input'], factor: 3, text: '' }
  expect(visitOf(scale, shapes, rest).coefficients).toEqual([3])
})

describe('the nodes of each block', () => {
  test('say whether a norm over the batch stands before them', () => {
    const above = (name: string) =>
      visits(planOf(presetNamed(name)), experiment, true).map((block) =>
        block.map(({ isAboveNorm }) => isAboveNorm),
      )
    expect(above('relu-linear').flat()).not.toContain(true)
    const [first, second] = above('relu-only-preactivation')
    expect(first).toEqual([false, false, false, true, true, true, true])
    expect(second).toEqual(first!.map(() => true))
  })

  test('carry where they stand, the batch with its positions, and a seed each', () => {
    const graph = drawn(
      [
        { id: 'a', op: 'conv-1d', inputs: ['input'], units: 1, kernel: 3, stride: 1, padding: 1 },
        { id: 'b', op: 'sum', inputs: ['input', 'a'] },
      ],
      'b',
    )
    const walk = visits(planOf(graph, { input: 'sequence', stem: 'linear' }), experiment, true)
    expect(walk.map((block) => block.map(({ node }) => node.id))).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
    const contexts = walk.flat().map(({ context }) => context)
    expect(contexts.map(({ seed }) => seed)).toEqual([101, 102, 103, 104])
    expect(contexts.map(({ at }) => at.block)).toEqual([1, 1, 2, 2])
    expect(contexts[0]).toMatchObject({ at: { block: 1, depth: 2 }, batch: 400, exchangeable: true })
    expect(contexts[0]!.initialisation).toBe(experiment)
    expect(walk[0]![1]!.coefficients).toEqual([1, 1])
  })

  test('leave out what a scale of 0 shuts off, and what leads nowhere', () => {
    const graph = drawn(
      [
        { id: 'a', op: 'linear', inputs: ['input'], units: 1 },
        { id: 'off', op: 'scale', inputs: ['a'], factor: 0, text: '0' },
        { id: 'b', op: 'linear', inputs: ['input'], units: 1 },
        { id: 'c', op: 'relu', inputs: ['b'] },
        { id: 'no', op: 'linear', inputs: ['input'], units: 1 },
        { id: 'where', op: 'relu', inputs: ['no'] },
        { id: 'sum', op: 'sum', inputs: ['c', 'off'] },
      ],
      'sum',
    )
    const [walk] = visits(planOf(graph), experiment, false)
    expect(walk!.map(({ node }) => node.id)).toEqual(['off', 'b', 'c', 'sum'])
    expect(walk!.map(({ context }) => context.seed)).toEqual([102, 103, 104, 107])
    expect(walk![0]!.context.exchangeable).toBe(false)
  })
})

describe('stochastic depth', () => {
  const dropping = (survival: number) =>
    drawn(
      [
        { id: 'a', op: 'linear', inputs: ['input'], units: 1 },
        { id: 'drop', op: 'stochastic-depth', inputs: ['a'], survival },
        { id: 'sum', op: 'sum', inputs: ['input', 'drop'] },
      ],
      'sum',
    )
  const factors = (plan: ReturnType<typeof planOf>) =>
    plan.map(({ graph }) => graph.nodes.map((node) => (node.op === 'scale' ? node.factor : null))[1])

  test('a network without it is one network', () => {
    const plan = planOf(presetNamed('relu-linear'))
    const { plans, remark } = outcomes(plan, 1, false)
    expect([plans[0]!.plan === plan, plans[0]!.share, plans.length, remark]).toEqual([true, 1, 1, null])
  })

  test('of few branches every outcome counts, as often as it happens', () => {
    // Kept with 3/4 and 1/2.
    const { plans, remark } = outcomes(planOf(dropping(0.5)), 1, false)
    expect(plans.map(({ plan, share }) => [...factors([...plan]), share])).toEqual([
      [0, 0, 1 / 8],
      [1, 0, 3 / 8],
      [0, 1, 1 / 8],
      [1, 1, 3 / 8],
    ])
    expect(remark).toBeNull()
    const [first] = plans[1]!.plan
    expect(first!.graph.nodes[1]).toEqual({ id: 'drop', op: 'scale', inputs: ['a'], factor: 1, text: '1' })
    expect(first!.graph.output).toBe('sum')
    expect(first!.place).toEqual({ input: vector(8), width: 8 })
  })

  test('what never happens is not computed', () => {
    expect(outcomes(planOf(dropping(1)), 1, false).plans).toHaveLength(1)
    const { plans } = outcomes(planOf(dropping(0)), 1, false)
    expect(plans.map(({ plan, share }) => [...factors([...plan]), share])).toEqual([
      [0, 0, 0.5],
      [1, 0, 0.5],
    ])
  })

  test('of more than six it is a sample in which every branch has its share, to within one', () => {
    const six = outcomes(planOf(dropping(0.5), { blocks: 6 }), 1, false)
    expect([six.plans.length, six.remark]).toEqual([64, null])
    const plan = planOf(dropping(0.25), { blocks: 7 })
    for (const [live, count] of [
      [false, 64],
      [true, 8],
    ] as const) {
      const { plans, remark } = outcomes(plan, 1, live)
      expect(plans).toHaveLength(count)
      expect(plans.every(({ share }) => share === 1 / count)).toBe(true)
      expect(remark).toBe(
        `Mean over ${count} draws of the branches that stochastic depth keeps: right to a few per cent of ` +
          'what they add.',
      )
      for (let k = 0; k < 7; k++) {
        const kept = plans.filter((one) => factors([...one.plan])[k] === 1).length
        expect(Math.abs(kept - count * (1 - ((k + 1) / 7) * 0.75))).toBeLessThan(1)
      }
    }
    expect(outcomes(plan, 1, true)).toEqual(outcomes(plan, 1, true))
    expect(outcomes(plan, 2, true)).not.toEqual(outcomes(plan, 1, true))
    expect(
      outcomes(planOf(dropping(1), { blocks: 7 }), 1, false).plans.every((one) =>
        factors([...one.plan]).every((f) => f === 1),
      ),
    ).toBe(true)
  })
})
