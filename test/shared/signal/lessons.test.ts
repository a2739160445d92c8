import { describe, expect, test } from 'vitest'
import { openingExperiment, parseExperiment } from '../../../shared/experiment/experiment'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import { seriesGraphs } from '../../../shared/network/series'
import type { Experiment } from '../../../shared/settings/experiment'
import {
  isLesson,
  lessonExperiment,
  lessonsOf,
  withLesson,
  type LessonSeries,
} from '../../../shared/signal/lessons'

const BLOCKS = 10

/** κ1 of He et al. networks: the correlation of two samples behind a ReLU and a layer. */
const kappa = (c: number) => (Math.sqrt(1 - c * c) + c * (Math.PI - Math.acos(c))) / Math.PI

/** Type 2 as theory has it: q_k = 2^k, v_k = 2^k (1 - c_k). */
function type2(): { q: number[]; v: number[] } {
  const [q, v] = [[1], [1]]
  for (let k = 1, c = 0; k <= BLOCKS; k++) {
    c = (c + kappa(c)) / 2
    q.push(2 ** k)
    v.push(2 ** k * (1 - c))
  }
  return { q, v }
}

function series(changes: Partial<Experiment>, values: Partial<LessonSeries>[] = []): LessonSeries[] {
  const { q, v } = type2()
  const p = [...q].reverse()
  return seriesGraphs({ ...openingExperiment(), compare: [], remedies: ['none'], ...changes }).map(
    (one, i) => ({
      ...one,
      ...{ q, v, p, m: q.map(() => 0), theoryOfV: v },
      ...values[i],
    }),
  )
}

const textOf = (all: LessonSeries[], id: string) => lessonsOf(all).find((one) => one.id === id)?.text

describe('“The variance doubles”', () => {
  test('type 2 in theory: q doubles, v grows by 2 - 1/π at first', () => {
    expect(textOf(series({ block: ['relu-linear'] }), 'variance')).toBe(
      '“The variance doubles”: the mean square q does in Type 2 (×2.00 a block); the batch variance v, which ' +
        'leaves out what all samples share, grows ×1.68 at the first block (theory ×1.68).',
    )
    const { v } = type2()
    expect(v[1]).toBeCloseTo(2 - 1 / Math.PI, 12)
  })

  test('type 1 more than doubles, beside type 2 and alone', () => {
    const q = Array.from({ length: BLOCKS + 1 }, (_, k) => 2.8 ** k)
    const both = series({ block: ['relu-linear', 'linear-relu'] }, [{}, { q }])
    expect(textOf(both, 'variance')).toMatch(
      /\(theory ×1\.68\)\. q more than doubles in Type 1 \(×2\.80 a block\); v grows ×1\.68 at the first block/,
    )
    expect(textOf([both[1]], 'variance')).toMatch(
      /^“The variance doubles”: q more than doubles in Type 1 .*; the batch variance v, which leaves out/,
    )
  })

  test('nothing where it is not so: scaled sums, a steady signal, v that grows as q, no skip', () => {
    const steady = type2().q.map(() => 1)
    const { q } = type2()
    for (const all of [
      series({ remedies: ['rsqrt2'] }),
      series({}, [{ q: steady }]),
      series({}, [{ v: q }]),
      series({ skip: 'off' }),
    ])
      expect(textOf(all, 'variance')).toBeUndefined()
  })
})

