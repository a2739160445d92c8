import { describe, expect, test } from 'vitest'
import { END, addedIds } from '../../../../shared/block/draft'
import { MOST_NODES } from '../../../../shared/block/file'
import { addBranch, addNode } from '../../../../shared/editor/actions/adding'
import { copy, paste } from '../../../../shared/editor/actions/clipboard'
import { duplicate } from '../../../../shared/editor/actions/copies'
import { disconnect } from '../../../../shared/editor/actions/wires'
import { graphOf } from '../../../../shared/editor/faults'
import { INPUT } from '../../../../shared/graph/block-graph'
import { preset, type2, written } from './drafts'

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

describe('branches', () => {
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
})
