import { describe, expect, test } from 'vitest'
import { MOST_NODES } from '../../../shared/block/file'
import { presetNamed } from '../../../shared/block/presets'
import {
  addBranch,
  addNode,
  connect,
  copy,
  disconnect,
  duplicate,
  move,
  moveOnto,
  paste,
  place,
  placeAll,
  removeNodes,
  replaceOperation,
  replaceWith,
  setField,
  setOutput,
  setText,
  shift,
  wrapInSkip,
} from '../../../shared/editor/actions'
import { END, addedIds, draftOf, type Draft } from '../../../shared/block/draft'
import { graphOf } from '../../../shared/editor/faults'
import { INPUT } from '../../../shared/graph/block-graph'

const preset = (name: string) => draftOf(presetNamed(name))
const type2 = preset('relu-linear')
const practical = preset('practical')

/** Every node and what it reads: "relu-1(input) linear-1(relu-1) …" and the output. */
const written = ({ nodes, output }: Draft) =>
  `${nodes.map(({ id, inputs }) => `${id}(${inputs.map((input) => input || '?').join(', ')})`).join(' ')} ` +
  `→ ${output || '?'}`

describe('adding', () => {
  test('behind a node: all its users read the new one', () => {
    expect(written(addNode(type2, 'batch-norm', { after: 'relu-1' }))).toBe(
      'relu-1(input) batch-norm-1(relu-1) linear-1(batch-norm-1) sum(input, linear-1) → sum',
    )
    expect(written(addNode(type2, 'relu', { after: 'sum' }))).toBe(
      'relu-1(input) linear-1(relu-1) sum(input, linear-1) relu-2(sum) → relu-2',
    )
    expect(written(addNode(type2, 'linear', { after: INPUT }))).toBe(
      'linear-2(input) relu-1(linear-2) linear-1(relu-1) sum(linear-2, linear-1) → sum',
    )
  })

  test('into one wire, the output’s included', () => {
    expect(written(addNode(type2, 'scale', { onEdge: { to: 'sum', slot: 0 } }))).toBe(
      'scale-1(input) relu-1(input) linear-1(relu-1) sum(scale-1, linear-1) → sum',
    )
    expect(written(addNode(type2, 'scale', { onEdge: { to: END, slot: 0 } }))).toBe(
      'relu-1(input) linear-1(relu-1) sum(input, linear-1) scale-1(sum) → scale-1',
    )
  })

  test('a sum behind a node adds the block’s input', () => {
    expect(written(addNode(type2, 'sum', { after: 'relu-1' }))).toBe(
      'relu-1(input) sum-1(input, relu-1) linear-1(sum-1) sum(input, linear-1) → sum',
    )
  })

  test('loose nodes have their place and their fields’ defaults', () => {
    const next = addNode(type2, 'conv-2d', { at: [10, 20] })
    expect(addedIds(type2, next)).toEqual(['conv-2d-1'])
    expect(next.nodes.at(-1)).toEqual({
      id: 'conv-2d-1',
      op: 'conv-2d',
      inputs: [''],
      units: 1,
      kernel: 3,
      stride: 1,
      padding: 1,
    })
    expect(next.layout).toEqual({ 'conv-2d-1': [10, 20] })
  })

  test('a layer in a narrow part is as narrow', () => {
    const next = addNode(preset('bottleneck'), 'linear', { after: 'relu-2' })
    expect(next.nodes.find(({ id }) => id === 'linear-4')).toMatchObject({ units: 0.25 })
    expect(graphOf(next)).not.toBeNull()
  })

  test('there is an end to it', () => {
    let draft = type2
    while (draft.nodes.length < MOST_NODES) draft = addNode(draft, 'identity', { after: 'sum' })
    const more = `Block: it would have more than ${MOST_NODES} operations. Remove some first.`
    expect(() => addNode(draft, 'relu')).toThrow(more)
    expect(() => duplicate(draft, ['sum'])).toThrow(more)
    expect(() => paste(draft, copy(type2, ['relu-1']))).toThrow(more)
    expect(graphOf(draft)).not.toBeNull()
  })
})

