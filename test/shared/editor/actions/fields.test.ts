import { describe, expect, test } from 'vitest'
import { presetNamed } from '../../../../shared/block/presets'
import { addNode } from '../../../../shared/editor/actions/adding'
import { replaceOperation, replaceWith, setField, setText } from '../../../../shared/editor/actions/fields'
import { practical, type2, written } from './drafts'

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

  test('another block takes the whole place', () => {
    expect(replaceWith(type2, presetNamed('practical'))).toEqual(practical)
    expect(replaceWith(type2, presetNamed('relu-linear'))).toBe(type2)
  })
})
