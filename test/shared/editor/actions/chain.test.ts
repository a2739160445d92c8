import { describe, expect, test } from 'vitest'
import { END } from '../../../../shared/block/draft'
import { moveOnto, shift } from '../../../../shared/editor/actions/chain'
import { graphOf } from '../../../../shared/editor/faults'
import { practical, type2, written } from './drafts'

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
