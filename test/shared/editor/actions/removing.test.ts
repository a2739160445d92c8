import { describe, expect, test } from 'vitest'
import { place } from '../../../../shared/editor/actions/layout'
import { removeNodes } from '../../../../shared/editor/actions/removing'
import { wrapInSkip } from '../../../../shared/editor/actions/stretch'
import { INPUT } from '../../../../shared/graph/block-graph'
import { practical, type2, written } from './drafts'

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
