import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arranged, fieldsText, positionsOf, sizeAt } from '../../../../renderer/views/block/arrange'
import { matching, type Command } from '../../../../renderer/views/block/commands'
import { factsOf, ordinals } from '../../../../renderer/views/block/facts'
import { flowEdges, flowNodes, slotOfWire, wireId, type Shown } from '../../../../renderer/views/block/flow'
import { neighbour } from '../../../../renderer/views/block/keys'
import { labelsOf } from '../../../../renderer/views/block/labels'
import { liveReading, liveTable } from '../../../../renderer/views/block/live-theory'
import { wirePath } from '../../../../renderer/views/block/wire-path'
import { PRESETS, presetNamed } from '../../../../shared/block/presets'
import { addNode, disconnect, moveOnto, placeAll } from '../../../../shared/editor/actions'
import { END, draftOf, labelOf, type Draft, type Position } from '../../../../shared/block/draft'
import { problemsOf } from '../../../../shared/editor/problems'
import { edgeShapes } from '../../../../shared/editor/shapes'
import { structureOf } from '../../../../shared/editor/structure'
import { defaultExperiment } from '../../../../shared/settings/table'
import { INPUT, type GraphNode } from '../../../../shared/graph/block-graph'
import { planNetwork } from '../../../../shared/network/plan'
import { placeOf } from '../../../../shared/numerics/shape'
import { normalInput } from '../../../../shared/theory/input'
import { theoryOf } from '../../../../shared/theory/theory'

const type2 = draftOf(presetNamed('relu-linear'))
const practical = draftOf(presetNamed('practical'))

function shown(draft: Draft, more: Partial<Shown> = {}): Shown {
  const shapes = edgeShapes(draft, placeOf(100))
  return {
    draft,
    shapes,
    positions: positionsOf(draft, 3),
    problems: problemsOf(draft),
    warnings: new Map(),
    marks: new Map(),
    selected: new Set(),
    focused: INPUT,
    ...more,
  }
}

describe('what the canvas draws', () => {
  test('a node for each operation and both ends, a wire for each input, with its shape', () => {
    const nodes = flowNodes(shown(type2), [])
    const edges = flowEdges(shown(type2), null, [])
    expect(nodes.map(({ id }) => id)).toEqual([INPUT, 'relu-1', 'linear-1', 'sum', END])
    expect(edges.map(({ id, source }) => [source, id])).toEqual([
      [INPUT, 'relu-1/0'],
      ['relu-1', 'linear-1/0'],
      [INPUT, 'sum/0'],
      ['linear-1', 'sum/1'],
      ['sum', `${END}/0`],
    ])
    expect(edges.map(({ data }) => data!.shape)).toEqual(['100', '100', '100', '100', '100'])
    expect(edges.filter(({ data }) => data!.isSkip).map(({ id }) => id)).toEqual(['sum/0'])
  })

  test('what looks as before is the same object', () => {
    const before = flowNodes(shown(practical), [])
    const selected = flowNodes(shown(practical, { selected: new Set(['relu-2']) }), before)
    expect(selected.filter((node, i) => node !== before[i]).map(({ id }) => id)).toEqual(['relu-2'])
    const edges = flowEdges(shown(practical), null, [])
    expect(flowEdges(shown(practical), null, edges)).toEqual(edges)
    expect(flowEdges(shown(practical), 'sum/0', edges).filter((edge, i) => edge !== edges[i])).toHaveLength(1)
  })

  test('another name of what a node reads is another label', () => {
    const before = flowNodes(shown(type2), [])
    const added = addNode(type2, 'linear', { after: 'linear-1' })
    const after = flowNodes(shown(added), before)
    expect(after.find(({ id }) => id === 'linear-2')!.ariaLabel).toContain('reads linear 1')
  })

  test('an open input: no wire, the node is marked and says why', () => {
    const open = disconnect(type2, 'sum', 0)
    expect(flowEdges(shown(open), null, []).map(({ id }) => id)).not.toContain('sum/0')
    const sum = flowNodes(shown(open), []).find(({ id }) => id === 'sum')!
    expect(sum.data.problem).toContain('Nothing is connected')
    expect(sum.ariaLabel).toContain('Nothing is connected')
  })

  test('a wire is named by where it ends', () => {
    expect(slotOfWire(wireId({ to: 'a/b', slot: 1 }))).toEqual({ to: 'a/b', slot: 1 })
  })

  test('all labels at once are those one by one', () => {
    for (const preset of PRESETS) {
      const draft = draftOf(preset)
      const labels = labelsOf(draft)
      for (const id of [INPUT, END, ...draft.nodes.map((node) => node.id)])
        expect(labels.get(id)).toBe(labelOf(draft, id))
    }
  })
})

