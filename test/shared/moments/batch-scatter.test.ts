import { describe, expect, test } from 'vitest'
import { batchScatter } from '../../../shared/moments/batch-scatter'
import { Random } from '../../../shared/numerics/random'

/** v E[1/v̂] and E[sin²θ/r²]/E[1/r²] of drawn vectors: a fixed part along the first axis, a Gaussian beside. */
function drawn(batch: number, normalised: number, draws: number) {
  const d = batch - 1
  const random = new Random(7, 1000 + batch)
  const [fixed, own] = [Math.sqrt(normalised * d), Math.sqrt(1 - normalised)]
  let [inverse, aslant] = [0, 0]
  for (let i = 0; i < draws; i++) {
    const first = fixed + own * random.normal()
    let rest = 0
    for (let j = 1; j < d; j++) rest += (own * random.normal()) ** 2
    const square = first * first + rest
    inverse += d / square / draws
    aslant += ((d / square) * (rest / square)) / draws
  }
  return { inverse, aslant: aslant / inverse }
}

describe('the variance of a batch', () => {
  test.each([8, 16, 64, 256])('of a Gaussian, B = %d: E[1/χ²_(B-1)] = 1/(B - 3)', (batch) => {
    const { inverse, aslant } = batchScatter(batch)
    expect(inverse).toBeCloseTo((batch - 1) / (batch - 3), 12)
    // All directions are alike: one of B - 1 is along.
    expect(aslant).toBeCloseTo((batch - 2) / (batch - 1), 12)
    // The integral of the general case meets it.
    const near = batchScatter(batch, 1e-12)
    expect(near.inverse).toBeCloseTo(inverse, 9)
    expect(near.aslant).toBeCloseTo(aslant, 9)
  })

  test.each([
    [8, 0.3],
    [8, 0.9],
    [12, 0.5],
    [40, 0.7],
  ])('B = %d, of which %d is fixed, as in 200,000 that are drawn', (batch, normalised) => {
    const [theory, found] = [batchScatter(batch, normalised), drawn(batch, normalised, 200_000)]
    expect(Math.abs(theory.inverse / found.inverse - 1)).toBeLessThan(0.01)
    expect(Math.abs(theory.aslant / found.aslant - 1)).toBeLessThan(0.01)
  })

  test('at the ends: a batch without end, a length that is fixed wholly, and batches too small for a mean', () => {
    expect(batchScatter(Infinity, 0.3)).toEqual({ inverse: 1, aslant: 0.7 })
    expect(batchScatter(1e7, 0.3).inverse).toBeCloseTo(1, 5)
    expect(batchScatter(1e7, 0.3).aslant).toBeCloseTo(0.7, 5)
    expect(batchScatter(10, 1)).toEqual({ inverse: 1, aslant: 0 })
    expect(batchScatter(10, 1 - 1e-9).inverse).toBeCloseTo(1, 6)
    expect(batchScatter(3).inverse).toBe(Infinity)
  })
})
