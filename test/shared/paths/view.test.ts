import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import { convolutional } from '../../../shared/block/convolutional'
import { defaultExperiment } from '../../../shared/settings/table'
import { openingExperiment } from '../../../shared/experiment/experiment'
import { pathCommand } from '../../../shared/paths/command'
import { pathCounts } from '../../../shared/paths/counts'
import { lengthsCsv, termsCsv } from '../../../shared/paths/csv'
import {
  energyFinding,
  middleOf,
  movedFinding,
  networkWords,
  normOfPath,
  pathWords,
  sumFinding,
  targetWords,
} from '../../../shared/paths/findings'
import { energyOfOne, grouped, lengthRows, shortCount } from '../../../shared/paths/lengths'
import { summarisePaths } from '../../../shared/paths/measure'
import {
  hasAfterSum,
  leftAside,
  pathsOfReplica,
  problemOf,
  seriesAlone,
  theoryOfSeries,
} from '../../../shared/paths/series-paths'
import { measurePaths } from '../../../shared/paths/paths'
import type { TermListing } from '../../../shared/paths/results'

const small = { ...defaultExperiment(), blocks: 4, width: 8, replicas: 2, batch: 8 }

function measured(changes: Partial<typeof small> = {}, listing: TermListing = 'all') {
  const [series] = measurePaths({ ...small, ...changes }, listing)
  return { ...series, measured: series.measured! }
}

describe('network by network, as the page computes', () => {
  test.each(['all', 'length', 'sample'] as const)('%s: the same numbers as the command line', (listing) => {
    const experiment = { ...small, remedies: ['batch-norm'] }
    const request = { experiment, listing }
    const networks = [0, 1].map((replica) => pathsOfReplica(request, replica))
    const [expected] = measurePaths(experiment, listing)
    expect(summarisePaths(networks, 4)).toEqual(expected.measured)
    expect(theoryOfSeries(experiment)).toEqual({ theory: expected.theory, theoryNote: expected.theoryNote })
  })

  test('what a network says can go to another thread', () => {
    const one = pathsOfReplica({ experiment: small, listing: 'all' }, 0)
    expect(structuredClone(one)).toEqual(one)
  })

  test('convolutional blocks are refused with what to do, not with another input', () => {
    const experiment = { ...defaultExperiment(), block: [convolutional(presetNamed('original'), 2)] }
    expect(problemOf({ experiment, listing: 'all' })).toBe(
      'Paths are shown of blocks without positions, and “Original” has an operation that needs them (2-D ' +
        'convolution). Choose a block of linear layers.',
    )
  })

  test('one series alone, by its place, in another size', () => {
    const alone = [0, 2, 3].map((place) => seriesAlone(openingExperiment(), place, { blocks: 4, width: 16 }))
    expect(alone.map(({ block, remedies, compare }) => [block, remedies, compare])).toEqual([
      [['relu-linear'], ['none'], []],
      [['relu-linear'], ['batch-norm'], []],
      [['linear-relu'], ['none'], []],
    ])
    expect(alone[0]).toMatchObject({ blocks: 4, width: 16, replicas: 20 })
  })

  test('whether something follows the sum', () => {
    const after = (block: string, remedies: string[]) => hasAfterSum({ ...small, block: [block], remedies })
    expect([after('relu-linear', ['none']), after('relu-linear', ['rsqrt2'])]).toEqual([false, true])
    expect(after('original', ['none'])).toBe(true)
    expect(hasAfterSum({ ...small, skip: 'off' })).toBe(false)
  })

  test('stages and positions are left aside, and that is said', () => {
    expect(leftAside(small)).toBeNull()
    const stages = [
      { blocks: 2, width: 8, stride: 1 as const },
      { blocks: 2, width: 16, stride: 1 as const },
    ]
    const experiment = { ...small, input: 'images' as const, network: { stages, shortcut: 'A' as const } }
    expect(leftAside(experiment)).toBe(
      'Here one block is repeated: the network’s stages and the input’s positions (noise goes in) are left aside.',
    )
    const alone = seriesAlone(experiment, 0, { blocks: 3, width: 8 })
    expect(alone).toMatchObject({ input: 'normal', blocks: 3, width: 8 })
    expect(problemOf({ experiment: alone, listing: 'all' })).toBeNull()
    expect(pathsOfReplica({ experiment: alone, listing: 'all' }, 0).expansion!.norms).toHaveLength(8)
  })

  test('what cannot be computed is refused in one line', () => {
    const problem = (changes: Partial<typeof small>, listing: 'all' | 'length' | 'sample') =>
      problemOf({ experiment: { ...small, ...changes }, listing })
    expect(problem({}, 'all')).toBeNull()
    expect(problem({ blocks: 1001 }, 'sample')).toBe(
      'Paths are counted for up to 1000 blocks, not 1001. Lower the depth L.',
    )
    expect(problem({ blocks: 1000, width: 256, replicas: 20 }, 'length')).toMatch(
      /^This takes about .* multiplications, more than 1e\+11\. Lower the width N, the depth L or the replicas R, or sample the paths\.$/,
    )
    expect(problem({ input: 'mnist1d' }, 'all')).toBe(
      'MNIST-1D has 40 values a sample and the network is 8 wide. Use stem "linear", or width 40.',
    )
  })
})

