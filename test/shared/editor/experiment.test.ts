import { describe, expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import {
  addNode,
  connect,
  disconnect,
  move,
  removeNodes,
  replaceWith,
  setText,
} from '../../../shared/editor/actions'
import { draftIn, editBlock, refusalOf, settle, startFrom } from '../../../shared/editor/experiment'
import { parseExperiment, openingExperiment } from '../../../shared/experiment/experiment'
import type { BlockGraph } from '../../../shared/graph/block-graph'

const start = openingExperiment()
const own = () => editBlock(start, (draft) => addNode(draft, 'tanh', { after: 'relu-1' }))
const names = ({ block }: { block: (string | BlockGraph)[] }) =>
  block.map((one) => (typeof one === 'string' ? one : one.name))

describe('editing the experiment’s block', () => {
  test('a changed preset becomes an own block', () => {
    const [block] = own().block as BlockGraph[]
    expect(block).toMatchObject({ name: 'my-block', title: 'My block', description: '' })
    expect(block.nodes).toHaveLength(4)
    expect(own().draft).toBeUndefined()
    expect(own().compare).toBe(start.compare)
  })

  test('and keeps its name from then on', () => {
    const twice = editBlock(own(), (draft) => removeNodes(draft, ['tanh-1']))
    expect(names(twice)).toEqual(['my-block'])
    expect(names(editBlock(twice, (draft) => setText(draft, 'name', 'mine')))).toEqual(['mine'])
    expect(() => editBlock(twice, (draft) => setText(draft, 'name', 'practical'))).toThrow(
      'Name: another block has the name "practical".',
    )
  })

  test('names beside it are not taken twice', () => {
    const compared = { ...start, compare: own().block }
    expect(names(editBlock(compared, (draft) => addNode(draft, 'relu', { after: 'sum' })))).toEqual([
      'my-block-2',
    ])
  })

  test('a new title makes an own block too', () => {
    const [block] = editBlock(start, (draft) => setText(draft, 'title', 'Mine')).block as BlockGraph[]
    expect(block).toMatchObject({ name: 'my-block', title: 'Mine' })
  })

  test('moved nodes leave the preset what it is', () => {
    const moved = editBlock(start, (draft) => move(draft, ['sum'], 10, 20))
    expect(moved.block).toEqual(['relu-linear'])
    expect(draftIn(moved).layout).toEqual({ sum: [10, 20] })
    const back = editBlock(moved, (draft) => ({ ...draft, layout: {} }))
    expect(back).toEqual(start)
    const changed = editBlock(moved, (draft) => addNode(draft, 'relu', { after: 'sum' }))
    expect(changed.block[0]).toMatchObject({ name: 'my-block', layout: { sum: [10, 20] } })
  })

  test('while it is not valid the last valid block is measured', () => {
    const broken = editBlock(own(), (draft) => disconnect(draft, 'sum', 1))
    expect(broken.block[0]).toEqual(own().block[0])
    expect(draftIn(broken).nodes.at(-1)).toMatchObject({ inputs: ['input', ''] })
    expect(refusalOf(broken)).toBeNull()
    expect(parseExperiment(JSON.parse(JSON.stringify(broken)))).toEqual(broken)
    const mended = editBlock(broken, (draft) => connect(draft, 'linear-1', 'sum', 1))
    expect(mended.draft).toBeUndefined()
    // With another block chosen it rests.
    expect(draftIn({ ...broken, block: ['practical'] }).name).toBe('practical')
  })

  test('nothing changed: the same document', () => {
    expect(editBlock(start, (draft) => draft)).toBe(start)
    expect(settle(start)).toBe(start)
  })

  test('a block that does not fit the experiment waits until it does', () => {
    const conv = editBlock(start, (draft) => addNode(draft, 'conv-1d', { after: 'relu-1' }))
    expect(conv.block).toEqual(['relu-linear'])
    expect(refusalOf(conv)!.message).toContain('this input has no positions')
    expect(settle(conv)).toBe(conv)
    const sequence = settle({ ...conv, input: 'sequence', stem: 'linear' })
    expect(names(sequence)).toEqual(['my-block'])
    expect(sequence.draft).toBeUndefined()
  })

  test('where no block is chosen, the first to compare with is the start', () => {
    const none = { ...start, block: [], remedies: [] }
    expect(draftIn(none).name).toBe('linear-relu')
    const edited = editBlock(none, (draft) => addNode(draft, 'linear', { after: 'relu-1' }))
    expect(names(edited)).toEqual(['my-block'])
    expect(edited.remedies).toEqual(['none'])
    expect(parseExperiment(edited)).toEqual(edited)
  })

  test('another block to start from', () => {
    expect(names(startFrom(own(), presetNamed('practical')))).toEqual(['practical'])
    expect(names(editBlock(own(), (draft) => replaceWith(draft, presetNamed('practical'))))).toEqual([
      'practical',
    ])
    const false2 = { ...presetNamed('practical'), name: 'relu-linear' }
    expect(names(startFrom(start, false2))).toEqual(['relu-linear-2'])
    expect(names(startFrom(own(), { ...presetNamed('practical'), name: 'my-block' }))).toEqual(['my-block'])
  })
})