describe('removing', () => {
  test('closes the chain', () => {
    expect(written(removeNodes(practical, ['linear-1', 'relu-2']))).toBe(
      'relu-1(input) linear-2(relu-1) sum(input, linear-2) → sum',
    )
  })

  test('a sum leaves its branch', () => {
    expect(written(removeNodes(type2, ['sum']))).toBe('relu-1(input) linear-1(relu-1) → linear-1')
  })

  test('an empty branch takes its sum along, but for the last', () => {
    const nested = wrapInSkip(practical, ['relu-1', 'linear-1'])
    expect(written(removeNodes(nested, ['relu-1', 'linear-1']))).toBe(
      'relu-2(input) linear-2(relu-2) sum(input, linear-2) → sum',
    )
    expect(written(removeNodes(type2, ['relu-1', 'linear-1']))).toBe('sum(input, ?) → sum')
  })

  test('forgets where they were drawn, and nothing for unknown ids', () => {
    const placed = place(type2, { 'relu-1': [1, 2], sum: [3, 4] })
    expect(removeNodes(placed, ['relu-1']).layout).toEqual({ sum: [3, 4] })
    expect(removeNodes(placed, ['none', INPUT])).toBe(placed)
  })
})

describe('wires', () => {
  test('are set and cut', () => {
    const cut = disconnect(type2, 'sum', 1)
    expect(written(cut)).toBe('relu-1(input) linear-1(relu-1) sum(input, ?) → sum')
    expect(connect(cut, 'linear-1', 'sum', 1)).toEqual(type2)
    expect(disconnect(cut, 'sum', 1)).toBe(cut)
    expect(connect(type2, 'linear-1', 'sum', 1)).toBe(type2)
  })

  test('lead to the output too', () => {
    expect(setOutput(type2, 'linear-1').output).toBe('linear-1')
    expect(disconnect(type2, END, 0).output).toBe('')
    expect(connect(type2, 'sum', END, 0)).toBe(type2)
  })

  test('need both ends', () => {
    expect(() => connect(type2, 'none', 'sum', 0)).toThrow('there is no operation "none"')
    expect(() => connect(type2, INPUT, 'relu-1', 1)).toThrow('ReLU: it has no input 2. Choose another.')
  })
})

describe('fields and texts', () => {
  test('are checked against their definitions', () => {
    expect(setField(type2, 'linear-1', 'units', 0.5).nodes[1]).toMatchObject({ units: 0.5 })
    expect(setField(type2, 'linear-1', 'units', 1)).toBe(type2)
    expect(() => setField(type2, 'linear-1', 'units', 17)).toThrow(
      'Units: 17 is not a number that fits. Give a number above 0 and at most 16.',
    )
    expect(() => setField(type2, 'linear-1', 'unit', 1)).toThrow(
      'linear: it has no field "unit". Did you mean "units"?',
    )
  })

  test('optional ones can be left out again', () => {
    const without = setField(type2, 'linear-1', 'bias', false)
    expect(without.nodes[1]).toMatchObject({ bias: false })
    expect(setField(without, 'linear-1', 'bias', undefined)).toEqual(type2)
  })

  test('a factor is written as it is', () => {
    const scaled = addNode(type2, 'scale', { after: 'linear-1' })
    expect(setField(scaled, 'scale-1', 'factor', 1 / 3).nodes[2]).toMatchObject({ text: '0.3333' })
  })

  test('a name is not empty, and nothing is endless', () => {
    expect(setText(type2, 'name', ' mine ').name).toBe('mine')
    expect(setText(type2, 'title', type2.title)).toBe(type2)
    expect(() => setText(type2, 'name', '  ')).toThrow('Name: it is empty. Curves are told apart by it.')
    expect(() => setText(type2, 'title', 'x'.repeat(201))).toThrow('Use at most 200.')
  })

  test('another operation keeps the wires and what fits', () => {
    const wide = setField(type2, 'linear-1', 'units', 2)
    expect(replaceOperation(wide, 'linear-1', 'conv-1d').nodes[1]).toMatchObject({ units: 2, kernel: 3 })
    expect(written(replaceOperation(type2, 'sum', 'relu'))).toContain('sum(linear-1)')
    expect(written(replaceOperation(type2, 'sum', 'multiply'))).toBe(written(type2))
  })
})

