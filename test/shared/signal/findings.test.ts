import { describe, expect, it } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import {
  backwardFinding,
  branchNeverNegative,
  failureSentence,
  forwardFinding,
  remedyToTry,
  type FindingSeries,
} from '../../../shared/signal/findings'
import { growthLawOf } from '../../../shared/signal/growth-law'
import { sentencesOf } from '../../../shared/base/format'
import { seriesLabel } from '../../../shared/network/series-names'
import { remedyNamed } from '../../../shared/block/remedies'

const curve = (length: number, of: (k: number) => number) =>
  Array.from({ length: length + 1 }, (_, k) => of(k))

function series(
  block: string,
  remedy: string,
  values: number[],
  theory: number[] | null = null,
): FindingSeries {
  const preset = presetNamed(block)
  const { graph } = remedyNamed(remedy).apply(preset, { depth: 20 })
  return { block, blockTitle: preset.title, remedy, graph, values, theory }
}

describe('growthLawOf', () => {
  it.each([
    ['steady', curve(20, (k) => 1 + 0.02 * Math.sin(k))],
    ['geometric', curve(20, (k) => 2 ** k)],
    ['arithmetic', curve(20, (k) => 1 + k)],
    ['between', curve(20, (k) => 1.5 + 0.7 * Math.sin(k / 3.2))],
    ['other', curve(20, (k) => (k < 10 ? 1e-4 : 1))],
    ['other', [0.499, 1.163, 1.905, 2.668, 1.99, 2.741, 3.525, 2.397, 3.15, 3.933]],
    ['unknown', [1]],
  ])('%s', (kind, values) => {
    expect(growthLawOf(values).kind).toBe(kind)
  })

  it('reads what comes before the first overflow', () => {
    const growth = growthLawOf([...curve(10, (k) => 2 ** k), Infinity, NaN])
    expect(growth).toEqual({ kind: 'geometric', ratio: 2 })
  })
})

describe('forwardFinding', () => {
  it('calls series by their names where these are given', () => {
    const one = {
      ...series(
        'relu-linear',
        'none',
        curve(20, (k) => 2 ** k),
      ),
      name: 'plain Type 2',
    }
    expect(forwardFinding([one], 'q')).toMatch(/^plain Type 2: mean square doubles every block/)
    expect(backwardFinding([{ ...one, values: [...(one.values as number[])].reverse() }])).toMatch(
      /^plain Type 2: /,
    )
  })

  it('states the doubling with theory beside it', () => {
    const values = curve(20, (k) => 2 ** k)
    expect(forwardFinding([series('relu-linear', 'none', values, values)], 'q')).toBe(
      'none: mean square doubles every block: 1.05e6 after 20 (theory 1.05e6).',
    )
  })

  it('names the first overflow', () => {
    const values = curve(140, (k) => (k < 128 ? 2 ** k : Infinity))
    expect(forwardFinding([series('relu-linear', 'none', values)], 'q')).toBe(
      'none: mean square doubles every block. First overflow at block 128.',
    )
  })

  it('puts remedies and other blocks side by side', () => {
    const text = forwardFinding(
      [
        series(
          'relu-linear',
          'none',
          curve(20, (k) => 2 ** k),
        ),
        series(
          'relu-linear',
          'rsqrt2',
          curve(20, () => 1),
        ),
        series(
          'relu-linear',
          'batch-norm',
          curve(20, (k) => 1 + k),
          curve(20, (k) => 1 + k),
        ),
        series(
          'linear-relu',
          'none',
          curve(20, (k) => 2.8 ** k),
        ),
      ],
      'q',
    )
    expect(text).toBe(
      'none: mean square doubles every block: 1.05e6 after 20. 1/√2: stays near 1.00. ' +
        'batch norm: grows by 1.00 per block: 21.0 (theory 21.0). Type 1: grows ×2.80 per block: 8.77e8.',
    )
  })

  it('says why 1/√2 does not cure type 1, and only there', () => {
    const growing = curve(20, (k) => 1.4 ** k)
    const why = '1/√2 does not cure Type 1: its branch is never negative, so means pile up.'
    expect(forwardFinding([series('linear-relu', 'rsqrt2', growing)], 'q')).toContain(why)
    expect(forwardFinding([series('relu-linear', 'rsqrt2', growing)], 'q')).not.toContain('cure')
  })

  it('says what 1/√2 on the skip leaves out, where the sum grows', () => {
    const why =
      '1/√2 on the skip halves the skip’s own mean square and leaves Type 2’s branch whole, so the sum still grows: ' +
      'it is the sum that 1/√2 has to scale.'
    const text = (remedy: string, ratio: number) =>
      forwardFinding(
        [
          series(
            'relu-linear',
            remedy,
            curve(20, (k) => ratio ** k),
          ),
        ],
        'q',
      )
    expect(text('rsqrt2-skip', 1.5)).toContain(why)
    expect(text('rsqrt2-skip', 1.5)).toContain('grows ×1.50 per block')
    expect(text('rsqrt2', 1.5)).not.toContain('on the skip')
    expect(text('rsqrt2-skip', 1)).not.toContain('on the skip')
    expect(text('rsqrt2-skip', 0.9)).not.toContain('on the skip')
    expect(
      forwardFinding(
        [
          series(
            'relu-linear',
            'rsqrt2-skip',
            curve(20, () => 1),
          ),
        ],
        'm',
      ),
    ).not.toContain('halves')
  })

  it('says why few narrow, deep networks fall below constant theory', () => {
    const deep = (values: (k: number) => number, theory: (k: number) => number) => [
      series('relu-linear', 'rsqrt2', curve(1000, values), curve(1000, theory)),
    ]
    const falling = (k: number) => Math.exp(-0.0101 * k)
    const networks = { width: 100, replicas: 20, statistic: 'mean' } as const
    const text = forwardFinding(
      deep(falling, () => 1),
      'q',
      networks,
    )
    expect(text).toContain(
      '1/√2 falls below theory: networks so deep and narrow scatter (ln has variance near 5 L/N = 50), and ' +
        'the mean over 20 misses the rare large ones; widen the network.',
    )
    const wide = { ...networks, width: 10_000 }
    const others = [
      forwardFinding(
        deep(falling, () => 1),
        'q',
        wide,
      ),
      forwardFinding(deep(falling, falling), 'q', networks),
      forwardFinding(
        deep(
          () => 1,
          () => 1,
        ),
        'q',
        networks,
      ),
      forwardFinding(
        deep(falling, () => 1),
        'm',
        networks,
      ),
    ]
    for (const other of others) expect(other).not.toContain('falls below theory')
    const back = series(
      'relu-linear',
      'rsqrt2',
      curve(1000, (k) => falling(1000 - k)),
      curve(1000, () => 1),
    )
    expect(backwardFinding([back], { ...networks, statistic: 'median' })).toContain(
      'a typical one is far below the rare large ones',
    )
  })

  it('comes apart at its sentences', () => {
    expect(sentencesOf('')).toEqual([])
    expect(sentencesOf('Step 5. none: doubles: 1.05e6 after 20. 1/√2: stays near 1.00.')).toEqual([
      'Step 5.',
      'none: doubles: 1.05e6 after 20.',
      '1/√2: stays near 1.00.',
    ])
  })

  it('is empty while nothing is measured', () => {
    expect(forwardFinding([], 'q')).toBe('')
  })
})

