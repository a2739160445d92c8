import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PRESETS } from '../../../shared/block/presets'
import { defaultExperiment } from '../../../shared/settings/table'
import type { Experiment } from '../../../shared/settings/experiment'
import { array3, float64 } from '../../../shared/numerics/float64'
import { backwardBlock, forwardBlock, statisticsOf } from '../../../shared/block/interpreter'
import { identity, relativeError } from '../../../shared/numerics/matrix'
import { drawNetwork, forwardNetwork } from '../../../shared/network/float64-network'
import { seriesGraphs } from '../../../shared/network/series'
import {
  countShare,
  lengthByCount,
  lengthByEnergy,
  pathCounts,
  poissonBinomial,
} from '../../../shared/paths/counts'
import { formulaLatex, formulaTerms } from '../../../shared/paths/formula'
import { networkJacobians } from '../../../shared/paths/jacobians'
import { expandByLength, expandTerms } from '../../../shared/paths/terms'
import { checkPaths, measuredPaths, measurePaths, pathCountSummary } from '../../../shared/paths/paths'
import type { TermListing } from '../../../shared/paths/results'
import {
  drawPath,
  estimate,
  sampleLength,
  samplesPerLength,
  shareEstimates,
} from '../../../shared/paths/samples'
import { Random } from '../../../shared/numerics/random'
import { REMEDY_NAMES } from '../../../shared/block/remedies'

const small = { ...defaultExperiment(), blocks: 4, width: 8, replicas: 1, batch: 8 }

const measure = (changes: Partial<Experiment>, listing: TermListing = 'all') =>
  measurePaths({ ...small, ...changes }, listing)

/** Without theory, which takes longer where there is no closed form. */
function measured(
  changes: Partial<Experiment>,
  listing: Exclude<TermListing, 'none'> = 'all',
  data: ArrayLike<number> | null = null,
) {
  const experiment = { ...small, ...changes }
  return seriesGraphs(experiment).map((one) => ({
    about: `${one.block}, ${one.remedy}`,
    ...measuredPaths(one, experiment, listing, data),
  }))
}

describe('counts', () => {
  test('54 blocks: mean 27, sd 3.674; P(5..17) = 0.453667 %, P(19..35) = 98.0166 %', () => {
    const { mean, deviation } = lengthByCount(54)
    expect([mean, +deviation.toFixed(3)]).toEqual([27, 3.674])
    expect((100 * countShare(54, 5, 17)).toFixed(6)).toBe('0.453667')
    expect((100 * countShare(54, 19, 35)).toFixed(4)).toBe('98.0166')
  })

  test('4 blocks: 16 paths, lengths 1, 4, 6, 4, 1, each block in 8', () => {
    expect(pathCountSummary(4)).toEqual({
      paths: '16',
      throughOneBlock: '8',
      byLength: ['1', '4', '6', '4', '1'],
      mean: 2,
      deviation: 1,
    })
  })

  test('1,000 blocks: exact, C(1000, 500) has 300 digits', () => {
    const counts = pathCounts(1000)
    expect(counts.reduce((a, b) => a + b)).toBe(2n ** 1000n)
    expect(String(counts[500])).toMatch(/^27028824094543656951561469362597527549615/)
    expect(String(counts[500])).toHaveLength(300)
    expect(countShare(1000, 0, 0)).toBe(2 ** -1000)
    expect(countShare(1000, 0, 1000)).toBe(1)
  })

  test('symmetric, Pascal’s rule, sum 2^L', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (blocks) => {
        const [counts, below] = [pathCounts(blocks), pathCounts(blocks - 1)]
        expect(counts).toEqual([...counts].reverse())
        expect(counts.reduce((a, b) => a + b)).toBe(2n ** BigInt(blocks))
        counts.forEach((count, l) => expect(count).toBe((below[l] ?? 0n) + (l ? below[l - 1] : 0n)))
      }),
    )
  })
})