describe('places', () => {
  test('move from where nodes are, or are laid out', () => {
    const moved = move(type2, ['relu-1', INPUT], 5, -5, { 'relu-1': [100, 100] })
    expect(moved.layout).toEqual({ 'relu-1': [105, 95], [INPUT]: [5, -5] })
    expect(move(moved, ['relu-1'], 1, 1).layout['relu-1']).toEqual([106, 96])
    expect(move(type2, ['relu-1'], 0, 0)).toBe(type2)
    expect(move(type2, ['none'], 1, 1)).toBe(type2)
  })

  test('all at once', () => {
    const placed = placeAll(place(type2, { sum: [1, 1] }), { 'relu-1': [2, 2] })
    expect(placed.layout).toEqual({ 'relu-1': [2, 2] })
    expect(placeAll(placed, { 'relu-1': [2, 2] })).toBe(placed)
  })
})

describe('along the chain', () => {
  test('neighbours swap', () => {
    const later = shift(type2, 'relu-1', 1)
    expect(written(later)).toBe('linear-1(input) relu-1(linear-1) sum(input, relu-1) → sum')
    expect(written(shift(later, 'relu-1', -1))).toBe(written(type2))
    expect(written(shift(type2, 'linear-1', -1))).toBe(written(later))
  })

  test('across a sum, from the branch’s end to behind it and back', () => {
    const behind = shift(type2, 'linear-1', 1)
    expect(written(behind)).toBe('relu-1(input) sum(input, relu-1) linear-1(sum) → linear-1')
    expect(written(shift(behind, 'linear-1', -1))).toBe(written(type2))
    expect(written(shift(type2, 'sum', -1))).toBe(written(behind))
    expect(written(shift(behind, 'sum', 1))).toBe(written(type2))
  })

  test('onto any wire, the output’s included', () => {
    expect(
      graphOf(moveOnto(practical, 'relu-2', { to: 'relu-1', slot: 0 }))!.nodes.map(({ id }) => id),
    ).toEqual(['relu-2', 'relu-1', 'linear-1', 'linear-2', 'sum'])
    expect(moveOnto(type2, 'relu-1', { to: END, slot: 0 }).output).toBe('relu-1')
    expect(moveOnto(type2, 'sum', { to: 'relu-1', slot: 0 })).toBe(type2)
    expect(moveOnto(type2, 'relu-1', { to: 'linear-1', slot: 0 })).toBe(type2)
  })

  test('not beyond its ends', () => {
    expect(shift(type2, 'relu-1', -1)).toBe(type2)
    expect(shift(type2, 'sum', 1)).toBe(type2)
    expect(shift(type2, 'none', 1)).toBe(type2)
  })
})

