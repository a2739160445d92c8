import { expect, test } from 'vitest'
import { INPUT, type BlockGraph, type GraphNode } from '../../../shared/graph/block-graph'
import { array3 } from '../../../shared/numerics/float64'
import { Random } from '../../../shared/numerics/random'
import { drawPlan, forwardPlan } from '../../../shared/network/float64-network'
import { shapesOf } from '../../../shared/operations'
import { defaultExperiment } from '../../../shared/settings/table'
import { normalInput } from '../../../shared/theory/input'
import { theoryOf } from '../../../shared/theory/theory'

// Where padding makes positions differ in their means too, means over all positions tell too little: theory against
// float64 networks, over units, samples and positions.

const [UNITS, BATCH, COLUMNS, NETWORKS] = [120, 24, 3, 10]

/** A 1-D convolution and a ReLU: behind it every position has a mean of its own. */
const convRelu = (id: string, from: string, kernel: number, padding: number): GraphNode[] => [
  { id: `${id}-conv`, op: 'conv-1d', inputs: [from], units: 1, kernel, stride: 1, padding },
  { id, op: 'relu', inputs: [`${id}-conv`] },
]

const block = (nodes: GraphNode[]): BlockGraph => ({
  name: 'grid',
  title: '',
  description: '',
  nodes,
  output: nodes.at(-1)!.id,
})

const add = (id: string, a: string, b: string): GraphNode => ({ id, op: 'sum', inputs: [a, b] })

/** A kernel of one with a margin of three: of nine positions the six outer ones see nothing but zeros. */
const outside = (id: string) => convRelu(id, INPUT, 1, 3)

test.each<[string, number, number | null, GraphNode[]]>([
  // With products of means over all positions they would be 0.737, 1.758 and 0.111.
  ['a sum of two branches', 1, (2 + 2 / Math.PI) / 3, [...outside('a'), ...outside('b'), add('s', 'a', 'b')]],
  [
    'a sum of four branches',
    1,
    (4 + 12 / Math.PI) / 3,
    [
      ...['a', 'b', 'c', 'd'].flatMap(outside),
      add('ab', 'a', 'b'),
      add('cd', 'c', 'd'),
      add('s', 'ab', 'cd'),
    ],
  ],
  [
    'a product of two branches',
    1,
    1 / 3,
    [...outside('a'), ...outside('b'), { id: 's', op: 'multiply', inputs: ['a', 'b'] }],
  ],
  [
    'a stream that a branch with a ReLU at its end is added to, block after block',
    3,
    null,
    [...convRelu('a', INPUT, 3, 1), add('s', INPUT, 'a')],
  ],
])('%s: q and v of float64 networks', (_name, depth, known, nodes) => {
  const graph = block(nodes)
  const place = { input: { units: UNITS, rows: 1, columns: COLUMNS }, width: UNITS }
  const plan = new Array(depth).fill({ graph, place, shapes: shapesOf(graph, place) })
  const experiment = { ...defaultExperiment(), blocks: depth, width: UNITS, batch: BATCH }
  const { q, v, note } = theoryOf(plan, experiment, normalInput('none'))
  expect(note).toEqual({})
  const found = { q: 0, v: 0 }
  for (let replica = 0; replica < NETWORKS; replica++) {
    const input = array3([1, BATCH * COLUMNS, UNITS])
    new Random(5, replica).fillNormal(input.values, 1)
    const { output } = forwardPlan({ ...drawPlan(plan, experiment, replica), input }).at(-1)!
    for (let unit = 0; unit < UNITS; unit++) {
      const values = output.values.filter((_, i) => i % UNITS === unit)
      const mean = values.reduce((sum, x) => sum + x) / values.length
      const square = values.reduce((sum, x) => sum + x * x, 0) / values.length
      found.q += square / UNITS / NETWORKS
      found.v += (square - mean ** 2) / UNITS / NETWORKS
    }
  }
  expect(Math.abs(found.q / q!.at(-1)! - 1)).toBeLessThan(0.03)
  expect(Math.abs(found.v / v!.at(-1)! - 1)).toBeLessThan(0.03)
  if (known) expect(q!.at(-1)! / known).toBeCloseTo(1, 12)
})
