import { describe, expect, test } from 'vitest'
import type { GraphNode } from '../../../shared/graph/block-graph'
import { batchScatter } from '../../../shared/moments/batch-scatter'
import { operationOf } from '../../../shared/operations'
import { spentAtPart, spentBehind } from '../../../shared/theory/spent'

describe('what of a gradient a batch norm has removed already', () => {
  const before = { spent: 0.4, centred: 0.5, normalised: 0.7, alike: 0.2, leverage: null, batch: Infinity }
  test.each([
    ['batch-norm', 1],
    ['linear', 0.1],
    ['conv-1d', 0.1],
    ['relu', 0.4],
    ['leaky-relu', 0.4],
    ['tanh', 0],
    ['layer-norm', 0.4],
    ['center', 0.4],
    ['dropout', 0],
    ['shift', 0],
    ['shortcut', 0.4],
  ])('behind %s: %d', (op, expected) => {
    expect(spentBehind(operationOf({ op } as GraphNode), before)).toBeCloseTo(expected, 12)
  })

  const norm = operationOf({ op: 'batch-norm' })

  test.each([
    [8, 0.3],
    [8, 0.8],
    [40, 0.5],
    [40, 1],
  ])(
    'over %d samples: at the part that a norm below has made, %d of the input, what is aslant is left',
    (batch, n) => {
      // Of a gradient with B - 2 directions left, each has B/(B - 2) of the mean square.
      const spent = spentBehind(norm, { ...before, normalised: n, batch })
      const along =
        1 - spentAtPart({ square: Float64Array.of(1), uniform: true, centred: 1, spent }, n, batch)
      expect(along).toBeCloseTo((batchScatter(batch, n).aslant * batch) / (batch - 2), 10)
    },
  )

  test('where nothing below is normalised, nearly all of its own direction', () => {
    const spent = spentBehind(norm, { ...before, normalised: 0, batch: 1000 })
    expect(spent).toBeGreaterThan(0.99)
    expect(spent).toBeLessThan(1)
  })

  test('behind an activation that bends values: what it leaves of the gradient along them', () => {
    const tanh = operationOf({ op: 'tanh' })
    const leverage = { own: 0.3, pair: 0.1 }
    expect(spentBehind(tanh, { ...before, leverage })).toBeCloseTo(1 - 0.3 + 0.5 * 0.1, 12)
  })

  test('at a part: by its share, and in what is independent of it as in every direction', () => {
    const gradient = { square: Float64Array.of(1), uniform: true, centred: 0.5, spent: 0.8 }
    expect(spentAtPart(gradient, 1, 11)).toBe(0.8)
    expect(spentAtPart(gradient, 0.25, 11)).toBeCloseTo(0.2 - 0.75 * 0.05, 12)
    expect(spentAtPart({ ...gradient, centred: 0 }, 0.25, 1)).toBeCloseTo(0.2, 12)
    expect(spentAtPart({ square: Float64Array.of(1), uniform: true }, 0.25, 11)).toBe(0)
  })
})
