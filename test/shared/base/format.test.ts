import { describe, expect, it } from 'vitest'
import {
  aboutTime,
  formatDuration,
  formatNumber,
  formatSi,
  joinWords,
  superscript,
} from '../../../shared/base/format'

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [1, '1.00'],
    [0.6817, '0.682'],
    [-0.614, '−0.614'],
    [21.04, '21.0'],
    [999.6, '1000'],
    [1049.7, '1050'],
    [12345, '12300'],
    [1048576, '1.05e6'],
    [0.00654, '0.00654'],
    [0.00012, '1.20e−4'],
    [3.4e38, '3.40e38'],
    [Infinity, '∞'],
    [-Infinity, '−∞'],
    [NaN, 'NaN'],
  ])('writes %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text)
  })
})

describe('other texts', () => {
  it('writes durations', () => {
    expect([0.42, 12.4, 200, 180, 7500, Infinity].map(formatDuration)).toEqual([
      '0.4 s',
      '12 s',
      '3 min 20 s',
      '3 min',
      '2 h 5 min',
      '–',
    ])
  })

  it('writes how long something takes, where that is known', () => {
    expect([40, null].map(aboutTime)).toEqual([' (about 40 s)', ''])
  })

  it('writes rates with SI prefixes', () => {
    expect([950, 12300, 4.1e6].map(formatSi)).toEqual(['950', '12.3 k', '4.10 M'])
  })

  it('writes exponents and lists', () => {
    expect(superscript(-20)).toBe('⁻²⁰')
    expect(joinWords(['a', 'b', 'c'])).toBe('a, b and c')
    expect(joinWords(['a'])).toBe('a')
  })
})