describe('copies', () => {
  test('of a stretch follow it', () => {
    expect(written(duplicate(type2, ['relu-1', 'linear-1']))).toBe(
      'relu-1(input) linear-1(relu-1) sum(input, linear-2) relu-2(linear-1) linear-2(relu-2) → sum',
    )
    const twice = duplicate(type2, ['relu-1', 'linear-1', 'sum'])
    expect(graphOf(twice)!.nodes).toHaveLength(6)
    expect(twice.nodes.at(-1)).toEqual({ id: 'sum-1', op: 'sum', inputs: ['sum', 'linear-2'] })
  })

  test('of what is no stretch stand beside it', () => {
    const next = duplicate(place(practical, { 'relu-1': [0, 0] }), ['relu-1', 'linear-2'])
    expect(next.output).toBe('sum')
    expect(next.nodes.slice(-2)).toEqual([
      { id: 'relu-3', op: 'relu', inputs: ['input'] },
      { id: 'linear-3', op: 'linear', inputs: ['relu-2'], units: 1 },
    ])
    expect(next.layout).toEqual({ 'relu-1': [0, 0], 'relu-3': [40, 40] })
  })

  test('go through the clipboard, into a place or beside', () => {
    const text = copy(place(practical, { 'relu-1': [50, 50] }), ['relu-1', 'linear-1'])
    expect(written(paste(type2, text, { at: [0, 10] }))).toBe(
      'relu-1(input) linear-1(relu-1) sum(input, linear-1) relu-2(?) linear-2(relu-2) → sum',
    )
    expect(paste(type2, text, { at: [0, 10] }).layout).toEqual({ 'relu-2': [0, 10], 'linear-2': [80, 10] })
    const inPlace = paste(type2, text, { after: 'linear-1' })
    expect(graphOf(inPlace)!.nodes.map(({ id }) => id)).toEqual([
      'relu-1',
      'linear-1',
      'relu-2',
      'linear-2',
      'sum',
    ])
  })

  const refused = 'clipboard: this text is not operations of a block. Copy some on the canvas first.'
  const nodes = [{ id: 'a', op: 'relu', inputs: [''] }]
  test.each([
    ['', refused],
    ['hello', refused],
    ['{', refused],
    ['[1, 2]', refused],
    ['{"nodes": []}', refused],
    ['{"__proto__": {"residualLab": "operations"}}', refused],
    [`{${'x'.repeat(10_000_000)}`, refused],
    [
      JSON.stringify({ residualLab: 'operations', version: 2, nodes }),
      'these operations come from another version',
    ],
    [
      JSON.stringify({ residualLab: 'operations', version: 1, nodes: [{ ...nodes[0], op: 'rleu' }] }),
      'clipboard.nodes[0].op: there is no operation "rleu". Did you mean "relu"?',
    ],
    [
      JSON.stringify({ residualLab: 'operations', version: 1, nodes: [{ ...nodes[0], inputs: ['b'] }] }),
      'clipboard.nodes[0].inputs[0]: there is no operation "b"',
    ],
    [
      '{"residualLab":"operations","version":1,"nodes":[{"id":"__proto__","op":"relu","inputs":[""]}]}',
      '"__proto__" cannot be an operation’s id',
    ],
  ])('garbage is refused: %.60s', (text, message) => {
    const start = performance.now()
    expect(() => paste(type2, text)).toThrow(message)
    expect(performance.now() - start).toBeLessThan(200)
    expect({}).not.toHaveProperty('residualLab')
  })
})

describe('skips and branches', () => {
  test('a sum goes around a stretch', () => {
    expect(written(wrapInSkip(practical, ['relu-1', 'linear-1']))).toBe(
      'relu-1(input) linear-1(relu-1) sum-1(input, linear-1) relu-2(sum-1) linear-2(relu-2) sum(input, linear-2) → sum',
    )
    expect(() => wrapInSkip(practical, ['relu-1', 'linear-2'])).toThrow(
      'Skip connection: these operations are not one stretch with one start and one end.',
    )
    expect(() => wrapInSkip(practical, [])).toThrow('not one stretch')
  })

  test('a branch beside a sum’s, or beside a wire', () => {
    expect(written(addBranch(type2, 'sum', 'relu'))).toBe(
      'relu-1(input) linear-1(relu-1) sum(input, linear-1) relu-2(input) sum-1(sum, relu-2) → sum-1',
    )
    const beside = addBranch(type2, { to: 'linear-1', slot: 0 })
    expect(written(beside)).toBe(
      'relu-1(input) linear-2(relu-1) sum-1(relu-1, linear-2) linear-1(sum-1) sum(input, linear-1) → sum',
    )
    expect(graphOf(beside)).not.toBeNull()
    expect(() => addBranch(disconnect(type2, END, 0), { to: END, slot: 0 })).toThrow(
      'nothing is connected here',
    )
  })

  test('another block takes the whole place', () => {
    expect(replaceWith(type2, presetNamed('practical'))).toEqual(practical)
    expect(replaceWith(type2, presetNamed('relu-linear'))).toBe(type2)
  })
})
