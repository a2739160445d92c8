import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomBlock } from '../../engine/random-blocks'
import { convolutional } from '../../../shared/block/convolutional'
import { PRESETS, presetNamed } from '../../../shared/block/presets'
import { REMEDY_NAMES, remedyNamed } from '../../../shared/block/remedies'
import { type Experiment } from '../../../shared/settings/experiment'
import { defaultExperiment } from '../../../shared/settings/table'
import { INPUT, type BlockGraph, type GraphNode } from '../../../shared/graph/block-graph'
import { NoTheory } from '../../../shared/moments/moments'
import { planNetwork } from '../../../shared/network/plan'
import { operationOf } from '../../../shared/operations'
import { mainSum } from '../../../shared/paths/jacobians'
import { pathTheory } from '../../../shared/paths/theory'
import { streamInput } from '../../../shared/theory/input'
import { inLimit, type Sides } from '../../../shared/theory/limit'
import { outcomes } from '../../../shared/theory/stochastic-depth'
import { theoryOf } from '../../../shared/theory/theory'
import { everyNth, judgesMutants } from '../../mutation/judge'

/**
 * Signal's p and Paths' branch factors are two readings of one gradient: what the blocks of a network hand down past
 * their branches and through them multiplies to p, and Paths has an answer only where Signal has one.
 */
function held(graph: BlockGraph, changes: Partial<Experiment>): { error: number; isSampled: boolean } | null {
  const experiment = { ...defaultExperiment(), seed: 0, ...changes }
  const plan = planNetwork({ graph, remedy: 'none' }, experiment)
  const input = streamInput(experiment, null)
  const { p } = theoryOf(plan, experiment, input)
  const series = { graph, remedy: 'none' }
  // No paths have energy in a network that hands nothing down.
  if (!p || p[0] === 0) {
    expect(() => pathTheory(series, experiment, null)).toThrow(NoTheory)
    return null
  }
  let isSampled = false
  const sums = plan.map((block) => mainSum(block.graph)!.id)
  const drawn = outcomes(plan, experiment.seed, false).plans.map((one) => {
    const sides = inLimit(one.plan, experiment, input, (limit) => {
      isSampled ||= limit.size !== null
      return limit.sides(sums)
    })
    const factor = (of: (k: Sides, at: number) => number) =>
      sides.reduce((product, side, k) => (product * of(side, k)) / side.above, 1)
    return {
      share: one.share,
      sides,
      all: factor((side) => side.all),
      parts: factor((side, k) => (meets(one.plan[k].graph, sums[k]) ? side.all : side.skip + side.branch)),
    }
  })
  for (const { sides } of drawn) {
    for (const { skip, branch, all } of sides) {
      // Two parts of one gradient: what they share is at most the geometric mean of their mean squares, twice.
      const most = 2 * Math.sqrt(skip * branch) + 1e-9 * (skip + branch)
      expect(Math.abs(all - skip - branch)).toBeLessThanOrEqual(most)
    }
  }
  const over = (value: (one: (typeof drawn)[number]) => number) =>
    drawn.reduce((sum, one) => sum + one.share * value(one), 0)
  expect(Math.abs(over((one) => one.all) / p[0] - 1)).toBeLessThan(1e-9)
  const factors = sums.map((_, k) => over(({ sides }) => sides[k].branch / sides[k].skip))
  expect(pathTheory(series, experiment, null).branchFactors).toEqual(factors)
  return { error: Math.abs(over((one) => one.parts) / p[0] - 1), isSampled }
}

/**
 * Whether a sum's two sides lead back to one edge with no linear layer on the way: then they are not independent, and
 * only `all` is p's.
 */
function meets({ nodes }: BlockGraph, sum: string): boolean {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const reach = (id: string, found = new Set<string>()): Set<string> => {
    found.add(id)
    const node = byId.get(id)
    if (node && operationOf(node).kind !== 'linear') node.inputs.forEach((input) => reach(input, found))
    return found
  }
  const [skip, branch] = byId.get(sum)!.inputs.map((id) => reach(id!))
  return [...skip].some((id) => branch.has(id))
}

test('random blocks, every remedy, initialisation, stem and batch', () => {
  const seen: { closed: number; sampled: number; none: number } = { closed: 0, sampled: 0, none: 0 }
  fc.assert(
    fc.property(
      fc.nat(100_000),
      fc.constantFrom(...REMEDY_NAMES),
      fc.record({
        blocks: fc.integer({ min: 1, max: 3 }),
        init: fc.constantFrom('he' as const, 'lecun' as const, 'glorot' as const, 'pytorch' as const),
        stem: fc.constantFrom('none' as const, 'linear' as const),
        batch: fc.constantFrom(4, 12, 40),
      }),
      (seed, remedy, changes) => {
        const { graph } = remedyNamed(remedy).apply(randomBlock(seed), { depth: changes.blocks })
        const found = held(graph, changes)
        seen[!found ? 'none' : found.isSampled ? 'sampled' : 'closed']++
        if (found) expect(found.error).toBeLessThan(1e-9)
      },
    ),
    { numRuns: Number(process.env.RESIDUAL_LAB_RANDOM_BLOCKS ?? (judgesMutants ? 12 : 60)) },
  )
  if (judgesMutants) return
  expect(seen.closed).toBeGreaterThan(15)
  expect(seen.sampled).toBeGreaterThan(5)
}, 120_000)

