import { describe, expect, test } from 'vitest'
import {
  addParticles,
  areIndependent,
  asMoments,
  decorrelate,
  freshParticles,
  joinedSources,
  mapParticles,
  particleMoments,
  squareMean,
  unitStatistics,
  zipParticles,
  type Particles,
} from '../../../shared/moments/trajectories'

const particles = (units: number, values: number[], ...sources: string[]): Particles => ({
  units,
  samples: values.length / units,
  values: Float64Array.from(values),
  sources: new Set(sources.length ? sources : ['input']),
})
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0)

test('mean, mean square and the moment of two different samples', () => {
  // Units (1, 2, 3) and (0, 0, 6): of two samples 1·2, 1·3, 2·3, and three times 0.
  const moments = particleMoments(particles(2, [1, 2, 3, 0, 0, 6]))
  expect(moments).toEqual({ mean: 2, square: 50 / 6, cross: (2 * 11) / 12 })
  expect(asMoments(particles(2, [1, 2, 3, 0, 0, 6]))).toEqual({
    mean: Float64Array.of(2, 2),
    kernel: Float64Array.of(50 / 6, 22 / 12, 22 / 12, 50 / 6),
  })
})

test('each unit’s mean and population variance', () => {
  const { means, variances } = unitStatistics(particles(2, [1, 2, 3, 0, 0, 6]))
  expect([[...means], [...variances]]).toEqual([
    [2, 2],
    [2 / 3, 8],
  ])
  expect(squareMean(Float64Array.of(1, -3))).toBe(5)
})

test('values one by one, and those of two; sources as they were', () => {
  const x = { ...particles(1, [1, -2], 'a'), normalised: 0.5 }
  expect(mapParticles(x, (value) => 2 * value)).toEqual({ ...x, values: Float64Array.of(2, -4) })
  expect(zipParticles(x.values, Float64Array.of(3, 4), (a, b) => a - b, x)).toEqual({
    ...x,
    values: Float64Array.of(-2, -6),
  })
})

test('independent are those without a common source', () => {
  const [a, b, both] = [particles(1, [1], 'a'), particles(1, [1], 'b'), particles(1, [1], 'a', 'b')]
  expect([areIndependent(a, b), areIndependent(a, both), areIndependent(both, b)]).toEqual([
    true,
    false,
    false,
  ])
  expect([...joinedSources(a, both)]).toEqual(['a', 'b'])
})

describe('fresh trajectories', () => {
  const size = { units: 40, samples: 5 }
  const fresh = (square: number, cross: number, seed = 1) =>
    freshParticles(size, { square, cross }, 'layer', seed)

  test('have the moments asked for, exactly, in pairs ±', () => {
    for (const [square, cross] of [
      [2, 0.5],
      [2, 0],
      [2, -0.4],
      [3, 3],
    ] as const) {
      const made = fresh(square, cross)
      const moments = particleMoments(made)
      expect(moments.mean).toBeCloseTo(0, 12)
      expect(moments.square).toBeCloseTo(square, 10)
      expect(moments.cross).toBeCloseTo(cross, 10)
      const half = made.values.length / 2
      expect([...made.values.subarray(half)]).toEqual([...made.values.subarray(0, half)].map((x) => -x))
      expect([made.units, made.samples, ...made.sources]).toEqual([40, 5, 'layer'])
    }
  })

  test('the seed says which, and no moment is below what it can be', () => {
    expect([...fresh(2, 0.5).values]).toEqual([...fresh(2, 0.5).values])
    expect([...fresh(2, 0.5).values]).not.toEqual([...fresh(2, 0.5, 2).values])
    expect(particleMoments(fresh(1, 2)).square).toBeCloseTo(2, 10)
    expect(particleMoments(fresh(1, -5)).cross).toBeCloseTo(-6 / 5, 10)
  })

  test('what a unit’s samples share is drawn evenly: a fifth of them has a fifth of the probability', () => {
    const shared = [...fresh(1, 1).values].filter((_, i) => i % 5 === 0).map(Math.abs)
    // |z| below 0.2533 has probability 0.2, below 0.8416 has 0.6.
    expect(shared.filter((z) => z < 0.2533).length).toBe(8)
    expect(shared.filter((z) => z < 0.8416).length).toBe(24)
  })
})

