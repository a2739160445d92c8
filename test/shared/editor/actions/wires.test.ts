import { describe, expect, test } from 'vitest'
import { END } from '../../../../shared/block/draft'
import { connect, disconnect, setOutput } from '../../../../shared/editor/actions/wires'
import { INPUT } from '../../../../shared/graph/block-graph'
import { type2, written } from './drafts'

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