describe('sentences', () => {
  test('a path, a copy, a block, a length', () => {
    const one = measured().measured
    expect(pathWords(0b0101)).toBe('x → f1 → f3 → y')
    expect(targetWords({ kind: 'path', path: 0b0101 }, 4, 'f1', one)).toMatch(
      /^x → f1 → f3 → y: length 2; term ∂f3\/∂f1 \(1 factor\), norm [\d.]+ \(5–95 %: [\d.]+ to [\d.]+\)\.$/,
    )
    expect(targetWords({ kind: 'path', path: 0b0100 }, 4, 'f1', one)).toBe(
      'x → f3 → y: length 1; it does not go through f1, so it has no term in ∂y/∂f1.',
    )
    expect(targetWords({ kind: 'path', path: 1 }, 4, 'x', measured({ skip: 'off' }).measured)).toBe(
      'x → f1 → y: length 1; without skip connections there is no such path.',
    )
    expect(targetWords({ kind: 'path', path: 0 }, 4, 'x', one)).toBe('x → y: length 0; term I, norm 2.83.')
    expect(targetWords({ kind: 'copy', copy: 0b1100 }, 4, 'x', null)).toBe(
      'One of 2 copies of f3: what comes out goes through f4 to y. 4 paths meet in its input, which is their sum.',
    )
    expect(targetWords({ kind: 'block', block: 1 }, 4, 'x', null)).toBe(
      'f1 is used 8 times and is on 8 of 16 paths.',
    )
    expect(targetWords({ kind: 'block', block: 4 }, 4, 'x', null)).toContain('is used once')
    expect(targetWords({ kind: 'length', length: 2 }, 4, 'x', null)).toBe('Length 2: 6 of 16 paths.')
  })

  test('the norm of a path is that of its term', () => {
    const one = measured().measured
    expect(normOfPath(0b0101, 'f1', one)).toEqual(one.firstDerivative!.terms[2].norm)
    expect(normOfPath(0b0101, 'x', one)).toEqual(one.terms![5].norm)
    expect(normOfPath(0b0100, 'f1', one)).toBeNull()
  })

  test('the sum against automatic differentiation, and that squares do not add up', () => {
    expect(sumFinding(measured().measured, 'f1', networkWords(2))).toMatch(
      /^The 8 terms add up to ∂y\/∂f1: relative error \d\.\de−1\d against automatic differentiation \(n = 2 networks\)\. Squares do not add up: the squared terms of ∂y\/∂x come to [\d.]+ times its square\.$/,
    )
    expect(sumFinding(measured({ skip: 'off' }).measured, 'x', networkWords(2))).toMatch(
      /^The one term is ∂y\/∂x/,
    )
    expect(sumFinding(measured({ gain: Infinity }).measured, 'x', networkWords(1))).toContain(
      'not finite numbers',
    )
  })

  test('where the energy is: with batch norm on short paths, with none where the paths are', () => {
    const changes = { blocks: 10, width: 32, replicas: 8, batch: 32 }
    const say = (remedy: string) => {
      const { measured: found, theory } = measured({ ...changes, remedies: [remedy] }, 'length')
      return energyFinding(10, found.lengths!, theory)
    }
    expect(say('none')).toMatch(/^Energy lies where the paths are: .*\(theory 5\.00\) and 5\.00 by count/)
    expect(say('batch-norm')).toMatch(/^Short paths carry more than their number/)
    expect(say('skipinit')).toContain('length 0 carries most (100 %)')
    const plain = measured({ skip: 'off' })
    expect(energyFinding(4, plain.measured.lengths!, null)).toBe(
      'A plain network has one path: through every branch.',
    )
  })
})

