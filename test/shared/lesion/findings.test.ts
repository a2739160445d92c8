import { describe, expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import { deletionCounts, lesionOrder, lesionsOf, parseLesions } from '../../../shared/lesion/lesion'
import {
  distinct,
  eachCurves,
  eachFinding,
  errorFinding,
  randomCurves,
  randomFinding,
} from '../../../shared/lesion/findings'
import { defaultLesionSettings, parseLesionSettings } from '../../../shared/settings/lesion'
import type { LesionResult } from '../../../shared/lesion/results'

const blocks = 4

/** Networks whose cosine after each deletion is given. */
function result(
  remedy: string,
  cosines: number[],
  set = lesionsOf({ set: 'each', kind: 'delete' }, blocks),
): LesionResult {
  const graph = presetNamed('relu-linear')
  const outcomes = cosines.map((mean) => ({ cosine: { mean, low: mean - 0.1, high: mean + 0.1 } }))
  const series = [
    { block: graph.name, blockTitle: graph.title, remedy, note: null, graph, outcomes, intact: null },
  ]
  return { finished: true, lesions: set, each: set.length, series }
}

describe('each block in turn', () => {
  const residual = eachCurves(result('batch-norm', [0.7, 0.8, 0.9, 1]))
  const plain = eachCurves(result('batch-norm', [0.1, 0.2, 0.3, 0.4]))

  test('x is the block', () => {
    expect(residual[0].points.map(({ x, mean }) => [x, mean])).toEqual([
      [1, 0.7],
      [2, 0.8],
      [3, 0.9],
      [4, 1],
    ])
  })

  test('the sentence holds residual against plain, and names the weakest block', () => {
    expect(eachFinding(residual, plain, 'delete')).toBe(
      'Type 2 with batch norm: after deleting any one block, the output keeps a cosine of 0.850 to the ' +
        'intact one on average in the residual network, 0.250 in the plain one. The residual network depends ' +
        'most on block 1 (0.700).',
    )
  })

  test('without plain networks it speaks of the residual ones; of nothing, it says nothing', () => {
    expect(eachFinding(residual, [], 'duplicate')).toContain('after running any one block twice')
    expect(eachFinding([], [], 'delete')).toBe('')
  })

  test('what is not finite is no finding', () => {
    expect(eachFinding(eachCurves(result('none', [NaN, NaN, NaN, NaN])), [], 'delete')).toBe('')
  })
})

describe('random deletions', () => {
  const set = lesionsOf({ set: 'random', draws: 2, seed: 1 }, blocks)
  const curves = randomCurves({ ...result('none', [0.9, 0.7, 0.6, 0.5, 0.2, 0], set), each: 0 })

  test('mean and ends over the draws, by the number of deleted blocks', () => {
    const [one] = curves
    expect(one.points.map(({ x }) => x)).toEqual([1, 2, 3])
    expect(one.points[0].mean).toBeCloseTo(0.8, 12)
    expect([one.points[0].low, one.points[0].high]).toEqual([0.7, 0.9])
  })

  test('the last number of deletions that leaves at least one half', () => {
    expect(randomFinding(curves, blocks)).toBe(
      'Type 2 bears most: with 2 of 4 blocks deleted at random, the cosine is still at least 0.5.',
    )
  })

  test('choices are distinct blocks, sorted, and the same for the same seed', () => {
    expect(set).toEqual(lesionsOf({ set: 'random', draws: 2, seed: 1 }, blocks))
    expect(set).not.toEqual(lesionsOf({ set: 'random', draws: 2, seed: 2 }, blocks))
    for (const lesion of set) {
      const numbers = 'delete' in lesion ? lesion.delete : []
      expect([...new Set(numbers)].sort()).toEqual(numbers)
    }
    expect(deletionCounts(1)).toEqual([1])
    expect(deletionCounts(100)).toHaveLength(12)
    expect([deletionCounts(100)[0], deletionCounts(100).at(-1)]).toEqual([1, 99])
  })
})

test('exchanges are one fewer than blocks, and need two', () => {
  const set = parseLesions({ each: 'exchange' }, 4, 1)
  expect(lesionsOf(set, 4)).toEqual([{ permute: [1, 2] }, { permute: [2, 3] }, { permute: [3, 4] }])
  expect(() => parseLesions({ each: 'exchange' }, 1, 1)).toThrow(
    '--each: one block has no other to change places with. Give more blocks.',
  )
})

test('a doubled block runs twice in a row', () => {
  expect(lesionOrder({ duplicate: [2, 4] }, 4)).toEqual([1, 2, 2, 3, 4, 4])
})

test('curves of the same graph are one', () => {
  const both = [...eachCurves(result('none', [1])), ...eachCurves(result('rsqrt2', [1]))]
  expect(distinct(both)).toHaveLength(1)
})

describe('settings in a file', () => {
  test('absent ones take their defaults', () => {
    expect(parseLesionSettings({ draws: 3 }, 'lesion')).toEqual({ ...defaultLesionSettings(), draws: 3 })
  })
  test.each([
    [[], 'lesion: these are not settings of lesions (a JSON object). Remove them for the defaults.'],
    [{ kind: 'kill' }, 'lesion.kind: "kill" is not a choice. Give delete, duplicate or exchange.'],
    [{ draws: 0 }, 'lesion.draws: 0 is not a number that fits. Give a whole number from 1 to 200.'],
    [{ batch: 1.5 }, 'lesion.batch: 1.5 is not a number that fits. Give a whole number from 1 to 4000.'],
  ])('%j', (value, message) => {
    expect(() => parseLesionSettings(value, 'lesion')).toThrow(message)
  })
})

describe('trained networks', () => {
  /** Deletions after which so many test samples are right, of networks that get `intact` right. */
  function trained(remedy: string, intact: number, right: number[]): LesionResult {
    const spread = (mean: number) => ({ mean, low: mean - 0.1, high: mean + 0.05 })
    const found = result(remedy, right)
    const [series] = found.series
    series.intact = { loss: spread(1), accuracy: spread(intact) }
    series.outcomes.forEach((outcome, i) => {
      outcome.classified = { loss: spread(1), accuracy: spread(right[i]) }
    })
    return found
  }
  const residual = eachCurves(trained('batch-norm', 0.7, [0.6, 0.65, 0.65, 0.7]), 'error')
  const plain = eachCurves(trained('batch-norm', 0.6, [0.1, 0.1, 0.1, 0.1]), 'error')

  test('are drawn by their error, whose smallest share is the largest right one’s', () => {
    expect(residual[0].intact).toBeCloseTo(0.3, 12)
    const [{ mean, low, high }] = residual[0].points
    expect([mean, low, high].map((value) => value.toFixed(2))).toEqual(['0.40', '0.35', '0.50'])
  })

  test('training samples have curves of their own, where a run says what they are worth', () => {
    const own = trained('batch-norm', 0.7, [0.6, 0.65, 0.65, 0.7])
    expect(eachCurves(own, 'train error')[0].points[0].mean).toBeNaN()
    const [series] = own.series
    const spread = (mean: number) => ({ mean, low: mean, high: mean })
    series.intact!.training = { loss: spread(0.5), accuracy: spread(0.9) }
    series.outcomes.forEach(({ classified }) => {
      classified!.training = { loss: spread(0.8), accuracy: spread(0.75) }
    })
    const curves = eachCurves(own, 'train error')
    expect(curves[0].intact).toBeCloseTo(0.1, 12)
    expect(curves[0].points.map(({ mean }) => mean)).toEqual([0.25, 0.25, 0.25, 0.25])
    expect(eachCurves(own, 'train loss')[0].points[0].mean).toBe(0.8)
    expect(errorFinding(curves, [], 'training')).toBe(
      'Type 2 with batch norm, residual: training error 10.0 % when intact, 15.0 points more after such a change on ' +
        'average.',
    )
  })

  test('who loses least and most is said in points of the test error', () => {
    expect(errorFinding(residual, plain)).toBe(
      'Least lost: Type 2 with batch norm, residual: test error 30.0 % when intact, 5.00 points more after such a ' +
        'change on average. Most: Type 2 with batch norm, plain: test error 40.0 % when intact, 50.0 points more ' +
        'after such a change on average.',
    )
  })
})