describe('series without finite values', () => {
  it('are named, not left out', () => {
    const gone = series('relu-linear', 'none', [NaN, NaN, NaN])
    expect(backwardFinding([gone])).toBe(
      'none: gradient’s mean square, on its way back, has no finite value. First value that is not a ' +
        'number at block 2.',
    )
  })
})

describe('backwardFinding', () => {
  it('reads from the last block to the input', () => {
    const values = curve(10, (k) => 2 ** (10 - k))
    expect(backwardFinding([series('relu-linear', 'none', values, values)])).toBe(
      'none: gradient’s mean square, on its way back, doubles every block: 1020 at the input (theory 1020).',
    )
  })

  it('says why type 1 outgrows theory', () => {
    const theory = curve(10, (k) => 2 ** (10 - k))
    const measured = curve(10, (k) => 2.5 ** (10 - k))
    const why =
      'Type 1 outgrows theory, which holds for infinite width: here one outlier direction takes over.'
    expect(backwardFinding([series('linear-relu', 'none', measured, theory)])).toContain(why)
    expect(backwardFinding([series('relu-linear', 'none', measured, theory)])).not.toContain('outgrows')
    expect(backwardFinding([series('linear-relu', 'none', theory, theory)])).not.toContain('outgrows')
  })

  it('counts blocks from the input when it overflows', () => {
    const values = curve(200, (k) => (k > 72 ? 2 ** (200 - k) : Infinity))
    expect(backwardFinding([series('relu-linear', 'none', values)])).toContain('First overflow at block 72.')
  })
})

describe('names and remedies', () => {
  it('leaves out what all series share', () => {
    const [chosen, other] = [series('relu-linear', 'rsqrt2', []), series('original', 'none', [])]
    expect(seriesLabel(chosen, [chosen, other])).toBe('1/√2')
    expect(seriesLabel(other, [chosen, other])).toBe('Original')
  })

  it('knows branches that can only add', () => {
    expect(branchNeverNegative(presetNamed('linear-relu'))).toBe(true)
    expect(branchNeverNegative(presetNamed('relu-before-addition'))).toBe(true)
    expect(branchNeverNegative(presetNamed('relu-linear'))).toBe(false)
  })

  it('suggests a remedy that is not chosen yet', () => {
    expect(remedyToTry(presetNamed('relu-linear'), ['none'])).toBe('rsqrt2')
    expect(remedyToTry(presetNamed('linear-relu'), ['none', 'batch-norm'])).toBe('layer-norm')
  })

  it('reports the first failure', () => {
    const failure = {
      series: 0,
      quantity: 'mean square',
      block: 128,
      operation: 'mean square of h',
      before: 1.7e38,
      replicas: 20,
    } as const
    expect(failureSentence(failure, 'none', 31)).toBe(
      'First non-finite mean square: block 128, mean square of h, step 31 (none; 20 replicas). ' +
        'The mean square one block before was 1.70e38.',
    )
  })
})