describe('Poisson-binomial', () => {
  const probability = fc.double({ min: 0, max: 1, noNaN: true })

  test('is a distribution with the mean and deviation of independent trials, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(probability, { maxLength: 40 }), (p) => {
        const shares = poissonBinomial(p)
        const { mean, deviation } = lengthByEnergy(p)
        const moment = (f: (l: number) => number) => shares.reduce((sum, s, l) => sum + s * f(l), 0)
        expect(shares.every((share) => share >= 0)).toBe(true)
        expect(moment(() => 1)).toBeCloseTo(1, 12)
        expect(moment((l) => l)).toBeCloseTo(mean, 10)
        expect(moment((l) => (l - mean) ** 2)).toBeCloseTo(deviation ** 2, 9)
        poissonBinomial([...p].reverse()).forEach((s, l) => expect(s).toBeCloseTo(shares[l], 12))
      }),
    )
  })

  test('equals the sum over all subsets', () => {
    fc.assert(
      fc.property(fc.array(probability, { maxLength: 8 }), (p) => {
        const expected = new Array<number>(p.length + 1).fill(0)
        for (let mask = 0; mask < 2 ** p.length; mask++) {
          const taken = p.map((_, i) => (mask >> i) & 1)
          const product = p.reduce((all, x, i) => all * (taken[i] ? x : 1 - x), 1)
          expected[taken.reduce((a, b) => a + b, 0)] += product
        }
        poissonBinomial(p).forEach((share, l) => expect(share).toBeCloseTo(expected[l], 12))
      }),
    )
  })

  test('equal halves are the binomial counts', () => {
    const shares = poissonBinomial(new Array<number>(54).fill(0.5))
    expect(100 * shares.slice(5, 18).reduce((a, b) => a + b)).toBeCloseTo(0.453667, 6)
  })
})

describe('the formula of dy/df1 for 4 blocks', () => {
  // Chapter notes, "Residual connections", as they write it.
  const FORMULA =
    String.raw`\frac{\partial y}{\partial f_1} = I + \frac{\partial f_2}{\partial f_1} + ` +
    String.raw`\left(\frac{\partial f_3}{\partial f_1} + \frac{\partial f_2}{\partial f_1}` +
    String.raw`\frac{\partial f_3}{\partial f_2}\right) + ` +
    String.raw`\left(\frac{\partial f_4}{\partial f_1} + ` +
    String.raw`\frac{\partial f_2}{\partial f_1}\frac{\partial f_4}{\partial f_2} + ` +
    String.raw`\frac{\partial f_3}{\partial f_1}\frac{\partial f_4}{\partial f_3} + ` +
    String.raw`\frac{\partial f_2}{\partial f_1}` +
    String.raw`\frac{\partial f_3}{\partial f_2}\frac{\partial f_4}{\partial f_3}\right)`

  test('4 blocks: the same text, 8 terms, lengths 1, 3, 3, 1', () => {
    expect(formulaLatex(4)).toBe(FORMULA)
    const terms = formulaTerms(4)
    expect(terms.map((term) => term.text)).toEqual([
      'I',
      '∂f2/∂f1',
      '∂f3/∂f1',
      '∂f2/∂f1 ∂f3/∂f2',
      '∂f4/∂f1',
      '∂f2/∂f1 ∂f4/∂f2',
      '∂f3/∂f1 ∂f4/∂f3',
      '∂f2/∂f1 ∂f3/∂f2 ∂f4/∂f3',
    ])
    expect([0, 1, 2, 3].map((l) => terms.filter((term) => term.length === l).length)).toEqual([1, 3, 3, 1])
  })

  test('2 to 6 blocks: 2^(L-1) terms, each chain ascending, by length binomial', () => {
    for (let blocks = 2; blocks <= 6; blocks++) {
      const terms = formulaTerms(blocks)
      expect(new Set(terms.map((term) => term.latex)).size).toBe(2 ** (blocks - 1))
      expect(pathCounts(blocks - 1).map(Number)).toEqual(
        Array.from({ length: blocks }, (_, l) => terms.filter((term) => term.length === l).length),
      )
    }
    expect(formulaLatex(2)).toBe(
      String.raw`\frac{\partial y}{\partial f_1} = I + \frac{\partial f_2}{\partial f_1}`,
    )
  })

  test('every term has its norm, and their sum is dy/df1', () => {
    for (const { name } of PRESETS) {
      const [{ firstDerivative }] = measured({ block: [name] })
      const { terms, relativeError, formula } = firstDerivative!
      expect(formula).toBe(FORMULA)
      expect(terms).toHaveLength(8)
      expect(relativeError.mean).toBeLessThan(1e-12)
      // f1 meets the identity where nothing follows the sum.
      if (name === 'relu-linear') expect(terms[0].norm.mean).toBeCloseTo(Math.sqrt(8), 12)
    }
    expect(measured({ blocks: 7 })[0].firstDerivative).toBeNull()
  })
})

