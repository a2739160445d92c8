import { expect, test } from 'vitest'
import { Random } from '../../../shared/numerics/random'
import { logNormal, signed } from '../../../shared/theory/spreads'

/** Of so many networks, by sample: what they have in common, and the deviation of samples about it. */
function drawn(seed: number, { common, own, mean }: { common: number; own: number; mean: number }) {
  const random = new Random(seed, 5)
  const normal = () => {
    const value = new Float64Array(1)
    random.fillNormal(value, 1)
    return value[0]!
  }
  return Array.from({ length: NETWORKS }, () => {
    const network = mean + common * normal()
    return Float64Array.from({ length: SAMPLES }, () => network + own * normal())
  })
}
const [NETWORKS, SAMPLES, BATCH] = [48, 4, 64]
const SEEDS = Array.from({ length: 40 }, (_, seed) => seed)

test('a band of a batch’s mean is no narrower than independent samples make it', () => {
  const own = 0.4
  // Variances within networks are known to √(2/(48 · 3)), 12 %.
  for (const seed of SEEDS) {
    const { high, low } = signed(drawn(seed, { common: 0, own, mean: 0 }), BATCH)
    expect((high - low) / (2 * 1.6449 * Math.sqrt(own ** 2 / BATCH))).toBeGreaterThan(0.8)
    const { variance } = logNormal(drawn(seed, { common: 0, own: own / 4, mean: 1 }), BATCH)
    expect(variance / (own ** 2 / 16 / BATCH)).toBeGreaterThan(0.6)
  }
})

test('what networks have in common stays, and what few samples scatter more goes', () => {
  const [common, own] = [0.3, 0.4]
  const variances = SEEDS.map((seed) => {
    const { high, low } = signed(drawn(seed, { common, own, mean: 0 }), BATCH)
    return ((high - low) / (2 * 1.6449)) ** 2
  })
  const mean = variances.reduce((sum, one) => sum + one, 0) / SEEDS.length
  // Each is known to √(2/48) of 0.13, 40 of them to 4 % of 0.0925.
  expect(Math.abs(mean / (common ** 2 + own ** 2 / BATCH) - 1)).toBeLessThan(0.16)
})
