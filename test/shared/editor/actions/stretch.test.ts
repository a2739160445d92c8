import { describe, expect, test } from 'vitest'
import { wrapInSkip } from '../../../../shared/editor/actions/stretch'
import { practical, written } from './drafts'

describe('skips', () => {
  test('a sum goes around a stretch', () => {
    expect(written(wrapInSkip(practical, ['relu-1', 'linear-1']))).toBe(
      'relu-1(input) linear-1(relu-1) sum-1(input, linear-1) relu-2(sum-1) linear-2(relu-2) sum(input, linear-2) → sum',
    )
    expect(() => wrapInSkip(practical, ['relu-1', 'linear-2'])).toThrow(
      'Skip connection: these operations are not one stretch with one start and one end.',
    )
    expect(() => wrapInSkip(practical, [])).toThrow('not one stretch')
  })
})