describe('batch norm is one remedy', () => {
  test('the same block without it, with it and with others', () => {
    const q = type2().q.map((_, k) => 1 + k)
    const p = type2().q.map((_, k) => 12 - k)
    const all = series({ remedies: ['none', 'batch-norm', 'rsqrt2'] }, [{}, { q, p }, {}])
    expect(textOf(all, 'batch-norm')).toBe(
      'Batch norm is one remedy, not part of what a residual block is: over 10 blocks of Type 2 q and, on its ' +
        'way back, p change by ×1020 and ×1020 without ' +
        'a remedy, ×11.0 and ×6.00 with batch norm and ×1020 and ×1020 with 1/√2.',
    )
  })

  test('a block that has it built in; nothing without any', () => {
    expect(textOf(series({ block: ['original'] }), 'batch-norm')).toContain(
      'Original has it built in; over 10 blocks',
    )
    expect(textOf(series({ remedies: ['none', 'layer-norm'] }), 'batch-norm')).toBeUndefined()
  })

  test('what the remedy finds in a block is built in; the block that it was added to is compared', () => {
    const remedies = ['none', 'rsqrt2', 'batch-norm']
    const found = series({ block: ['original'], remedies })
    for (const all of [found, found.slice(2)])
      expect(textOf(all, 'batch-norm')).toContain('Original has it built in; over 10 blocks q and')
    expect(textOf(found.slice(1), 'batch-norm')).toContain(
      'Original has it built in; over 10 blocks with 1/√2 q and',
    )
    expect(textOf(series({ block: ['original', 'relu-linear'], remedies }), 'batch-norm')).toContain(
      'over 10 blocks of Type 2 q and',
    )
    expect(textOf(series({ remedies: ['batch-norm'] }), 'batch-norm')).toContain('has it as its remedy; over')
  })

  test('one block, and numbers that end', () => {
    const values = { q: [1, Infinity], p: [NaN, 1] }
    const all = series({ remedies: ['none', 'batch-norm'] }, [values, { q: [1, 2], p: [Infinity, 1] }])
    expect(textOf(all, 'batch-norm')).toContain(
      'over 1 block of Type 2 q and, on its way back, p change by no finite factor without a remedy, ' +
        '×2.00 and no finite factor with batch norm.',
    )
  })
})

describe('nonlinearities belong on the branch', () => {
  const ends = (q: number, v: number, m: number): Partial<LessonSeries> => {
    const flat = (value: number) => type2().q.map(() => value)
    return { q: flat(q), v: flat(v), m: flat(m) }
  }

  test('a ReLU on the stream, beside one on the branch with the same remedy', () => {
    const all = series({ block: ['relu-after-addition', 'practical'], remedies: ['rsqrt2'] }, [
      ends(4, 1, 1.2),
      ends(4, 3, -0.02),
    ])
    expect(textOf(all, 'relu-on-stream')).toBe(
      'Nonlinearities belong on the branch: the ReLU on the stream of ReLU after addition lets nothing negative ' +
        'through, so after 10 blocks the mean of a unit is 0.60 of the root mean square, and 75 % of q is what all ' +
        'samples share; in Type 3, whose ReLUs are on the branch, −0.010 and 25 %.',
    )
    expect(textOf(all.slice(0, 1), 'relu-on-stream')).toMatch(/75 % of q is what all samples share\.$/)
  })

  test('a ReLU that branch and skip both come from is on the stream', () => {
    const drawn: BlockGraph = {
      ...{ name: 'drawn', title: 'Drawn', description: '', output: 'sum' },
      nodes: [
        { id: 'relu', op: 'relu', inputs: ['input'] },
        { id: 'linear', op: 'linear', inputs: ['relu'], units: 1 },
        { id: 'sum', op: 'sum', inputs: ['relu', 'linear'] },
      ],
    }
    const all = series({ block: ['relu-after-addition', drawn] }, [ends(4, 1, 1.2), ends(4, 3, 0.2)])
    expect(textOf(all, 'relu-on-stream')).not.toContain('Drawn')
    expect(textOf([series({ block: [drawn] }, [ends(4, 1, 1.2)])[0]], 'relu-on-stream')).toContain('of Drawn')
  })

  test('nothing where no ReLU is on the stream, or its mean is small', () => {
    expect(textOf(series({ block: ['practical'] }, [ends(4, 1, 1.2)]), 'relu-on-stream')).toBeUndefined()
    expect(textOf(series({ block: ['original'] }, [ends(4, 3, 0.2)]), 'relu-on-stream')).toBeUndefined()
    expect(textOf(series({ block: ['original'] }, [ends(4, 1, 1.2)]), 'relu-on-stream')).toContain(
      'of Original',
    )
  })
})

test.each(['variance', 'batch-norm', 'relu-on-stream'] as const)(
  'the experiment of %s is valid, and known as it',
  (id) => {
    const stages = { stages: [{ blocks: 3, width: 16, stride: 1 as const }], shortcut: 'A' as const }
    const own = { ...openingExperiment(), seed: 7, gain: 0.5, network: stages }
    const shown = withLesson(own, id)
    expect(parseExperiment(JSON.parse(JSON.stringify(shown)))).toEqual(shown)
    expect(shown.seed).toBe(7)
    expect([isLesson(own, id), isLesson(shown, id)]).toEqual([false, true])
    expect(lessonExperiment(id).label).not.toBe('')
  },
)