describe('places', () => {
  const overlaps = (draft: Draft, positions: ReadonlyMap<string, Position>) => {
    const { byId } = structureOf(draft)
    const boxes = [...positions].map(([id, [x, y]]) => ({ id, x, y, ...sizeAt(byId, id) }))
    return boxes.flatMap((a, i) =>
      boxes
        .slice(i + 1)
        .filter(
          (b) =>
            a.x < b.x + b.width && b.x < a.x + a.width && Math.abs(a.y - b.y) < (a.height + b.height) / 2,
        )
        .map((b) => `${a.id} ${b.id}`),
    )
  }

  test.each(PRESETS.map((preset) => [preset.name, preset] as const))('%s: nothing overlaps', (_, preset) => {
    const draft = draftOf(preset)
    expect(overlaps(draft, positionsOf(draft, 12))).toEqual([])
    const dagre = new Map(Object.entries(arranged(draft, 12)))
    expect([...dagre.keys()].sort()).toEqual([INPUT, END, ...draft.nodes.map(({ id }) => id)].sort())
    expect(overlaps(draft, dagre)).toEqual([])
  })

  test('what the user has placed stays, what is new goes between its neighbours', () => {
    const placed = placeAll(type2, Object.fromEntries(positionsOf(type2, 3)))
    const before = positionsOf(placed, 3)
    const added = addNode(placed, 'batch-norm', { after: 'relu-1' })
    const after = positionsOf(added, 3)
    for (const [id, at] of before) expect(after.get(id)).toEqual(at)
    expect(overlaps(added, after)).toEqual([])
    expect(after.get('batch-norm-1')![0]).toBeGreaterThan(after.get('relu-1')![0])
  })

  test('fields as they stand on a node: those that say something', () => {
    const node = (fields: object) => ({ id: 'a', inputs: [INPUT], ...fields }) as unknown as GraphNode
    expect(fieldsText(node({ op: 'linear', units: 0.25 }))).toBe('units 0.25')
    expect(fieldsText(node({ op: 'relu' }))).toBe('')
  })
})

describe('arrow keys', () => {
  const positions = positionsOf(type2, 3)
  test('right and left along the wires', () => {
    expect(neighbour(type2, positions, 'relu-1', 'ArrowRight')).toBe('linear-1')
    expect(neighbour(type2, positions, 'linear-1', 'ArrowLeft')).toBe('relu-1')
    // Of two the one at the same height: the skip.
    expect(neighbour(type2, positions, 'sum', 'ArrowLeft')).toBe(INPUT)
    expect(neighbour(type2, positions, INPUT, 'ArrowRight')).toBe('sum')
    expect(neighbour(type2, positions, END, 'ArrowLeft')).toBe('sum')
  })

  test('down into the branch and up again', () => {
    expect(neighbour(type2, positions, INPUT, 'ArrowDown')).toBe('relu-1')
    expect(neighbour(type2, positions, 'relu-1', 'ArrowUp')).toBe(INPUT)
    expect(neighbour(type2, positions, INPUT, 'ArrowUp')).toBeNull()
  })

  test('every operation of every preset can be reached from the input', () => {
    for (const preset of PRESETS) {
      const draft = draftOf(preset)
      const at = positionsOf(draft, 3)
      const seen = new Set<string>([INPUT])
      for (const id of seen) {
        for (const arrow of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'] as const) {
          const next = neighbour(draft, at, id, arrow)
          if (next) seen.add(next)
        }
      }
      expect([...seen].sort()).toEqual([INPUT, END, ...draft.nodes.map(({ id }) => id)].sort())
    }
  })
})

describe('an operation dragged onto a wire', () => {
  test('leaves its chain, which closes, and goes into the other', () => {
    const moved = moveOnto(practical, 'linear-2', { to: 'relu-1', slot: 0 })
    const inputs = new Map(moved.nodes.map(({ id, inputs }) => [id, inputs]))
    expect(inputs.get('linear-2')).toEqual([INPUT])
    expect(inputs.get('relu-1')).toEqual(['linear-2'])
    expect(inputs.get('sum')).toEqual([INPUT, 'relu-2'])
    expect(problemsOf(moved)).toEqual([])
  })

  test('onto a wire of its own, or a join: nothing changes', () => {
    expect(moveOnto(practical, 'linear-2', { to: 'linear-2', slot: 0 })).toBe(practical)
    expect(moveOnto(practical, 'linear-2', { to: 'sum', slot: 1 })).toBe(practical)
    expect(moveOnto(practical, 'sum', { to: 'relu-1', slot: 0 })).toBe(practical)
  })

  test('a valid block stays valid, wherever it is dropped', () => {
    const movable = practical.nodes.filter(({ inputs }) => inputs.length === 1).map(({ id }) => id)
    const wires = practical.nodes.flatMap(({ id, inputs }) => inputs.map((_, slot) => ({ to: id, slot })))
    fc.assert(
      fc.property(
        fc.constantFrom(...movable),
        fc.constantFrom(...wires, { to: END, slot: 0 }),
        (id, wire) => {
          expect(problemsOf(moveOnto(practical, id, wire))).toEqual([])
        },
      ),
    )
  })
})