describe('the middle of the energy', () => {
  const lengthsOf = (shares: number[]) =>
    shares.map((mean, length) => ({ length, share: { mean, error: 0 } }))

  test('leaves out 2.5 % at either end, where a length can be left out whole', () => {
    expect(middleOf(lengthsOf([0.01, 0.01, 0.5, 0.46, 0.01, 0.01]))).toEqual({ from: 2, to: 3 })
    expect(middleOf(lengthsOf([0, 1, 0]))).toEqual({ from: 1, to: 1 })
    expect(middleOf(lengthsOf([0.25, 0.25, 0.25, 0.25]))).toEqual({ from: 0, to: 3 })
  })

  test('with the share of the paths that carry it: Veit et al.’s 5 to 17 of 54', () => {
    const shares = Array.from({ length: 55 }, (_, length) => (length >= 5 && length <= 17 ? 1 / 13 : 0))
    expect(energyFinding(54, lengthsOf(shares), null)).toContain(
      'Lengths 5 to 17 hold 100 % of the energy on 0.454 % of the paths.',
    )
    expect(energyFinding(4, lengthsOf([0, 0.5, 0.5, 0, 0]), null)).not.toContain('hold')
  })
})

describe('lengths as rows', () => {
  test('counts, shares and theory side by side; one times the other is the third', () => {
    const { measured: found, theory } = measured({ remedies: ['batch-norm'] })
    const rows = lengthRows(4, found, theory)
    expect(rows.map(({ count }) => count)).toEqual([1n, 4n, 6n, 4n, 1n])
    for (const row of rows) {
      expect(energyOfOne(row).value! * row.countShare).toBeCloseTo(row.share!, 12)
      expect(energyOfOne(row).theory! * row.countShare).toBeCloseTo(row.theory!, 12)
    }
    expect(lengthRows(1000, null, null)).toHaveLength(1001)
  })

  test('a plain network has one row; what is exactly zero is zero, what is too small has no place', () => {
    const plain = lengthRows(4, measured({ skip: 'off' }).measured, null)
    expect(plain).toMatchObject([{ length: 4, count: 1n, countShare: 1, share: 1 }])
    const skipinit = lengthRows(4, measured({ remedies: ['skipinit'] }).measured, null)
    expect(skipinit.map((row) => energyOfOne(row).value)).toEqual([16, 0, 0, 0, 0])
    const tiny = { ...skipinit[1], isZero: false }
    expect(energyOfOne(tiny).value).toBeNull()
  })

  test('a sample’s errors: two standard errors around the share', () => {
    const { measured: found } = measured({ blocks: 6, width: 8 }, 'sample')
    lengthRows(6, found, null).forEach((row, length) => {
      const { share } = found.sampled!.lengths[length]
      expect(row.high).toBeCloseTo(share.mean + 2 * share.error, 14)
      const { value, low, high } = energyOfOne(row)
      expect(low! * high!).toBeCloseTo(value! ** 2, 8)
    })
  })

  test('long counts: rounded, and every digit', () => {
    expect(shortCount(184_756n)).toBe('184\u202f756')
    expect(shortCount(2n ** 1000n)).toBe('1.07e301')
    expect(shortCount(99_999n * 10n ** 20n)).toBe('1.00e25')
    fc.assert(
      fc.property(fc.bigInt({ min: 10n ** 15n, max: 10n ** 300n }), (count) => {
        expect(Math.abs(Number(shortCount(count)) / Number(count) - 1)).toBeLessThanOrEqual(0.00501)
        expect(grouped(String(count)).replaceAll('\u202f', '')).toBe(String(count))
      }),
    )
  })
})

