import { describe, expect, test } from 'vitest'
import { move, place, placeAll } from '../../../../shared/editor/actions/layout'
import { INPUT } from '../../../../shared/graph/block-graph'
import { type2 } from './drafts'

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