describe('the expansion is exact', () => {
  const block = PRESETS.map((preset) => preset.name)
  test.each(Array.from({ length: 11 }, (_, i) => i + 2))(
    '%i blocks, every preset: all terms add up to automatic differentiation, relative error ≤ 1e-12',
    (blocks) => {
      for (const { about, terms, relativeError } of measured({ block, blocks, width: 12 })) {
        expect(terms, about).toHaveLength(2 ** blocks)
        expect(relativeError!.mean, about).toBeLessThanOrEqual(1e-12)
      }
    },
  )

  test.each<Partial<Experiment>>([
    {},
    { init: 'pytorch' },
    { stem: 'linear', gain: 0.7 },
    { skip: 'off' },
    { input: 'mnist1d', stem: 'linear' },
  ])('every remedy with %o', (changes) => {
    const data = Array.from({ length: 8 * 40 }, (_, i) => Math.sin(i * i))
    const asked = { block, remedies: [...REMEDY_NAMES], ...changes }
    for (const { about, relativeError } of measured(asked, 'all', data))
      expect(relativeError!.high, about).toBeLessThanOrEqual(1e-12)
  })

  test('grouping by length agrees with listing all terms, at any depth', () => {
    for (const { graph } of seriesGraphs({ ...small, block })) {
      const { blocks } = networkJacobians(drawNetwork(graph, { ...small, blocks: 7 }, 0))
      const [all, grouped] = [expandTerms, expandByLength].map((expand) => expand(blocks, identity(8)))
      all.groups.forEach(({ sumSquared, squares }, l) => {
        expect(Math.abs(grouped.groups[l].sumSquared - sumSquared)).toBeLessThanOrEqual(1e-9 * sumSquared)
        expect(Math.abs(grouped.groups[l].squares - squares)).toBeLessThanOrEqual(1e-9 * squares)
      })
    }
    const [{ relativeError, terms, lengths }] = measured({ blocks: 54 }, 'length')
    expect(relativeError!.mean).toBeLessThanOrEqual(1e-12)
    expect(terms).toBeNull()
    expect(lengths).toHaveLength(55)
  })

  test('the derivative itself: of one sample, statistics held constant, against finite differences', () => {
    for (const remedy of ['none', 'batch-norm', 'layer-norm', 'rsqrt2']) {
      for (const { graph, block: name } of seriesGraphs({ ...small, block, remedies: [remedy] })) {
        const network = drawNetwork(graph, { ...small, blocks: 3 }, 0)
        const traces = forwardNetwork(network)
        const { total } = networkJacobians(network, 2)
        const row = network.input.values.slice(2 * 8, 3 * 8)
        const output = (values: Float64Array) =>
          network.blocks.reduce(
            (h, own, k) => forwardBlock(float64, graph, own, h, statisticsOf(graph, traces[k])).output,
            array3([1, 1, 8], values),
          ).values
        const step = 1e-7
        for (let j = 0; j < 8; j++) {
          const [above, below] = [row.slice(), row.slice()]
          above[j] += step
          below[j] -= step
          const [up, down] = [output(above), output(below)]
          const size = Math.sqrt(total.values.reduce((sum, x) => sum + x * x, 0))
          for (let i = 0; i < 8; i++) {
            const numeric = (up[i] - down[i]) / (2 * step)
            expect(Math.abs(numeric - total.values[i * 8 + j]) / size, name).toBeLessThan(1e-5)
          }
        }
      }
    }
  })

  test('the same as backward through the whole batch with one sample’s gradient', () => {
    for (const { graph } of seriesGraphs({ ...small, block })) {
      const network = drawNetwork(graph, small, 0)
      const traces = forwardNetwork(network)
      const { total } = networkJacobians(network)
      const values = new Float64Array(64)
      for (let i = 0; i < 8; i++) {
        let gradient = array3([1, small.batch, 8])
        gradient.values[i] = 1
        for (let k = traces.length - 1; k >= 0; k--)
          gradient = backwardBlock(float64, graph, network.blocks[k], traces[k], gradient, true).input
        values.set(gradient.values.subarray(0, 8), i * 8)
        expect(gradient.values.subarray(8).every((g) => g === 0)).toBe(true)
      }
      expect(relativeError({ values }, total)).toBeLessThan(1e-13)
    }
  })
})

