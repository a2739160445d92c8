import { describe, expect, test } from 'vitest'
import { duplicate } from '../../../../shared/editor/actions/copies'
import { place } from '../../../../shared/editor/actions/layout'
import { graphOf } from '../../../../shared/editor/faults'
import { practical, type2, written } from './drafts'

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
})
