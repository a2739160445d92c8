import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { differenceOf, layoutBlock, type BlockLayout } from '../../../renderer/base/block-layout'
import { PRESETS, presetNamed } from '../../../shared/block/presets'
import { INPUT, type BlockGraph, type GraphNode } from '../../../shared/graph/block-graph'
import { REMEDIES } from '../../../shared/block/remedies'

const block = (nodes: GraphNode[]): BlockGraph => ({
  name: 'drawn',
  title: 'Drawn',
  description: '',
  nodes,
  output: nodes[nodes.length - 1].id,
})

/** Any graph: every operation reads any of those before it. */
const graphs = fc
  .array(fc.tuple(fc.constantFrom('relu', 'linear', 'sum'), fc.nat(), fc.nat()), {
    minLength: 1,
    maxLength: 14,
  })
  .map((steps) =>
    block(
      steps.map(([op, first, second], i): GraphNode => {
        const input = (at: number) => (at % (i + 1) === i ? INPUT : `n${at % (i + 1)}`)
        const id = `n${i}`
        if (op === 'sum') return { id, op, inputs: [input(first), input(second)] }
        return op === 'relu'
          ? { id, op, inputs: [input(first)] }
          : { id, op: 'linear', inputs: [input(first)], units: 1 }
      }),
    ),
  )

/** Operations that lie on top of each other, or on a wire's way along its lane. */
function collisions({ nodes, wires }: BlockLayout): string[] {
  const found: string[] = []
  const places = new Map<string, string>()
  for (const { node, column, lane } of nodes) {
    const place = `${column}/${lane}`
    if (places.has(place)) found.push(`${node.id} on ${places.get(place)}`)
    places.set(place, node.id)
  }
  for (const { from, to, lane } of wires) {
    for (const { node, column, lane: other } of nodes) {
      if (other === lane && column > from.column && column < to.column) found.push(`wire through ${node.id}`)
    }
  }
  return found
}

describe('the picture of a block', () => {
  test.each(PRESETS.map((preset) => [preset.name, preset] as const))(
    '%s: the branch in lane 1, the skip in lane 0',
    (_, preset) => {
      const layout = layoutBlock(preset)
      expect(layout.lanes).toBe(2)
      expect(collisions(layout)).toEqual([])
      const sumAt = layout.nodes.find(({ node }) => node.op === 'sum')!
      expect(sumAt.lane).toBe(0)
      expect(layout.wires.find((wire) => wire.isSkip)).toMatchObject({ lane: 0, from: { column: 0 } })
    },
  )

  test('two branches from the input lie in two lanes, the second one further out', () => {
    const { nodes } = layoutBlock(
      block([
        { id: 'a', op: 'relu', inputs: [INPUT] },
        { id: 's1', op: 'sum', inputs: [INPUT, 'a'] },
        { id: 'b', op: 'linear', inputs: [INPUT], units: 1 },
        { id: 's2', op: 'sum', inputs: ['s1', 'b'] },
      ]),
    )
    expect(nodes.map(({ node, lane }) => [node.id, lane])).toEqual([
      ['a', 1],
      ['s1', 0],
      ['b', 2],
      ['s2', 0],
    ])
  })

  test('two sums in a row share a lane, a nested one gets its own', () => {
    const row = layoutBlock(
      block([
        { id: 'a', op: 'relu', inputs: [INPUT] },
        { id: 's1', op: 'sum', inputs: [INPUT, 'a'] },
        { id: 'b', op: 'relu', inputs: ['s1'] },
        { id: 's2', op: 'sum', inputs: ['s1', 'b'] },
      ]),
    )
    expect(row.lanes).toBe(2)
    const nested = layoutBlock(
      block([
        { id: 'a', op: 'relu', inputs: [INPUT] },
        { id: 'b', op: 'relu', inputs: ['a'] },
        { id: 's1', op: 'sum', inputs: ['a', 'b'] },
        { id: 's2', op: 'sum', inputs: [INPUT, 's1'] },
      ]),
    )
    expect(nested.lanes).toBe(3)
    expect(collisions(nested)).toEqual([])
  })

  test('a branch without operations has a lane for its wire', () => {
    const layout = layoutBlock(
      block([
        { id: 'a', op: 'relu', inputs: [INPUT] },
        { id: 's', op: 'sum', inputs: ['a', INPUT] },
      ]),
    )
    expect(layout.wires[2]).toMatchObject({ from: { column: 0 }, to: { column: 2 }, lane: 1 })
  })

  test('of any graph: no operation lies on another or on a wire', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        expect(collisions(layoutBlock(graph))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})

describe('the difference between two forms of a block', () => {
  test('what a remedy adds', () => {
    const before = presetNamed('relu-linear')
    const { graph } = REMEDIES.find(({ name }) => name === 'rsqrt-depth')!.apply(before, { depth: 20 })
    const difference = differenceOf(before, graph)
    expect([...difference.added]).toEqual(['branch-scale-1'])
    expect([...difference.changed, ...difference.removed]).toEqual([])
  })

  test('changed fields and what is gone', () => {
    const before = presetNamed('bottleneck')
    const nodes = before.nodes
      .slice(1)
      .map((node) => (node.id === 'linear-2' ? { ...node, units: 1 / 2 } : node)) as GraphNode[]
    const difference = differenceOf(before, { ...before, nodes })
    expect([...difference.changed]).toEqual(['linear-2'])
    expect([...difference.removed]).toEqual(['relu-1'])
  })
})