describe('random paths', () => {
  test('a drawn path has its length; ascending; each block is in 2^(L-1) of all paths', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 60 }),
        fc.nat(),
        (L, l, seed) => {
          const length = Math.min(L, l)
          const through = drawPath(L, length, new Random(seed))
          expect(through).toHaveLength(length)
          expect(through).toEqual([...new Set(through)].sort((a, b) => a - b))
          expect(through.every((block) => block >= 1 && block <= L)).toBe(true)
        },
      ),
    )
  })

  test('all paths of one length are equally likely', () => {
    const [blocks, length, draws] = [6, 3, 20_000]
    const random = new Random(5)
    const found = new Map<string, number>()
    for (let i = 0; i < draws; i++) {
      const key = String(drawPath(blocks, length, random))
      found.set(key, (found.get(key) ?? 0) + 1)
    }
    expect(found.size).toBe(20)
    const expected = draws / 20
    const chiSquare = [...found.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
    // 19 degrees of freedom: beyond 43.8 once in a thousand.
    expect(chiSquare).toBeLessThan(43.8)
  })

  test('the estimate is unbiased and its error is honest: every preset, against all terms', () => {
    const deviations = seriesGraphs({ ...small, block: PRESETS.map(({ name }) => name) }).flatMap(
      ({ graph }) => {
        const { blocks } = networkJacobians(drawNetwork(graph, { ...small, blocks: 6 }, 0))
        const exact = expandTerms(blocks, identity(8)).groups
        const counts = pathCounts(6).map(Number)
        return exact.flatMap(({ squares }, length) => {
          const { mean, error } = sampleLength(blocks, length, 2000, new Random(9, length))
          const truth = squares / counts[length]
          if (error > 1e-12 * truth) return [(mean - truth) / error]
          // The path past every branch where its matrix is the identity, or a dead one: nothing is left to chance.
          expect(Math.abs(mean - truth)).toBeLessThanOrEqual(1e-12 * truth)
          return []
        })
      },
    )
    expect(deviations.every((z) => Math.abs(z) < 4.5)).toBe(true)
    const rms = Math.sqrt(deviations.reduce((sum, z) => sum + z * z, 0) / deviations.length)
    expect(rms).toBeGreaterThan(0.6)
    expect(rms).toBeLessThan(1.35)
  })

  test('shares: of the exact ones within their errors, adding up to 1, whatever the size of the counts', () => {
    const changes = { blocks: 8, width: 12, replicas: 4, block: ['relu-linear', 'original'] }
    const exact = measured(changes)
    measured(changes, 'sample').forEach(({ sampled, relativeError }, s) => {
      const { lengths, paths } = sampled!
      expect(paths).toBe(400)
      expect(relativeError).toBeNull()
      expect(lengths.reduce((sum, { share }) => sum + share.mean, 0)).toBeCloseTo(1, 10)
      lengths.forEach(({ share, energy }, l) => {
        const { share: truth, termNorm } = exact[s].lengths![l]
        expect(Math.abs(share.mean - truth.mean)).toBeLessThan(4.5 * share.error + 1e-9)
        expect(energy.mean).toBeGreaterThan(0)
        expect(energy.mean / termNorm.high ** 2).toBeLessThan(3)
      })
    })
    const huge = shareEstimates(
      [1, 1, 1].map((mean) => ({ mean, error: 0.1 })),
      [0, 690, 690],
    )
    expect(huge.map(({ mean }) => mean)).toEqual([expect.closeTo(0, 12), 0.5, 0.5])
    expect(huge[1].error).toBeCloseTo(Math.hypot(0.05, 0.05) / 2, 12)
  })

  test('mean and standard error', () => {
    expect(estimate([1, 2, 3, 4])).toEqual({ mean: 2.5, error: Math.sqrt(5 / 3 / 4) })
  })

  test('a plain network has one path; what is not finite is shown', () => {
    const [{ sampled }] = measured({ skip: 'off' }, 'sample')
    expect(sampled!.lengths).toMatchObject([{ length: 4, count: '1', share: { mean: 1 } }])
    const [wild] = measured({ gain: 100, blocks: 200, width: 16 }, 'sample')
    expect(wild.norm.mean).not.toBeLessThan(Infinity)
  })

  test('the deeper or wider the networks, the fewer paths are drawn', () => {
    expect(samplesPerLength(20, 16, 20)).toBe(400)
    expect(samplesPerLength(54, 16, 20)).toBe(65)
    expect(samplesPerLength(1000, 64, 20)).toBe(2)
    expect(samplesPerLength(1000, 64, 1)).toBe(40)
  })
})