describe('two that are independent by construction', () => {
  const skip = particles(3, [1, 4, 2, 7, -3, 0, 5, 5, -1, 2, -2, 1])
  const branch = particles(3, [2, 0, 1, 5, 1, -4, 0, 3, 2, 2, 7, -1], 'w')

  test('lose what they share by chance: between units, and within them', () => {
    const made = decorrelate(branch, skip)
    const { means } = unitStatistics(skip)
    const all = (means[0]! + means[1]! + means[2]!) / 3
    const alive = [...branch.values].map((value) => (value === 0 ? 0 : 1))
    const between = alive.map((on, at) => on * (means[Math.floor(at / 4)]! - all))
    const within = alive.map((on, at) => on * (skip.values[at]! - means[Math.floor(at / 4)]!))
    expect(dot(made, between)).toBeCloseTo(0, 10)
    expect(dot(made, within)).toBeCloseTo(0, 10)
    // What is left differs from the branch by nothing else.
    const less = [...branch.values].map((value, at) => value - made[at]!)
    const [bb, bw, ww] = [dot(between, between), dot(between, within), dot(within, within)]
    const [lb, lw] = [dot(less, between), dot(less, within)]
    const slopes = [(lb * ww - lw * bw) / (bb * ww - bw * bw), (lw * bb - lb * bw) / (bb * ww - bw * bw)]
    less.forEach((value, at) =>
      expect(value).toBeCloseTo(slopes[0]! * between[at]! + slopes[1]! * within[at]!, 10),
    )
  })

  test('what an activation has set to 0 stays 0', () => {
    const made = decorrelate(branch, skip)
    branch.values.forEach((value, at) => expect(made[at] === 0).toBe(value === 0))
  })

  test('where the skip differs only between units, or only within them, that alone is taken', () => {
    const even = particles(2, [1, 1, 3, 3])
    const between = decorrelate(particles(2, [1, 2, 3, 6], 'w'), even)
    // Σ branch · (mean - 2) = -3 + 9 over 4.
    expect([...between]).toEqual([2.5, 3.5, 1.5, 4.5])
    const alike = particles(2, [1, 3, 1, 3])
    // Σ branch · (skip - 2) = (2 - 1) + (6 - 3) over 4.
    expect([...decorrelate(particles(2, [1, 2, 3, 6], 'w'), alike)]).toEqual([2, 1, 4, 5])
    const flat = particles(2, [2, 2, 2, 2])
    expect([...decorrelate(particles(2, [1, 2, 3, 6], 'w'), flat)]).toEqual([1, 2, 3, 6])
  })

  test('a sum of them is of both sources; of dependent ones it is the sum as it is', () => {
    const sum = addParticles(skip, branch)
    const apart = decorrelate(branch, skip)
    expect([...sum.values]).toEqual([...skip.values].map((x, at) => x + apart[at]!))
    expect([...sum.sources]).toEqual(['input', 'w'])
    const same = addParticles(skip, { ...branch, sources: skip.sources })
    expect([...same.values]).toEqual([...skip.values].map((x, at) => x + branch.values[at]!))
    expect([same.units, same.samples]).toEqual([3, 4])
  })

  test('the share that a norm has made alike is weighed by variances', () => {
    // Variances 1 and 4.
    const [a, b] = [particles(1, [1, -1]), particles(1, [3, 7])]
    expect(addParticles(a, b).normalised).toBe(0)
    expect(addParticles(particles(1, [0, 0]), particles(1, [0, 0])).normalised).toBe(0)
    expect(addParticles({ ...a, normalised: 1 }, b).normalised).toBeCloseTo(1 / 5, 12)
    expect(addParticles(a, { ...b, normalised: 1 }).normalised).toBeCloseTo(4 / 5, 12)
    expect(addParticles({ ...a, normalised: 0.5 }, { ...b, normalised: 1 }).normalised).toBeCloseTo(
      4.5 / 5,
      12,
    )
  })
})