test('a block that is shut in the limit is named', () => {
  const shut: BlockGraph = {
    ...presetNamed('relu-linear'),
    nodes: [
      { id: 'on', op: 'relu', inputs: [INPUT] },
      { id: 'turned', op: 'scale', inputs: ['on'], factor: -1, text: '-1' },
      { id: 'gate', op: 'gain', inputs: ['on'], initial: 0 },
      { id: 'sum', op: 'sum', inputs: ['turned', 'gate'] },
      { id: 'off', op: 'relu', inputs: ['sum'] },
    ],
    output: 'off',
  }
  const experiment = { ...defaultExperiment(), blocks: 2 }
  expect(() => pathTheory({ graph: shut, remedy: 'none' }, experiment, null)).toThrow(
    new NoTheory('no gradient comes through block 2'),
  )
})

test.each(['A', 'B'] as const)(
  'stages of different width, shortcut %s; convolutions on images',
  (shortcut) => {
    const network = {
      stages: [
        { blocks: 2, width: 24, stride: 1 as const },
        { blocks: 2, width: 48, stride: 2 as const },
      ],
      shortcut,
    }
    const vectors = { blocks: 4, width: 24, batch: 16, network }
    const images = { ...vectors, input: 'images' as const, stem: 'linear' as const, batch: 4 }
    for (const preset of everyNth(4, [...PRESETS])) {
      expect(held(preset, vectors)!.error).toBeLessThan(1e-9)
      const onGrid = held(convolutional(preset, 2), images)
      if (onGrid) expect(onGrid.error).toBeLessThan(1e-9)
    }
  },
)

test('stochastic depth: the mean over what may be drawn', () => {
  const drop: GraphNode = { id: 'drop', op: 'stochastic-depth', inputs: ['linear-2'], survival: 0.5 }
  const nodes = presetNamed('practical').nodes.flatMap((node): GraphNode[] =>
    node.op === 'sum' ? [drop, { ...node, inputs: [INPUT, 'drop'] }] : [node],
  )
  const graph = { ...presetNamed('practical'), name: 'drop', nodes }
  expect(held(graph, { blocks: 3 })!.error).toBeLessThan(1e-12)
  // Kept with 5/6, 2/3 and 1/2: f_k is 1 where a branch is there and 0 where it is not.
  const { branchFactors, energyShare, mean } = pathTheory(
    { graph, remedy: 'none' },
    { ...defaultExperiment(), blocks: 3 },
    null,
  )
  expect(branchFactors.map((f) => +f.toFixed(12))).toEqual([5 / 6, 2 / 3, 1 / 2].map((f) => +f.toFixed(12)))
  expect(energyShare.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
  expect(mean).toBeCloseTo((5 / 6 + 2 / 3 + 1 / 2) / 2, 12)
})

test('paths inside a branch that meet again add up with their signs, and so do the sides of a sum', () => {
  const block = (nodes: GraphNode[]): BlockGraph => ({
    name: 'block',
    title: '',
    description: '',
    nodes,
    output: nodes.at(-1)!.id,
  })
  const less = block([
    { id: 'u', op: 'linear', inputs: [INPUT], units: 1 },
    { id: 'half', op: 'scale', inputs: ['u'], factor: -0.5, text: '-1/2' },
    { id: 'difference', op: 'sum', inputs: ['u', 'half'] },
    { id: 'sum', op: 'sum', inputs: [INPUT, 'difference'] },
  ])
  // (1 - 1/2)² times He's 2; added as squares it would be 2.5.
  const of = (graph: BlockGraph) =>
    pathTheory({ graph, remedy: 'none' }, { ...defaultExperiment(), blocks: 3 }, null).branchFactors
  expect(of(less)).toEqual([0.5, 0.5, 0.5])
  const half = block([
    { id: 'less', op: 'scale', inputs: [INPUT], factor: -0.5, text: '-1/2' },
    { id: 'sum', op: 'sum', inputs: [INPUT, 'less'] },
  ])
  // As paths 1 and 1/4, though the sum of the two hands down (1 - 1/2)².
  expect(of(half)).toEqual([0.25, 0.25, 0.25])
  expect(held(half, { blocks: 3 })).toEqual({ error: 0, isSampled: false })
})