describe('energy', () => {
  test('type 1, 12 blocks, width 16: the squared terms make about 9 % of the squared sum', () => {
    const networks = Array.from({ length: 60 }, (_, seed) => {
      const changes = { block: ['linear-relu'], blocks: 12, width: 16, batch: 1, seed }
      return measured(changes, 'length')[0]
    })
    // A few networks with a large outlier direction carry most of the squared sum: the ratio of the means, not the mean
    // of the ratios.
    const total = networks.reduce((sum, { norm }) => sum + norm.mean ** 2, 0)
    const squares = networks.reduce((sum, m) => sum + m.squaresRatio.mean * m.norm.mean ** 2, 0)
    expect(squares / total).toBeGreaterThan(0.07)
    expect(squares / total).toBeLessThan(0.11)
  })

  test('shares add up to 1, and follow theory where branches are independent', () => {
    const series = measure(
      {
        block: ['relu-linear', 'full-preactivation'],
        remedies: ['none', 'layer-norm'],
        ...{ blocks: 8, width: 32, batch: 32, replicas: 8 },
      },
      'length',
    )
    for (const { measured, theory } of series) {
      const shares = measured!.lengths!.map(({ share }) => share.mean)
      expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 10)
      expect(theory!.energyShare.reduce((a, b) => a + b)).toBeCloseTo(1, 10)
      const length = shares.reduce((sum, share, l) => sum + share * l, 0)
      expect(Math.abs(length - theory!.mean)).toBeLessThan(0.5)
    }
  })

  test('f_k: 1 for type 2 (half of the energy in every branch), 1/v_k with batch norm, 0 for SkipInit', () => {
    const theories = measure({ remedies: ['none', 'batch-norm', 'skipinit'], batch: 65_536 }, 'none')
    expect(theories[0].theory!.branchFactors).toEqual([1, 1, 1, 1])
    const gains = theories[1].theory!.branchFactors
    expect(gains[0]).toBeCloseTo(1, 4)
    expect(gains[1]).toBeCloseTo(1 / (1 + 1 - 1 / Math.PI), 4)
    expect(theories[2].theory!.energyShare).toEqual([1, 0, 0, 0, 0])
  })

  test('every preset has theory where Signal has p; a plain network has one path and none', () => {
    const block = PRESETS.map(({ name }) => name)
    for (const batch of [8, 16])
      for (const { theory } of measure({ block, batch }, 'none'))
        expect(theory!.branchFactors.every((f) => f > 0)).toBe(true)
    const [plain] = measure({ skip: 'off' })
    expect(plain.theoryNote).toBe('No theory: a network without sums has one path only.')
    expect(plain.measured!.lengths).toMatchObject([{ length: 4, count: '1', share: { mean: 1 } }])
    expect(plain.measured!.firstDerivative!.terms).toHaveLength(1)
  })
})

test('what cannot be listed is refused with a way out', () => {
  const check = (changes: Partial<Experiment>, listing: TermListing) => () =>
    checkPaths({ ...small, ...changes }, listing)
  expect(check({ blocks: 13 }, 'all')).toThrow(
    '--blocks: 13 blocks have 2^13 terms, more than can be listed (12 blocks, 4096 terms). Give at most ' +
      '12, or group them with --terms length (exact) or --terms sample (--terms none: counts and theory ' +
      'only).',
  )
  expect(check({ blocks: 12 }, 'all')).not.toThrow()
  expect(check({ blocks: 1000, width: 16, replicas: 20 }, 'sample')).not.toThrow()
  expect(check({ blocks: 1000, width: 200, replicas: 20 }, 'sample')).toThrow(/--terms none\.$/)
  expect(check({ blocks: 1000 }, 'length')).not.toThrow()
  expect(check({ blocks: 1001 }, 'none')).toThrow(
    '--blocks: paths are counted for up to 1000 blocks, not 1001',
  )
  expect(check({ blocks: 12, width: 2000 }, 'all')).toThrow(/^size: this takes about /)
})