describe('wires', () => {
  test('straight where both ends are level, else with a step; the tip points where the wire ends', () => {
    expect(wirePath([0, 0], [100, 0], false).path).toBe('M0 0H93')
    expect(wirePath([0, 0], [100, 50], false).path).toMatch(/^M0 0L.*L93 50$/)
    expect(wirePath([0, 0], [100, -40], true).tip).toMatch(/^M100 -40l-4 7/)
  })
})

describe('the three types', () => {
  test('what differs, read off the graph', () => {
    const facts = (name: string) => factsOf(presetNamed(name))
    expect(facts('linear-relu')).toEqual({ order: 'linear → ReLU', added: 'no negatives', layers: 1 })
    expect(facts('relu-linear')).toEqual({ order: 'ReLU → linear', added: 'both signs', layers: 1 })
    expect(facts('practical')).toEqual({ order: 'ReLU → linear, twice', added: 'both signs', layers: 2 })
    expect([...ordinals(presetNamed('linear-relu'))]).toEqual([
      ['linear-1', '1st'],
      ['relu-1', '2nd'],
    ])
  })
})

describe('live theory', () => {
  const theory = (name: string, blocks: number) => {
    const experiment = { ...defaultExperiment(), blocks }
    const plan = planNetwork({ graph: presetNamed(name), remedy: 'none' }, experiment)
    return liveReading(theoryOf(plan, experiment, normalInput('none'), { live: true }))
  }

  test('type 2 doubles both ways and overflows at block 128, computed or foreseen', () => {
    const short = theory('relu-linear', 20)
    expect(short.forward!.ratio).toBeCloseTo(2, 6)
    expect(short.backward!.ratio).toBeCloseTo(2, 6)
    expect(short.overflow).toEqual({ block: 128, isExtrapolated: true })
    expect(short.finding).toContain('doubles every block')
    for (const few of [2, 3]) expect(theory('relu-linear', few).overflow).toEqual(short.overflow)
    expect(theory('relu-linear', 140).overflow).toEqual({ block: 128, isExtrapolated: false })
  })

  test('what grows by a constant never overflows', () => {
    const reading = theory('full-preactivation', 50)
    expect(reading.overflow).toBeNull()
    expect(reading.finding).toMatch(
      /^The signal grows by 1\.0\d per block; .*does not overflow within 50 blocks/,
    )
    // Means pile up: q grows like the square of k, at a rate that falls.
    expect(theory('relu-before-addition', 100).overflow).toBeNull()
  })

  test('without theory the reason is the finding', () => {
    const reading = liveReading({ q: null, p: null, note: { q: 'No theory: because.' } })
    expect(reading).toEqual({ forward: null, backward: null, overflow: null, finding: 'No theory: because.' })
  })
})

describe('the command list', () => {
  const command = (title: string, group = ''): Command => ({ id: title, title, group, run: () => {} })
  const commands = [
    command('Add leaky ReLU', 'Activations'),
    command('Add ReLU', 'Activations'),
    command('Add linear', 'Layers'),
  ]

  test('the whole name comes first, groups are searched too', () => {
    expect(matching(commands, 'relu').map(({ title }) => title)).toEqual(['Add ReLU', 'Add leaky ReLU'])
    expect(matching(commands, 'layers').map(({ title }) => title)).toEqual(['Add linear'])
    expect(matching(commands, 'nothing like it')).toEqual([])
  })
})

test('live theory leaves as a table: a row for each block, empty where there is no theory', () => {
  expect(liveTable({ q: [1, 2, 4], p: [4, 2, 1] })).toEqual({
    header: ['block', 'q', 'p'],
    rows: [
      [0, 1, 4],
      [1, 2, 2],
      [2, 4, 1],
    ],
  })
  expect(liveTable({ q: [1, 2], p: null }).rows).toEqual([
    [0, 1, null],
    [1, 2, null],
  ])
})