test('CSV: every term; every length with its exact count', () => {
  const { measured: found, theory, block, remedy } = measured()
  const terms = termsCsv({ block, remedy }, found, 2).trim().split('\r\n')
  expect(terms).toHaveLength(1 + 8 + 16)
  expect(terms[0]).toBe('block,remedy,derivative,blocks,length,norm,low,high,n')
  expect(terms[4]).toMatch(/^relu-linear,none,dy\/df1,2 3,2,/)
  const lengths = lengthsCsv({ block, remedy }, lengthRows(1000, null, null), 2).split('\r\n')
  expect(lengths[501]).toContain(`,500,${pathCounts(1000)[500]},`)
  expect(lengthsCsv({ block, remedy }, lengthRows(4, found, theory), 2)).toContain(
    'relu-linear,none,4,1,0.0625,',
  )
})

test('the command line that measures the same says what `paths` takes otherwise', () => {
  const alone = seriesAlone(openingExperiment(), 2, { blocks: 4, width: 16 })
  expect(pathCommand(alone, 'all')).toBe(
    'npx residual-lab paths --block relu-linear --remedies batch-norm --blocks 4 --width 16 --batch 128 --replicas 20',
  )
  expect(pathCommand(alone, 'sample')).toMatch(/ --terms sample$/)
  const drawn = { ...alone, block: [{ ...measuredGraph(), name: 'mine' }] }
  expect(pathCommand(drawn, 'length')).toBe(
    'npx residual-lab paths --experiment experiment.json --blocks 4 --width 16 --terms length',
  )
})

function measuredGraph() {
  return { name: 'mine', title: 'Mine', description: '', nodes: [], output: 'input' }
}

describe('before and after training', () => {
  const shares = (...means: number[]) =>
    means.map((mean, length) => ({ length, share: { mean, low: mean, high: mean } }))

  test.each([
    [
      [0.25, 0.5, 0.25],
      [0.5, 0.25, 0.25],
      'Training moves gradient energy to shorter paths: the mean length by energy is 0.750, at initialisation 1.00',
    ],
    [
      [0.25, 0.5, 0.25],
      [0.25, 0.25, 0.5],
      'Training moves gradient energy to longer paths: the mean length by energy is 1.25, at initialisation 1.00',
    ],
    [[0.25, 0.5, 0.25], [0.26, 0.49, 0.25], 'Training hardly moves gradient energy between path lengths'],
  ])('%j to %j', (before, after, sentence) => {
    expect(movedFinding(shares(...before), shares(...after), 20)).toContain(sentence)
  })

  test('what is no number says nothing; a plain network has one path', () => {
    expect(movedFinding(shares(NaN, 1), shares(0.5, 0.5), 20)).toContain('not finite numbers')
    expect(movedFinding(shares(1), shares(1), 1)).toContain('one path, trained or not')
  })

  test('the files say what it was at initialisation', () => {
    const { measured: after } = measured()
    const { measured: before } = measured({ seed: 2 })
    const series = { block: 'b', remedy: 'none' }
    const [head, first] = termsCsv(series, after, 20, before).split('\n')
    expect(head.trim()).toMatch(/,n,at initialisation$/)
    expect(Number(first.trim().split(',').at(-1))).toBe(before.firstDerivative!.terms[0].norm.mean)
    const rows = [after, before].map((one) => lengthRows(4, one, null))
    const lines = lengthsCsv(series, rows[0], 20, rows[1]).trim().split('\n')
    expect(Number(lines[2].trim().split(',').at(-1))).toBe(rows[1][1].share)
  })

  test('the command line trains with the file’s settings where they are not the defaults', () => {
    expect(pathCommand(small, 'all', true)).toMatch(/ --train$/)
    expect(pathCommand(small, 'all', true)).not.toMatch(/--experiment|--replicas/)
    expect(pathCommand({ ...small, steps: 20 }, 'all', true)).toBe(
      'npx residual-lab paths --experiment experiment.json --block relu-linear --remedies none --blocks 4 ' +
        '--width 8 --batch 8 --compare "" --train',
    )
  })

  test('whether it can be trained', () => {
    expect(problemOf({ experiment: small, listing: 'all' }, true)).toBeNull()
    const wide = { ...small, width: 256, blocks: 200 }
    expect(problemOf({ experiment: wide, listing: 'length' }, true)).toContain(
      'Lower the width N, or the depth L, or sample the paths.',
    )
    expect(leftAside({ ...small, input: 'sequence' }, true)).toContain('MNIST-1D goes in as vectors')
  })
})
