import { describe, expect, test } from 'vitest'
import { depthPlan, layersOf, weightLayers } from '../../../shared/depth/cells'
import { depthCurvesCsv, depthCsv } from '../../../shared/depth/csv'
import { depthCurves, networkValues } from '../../../shared/depth/curves'
import { depthFinding, worsening } from '../../../shared/depth/findings'
import { networkTitle } from '../../../shared/network/series-names'
import { HE_2015, he2015, isHe2015 } from '../../../shared/depth/published'
import type { DepthCell } from '../../../shared/depth/results'
import { presetNamed } from '../../../shared/block/presets'
import { parseExperiment, trainingExperiment } from '../../../shared/experiment/experiment'
import { networkNamed, parameterCounts } from '../../../shared/experiment/preset-networks'
import { defaultExperiment } from '../../../shared/settings/table'
import type { Experiment } from '../../../shared/settings/experiment'
import { refusal } from '../refusal'

const experiment = (changes: Partial<Experiment>): Experiment => ({ ...defaultExperiment(), ...changes })

describe('settings', () => {
  const given = (depth: object) => () => parseExperiment({ depth })

  test('depths are numbers of blocks, ascending, each once', () => {
    expect(parseExperiment({ depth: { depths: [30, 2, 6, 2] } }).depth).toEqual({
      depths: [2, 6, 30],
      skip: 'both',
    })
  })

  test.each([
    [{ depths: [] }, 'experiment.depth.depths: this is not a list of 1 to 50 depths'],
    [
      { depths: [0] },
      'experiment.depth.depths: 0 is out of range. Give a whole number of blocks from 1 to 1000.',
    ],
    [{ depths: [2.5] }, 'experiment.depth.depths: 2.5 is not a whole number'],
    [{ skip: 'perhaps' }, 'experiment.depth.skip: "perhaps" is not a choice. Give both, on or off.'],
  ])('%j is refused', (depth, message) => {
    expect(refusal(given(depth))).toContain(message)
  })
})

describe('what is trained', () => {
  test('depths by residual and plain by remedy, the shallowest first', () => {
    const { series, cells } = depthPlan(
      experiment({ remedies: ['none', 'batch-norm'], depth: { depths: [2, 5], skip: 'both' } }),
    )
    expect(series.map(({ remedy, skip }) => `${remedy} ${skip}`)).toEqual([
      'none on',
      'batch-norm on',
      'none off',
      'batch-norm off',
    ])
    expect(cells.map(({ series: i, depth }) => [i, depth])).toEqual([
      ...[0, 1, 2, 3].map((i) => [i, 2]),
      ...[0, 1, 2, 3].map((i) => [i, 5]),
    ])
    const { experiment: own } = cells[7]
    expect([own.block, own.remedies, own.skip, own.blocks]).toEqual([
      ['relu-linear'],
      ['batch-norm'],
      'off',
      5,
    ])
    expect([own.input, own.stem, own.replicas]).toEqual(['mnist1d', 'linear', 5])
    expect(own).toEqual(trainingExperiment(own))
  })

  test('a remedy that leaves a plain block as it is makes the same network', () => {
    const { series, cells } = depthPlan(
      experiment({ remedies: ['none', 'rsqrt2'], depth: { depths: [3], skip: 'off' } }),
    )
    expect(series[1].note).not.toBeNull()
    expect(cells[0].key).toBe(cells[1].key)
    const residual = depthPlan(
      experiment({ remedies: ['none', 'rsqrt2'], depth: { depths: [3], skip: 'on' } }),
    )
    expect(residual.cells[0].key).not.toBe(residual.cells[1].key)
  })

  test('stages have equal lengths', () => {
    const { changes } = networkNamed('mnist1d-conv')
    const deep = (depths: number[]) => experiment({ ...changes, depth: { depths, skip: 'both' } })
    const { cells } = depthPlan(deep([9]))
    expect(cells[0].experiment.network!.stages.map(({ blocks }) => blocks)).toEqual([3, 3, 3])
    expect(refusal(() => depthPlan(deep([10])))).toBe(
      'depths: a network of 3 stages of equal length has no 10 blocks. Give multiples of 3.',
    )
  })

  test('layers are counted as He et al. count them', () => {
    expect(weightLayers(presetNamed('relu-linear'))).toBe(1)
    expect(weightLayers(presetNamed('original'))).toBe(2)
    expect(weightLayers(presetNamed('bottleneck'))).toBe(3)
    expect(layersOf(presetNamed('original'), 9)).toBe(20)
  })
})

describe('He et al. 2015', () => {
  test('the published depths are 6n + 2 layers', () => {
    expect(HE_2015.map(({ layers, blocks }) => [layers, blocks / 3])).toEqual(
      [20, 32, 44, 56, 110, 1202].map((layers) => [layers, (layers - 2) / 6]),
    )
    expect(HE_2015.map(({ error }) => Number((100 * error).toFixed(2)))).toEqual([
      8.75, 7.51, 7.17, 6.97, 6.43, 7.93,
    ])
  })

  test('the preset has their networks, at any depth, on CIFAR-10 or the images that are chosen', () => {
    const document = parseExperiment({ ...experiment(he2015()) })
    expect(isHe2015(document)).toBe(true)
    expect(document.data).toBe('cifar10')
    for (const { experiment: own } of depthPlan(document).cells)
      expect(own).toMatchObject({
        ...{ data: 'cifar10', input: 'data-grid' },
        ...{ augmentShift: 0, augmentCrop: 4, augmentFlip: 'on', augmentNoise: 0 },
      })
    const clothes = parseExperiment({
      ...experiment({ data: 'fashion-mnist', ...he2015({ data: 'fashion-mnist' }) }),
    })
    expect(clothes.data).toBe('fashion-mnist')
    expect(isHe2015(clothes)).toBe(true)
    expect(isHe2015({ ...clothes, input: 'data-grid' })).toBe(true)
    expect(he2015({ data: 'spirals' }).data).toBe('cifar10')
    expect(isHe2015(defaultExperiment())).toBe(false)
    const { cells } = depthPlan(document)
    const residual = cells.filter(({ experiment: own }) => own.skip === 'on')
    expect(residual.map(({ experiment: own }) => parameterCounts(own)[0])).toEqual([
      269_722, 464_154, 658_586, 853_018, 1_727_962,
    ])
  })
})

/** A cell whose last evaluation is given, network by network; before it all are at chance. */
function cell(series: number, depth: number, train: number[], testing: number[], p0 = 1): DepthCell {
  const chance = train.map(() => 0.9)
  const over = (last: number[]) => ({ loss: [chance, last.map((x) => 3 * x)], error: [chance, last] })
  return {
    series,
    depth,
    layers: depth + 2,
    parameters: 100 * depth,
    evaluations: { step: [0, 300], learningRate: [0.01, 0.01], train: over(train), test: over(testing) },
    p0: { mean: p0, median: p0, low: p0, high: p0 },
    failure: null,
    seconds: 1,
  }
}

const NETWORKS = (['on', 'off'] as const).map((skip) => ({
  block: 'relu-linear',
  blockTitle: 'Type 2: ReLU, then linear',
  remedy: 'batch-norm',
  note: null,
  skip,
}))

/** Three networks around a mean. */
const around = (mean: number, spread = 0.01) => [mean - spread, mean, mean + spread]

describe('curves', () => {
  test('arrays over depths, each with the spread over networks', () => {
    const cells = [cell(0, 10, around(0.2), around(0.4)), cell(0, 2, around(0.3), around(0.5), 2)]
    const [residual, plain] = depthCurves({ series: NETWORKS, cells })
    expect(residual.depths).toEqual([2, 10])
    expect(residual.parameters).toEqual([200, 1000])
    expect(residual.n).toEqual([3, 3])
    expect(residual.test.error.mean).toEqual([0.5, 0.4].map((x) => expect.closeTo(x, 12)))
    expect(residual.train.error.median).toEqual([0.3, 0.2])
    expect(residual.p0.mean).toEqual([2, 1])
    expect(plain.depths).toEqual([])
  })

  test('the best evaluation of each network by itself, the last where it is asked for', () => {
    const { evaluations } = cell(0, 2, [0.95, 0.1], [0.2, NaN])
    expect(networkValues(evaluations, 'train', 'error', 'final')).toEqual([0.95, 0.1])
    expect(networkValues(evaluations, 'train', 'error', 'best')).toEqual([0.9, 0.1])
    expect(networkValues(evaluations, 'test', 'error', 'best')).toEqual([0.2, 0.9])
    expect(networkValues(evaluations, 'test', 'error', 'final')).toEqual([0.2, NaN])
  })
})

describe('from which depth networks get worse', () => {
  const by = (errors: [depth: number, error: number[]][]) =>
    worsening(
      errors.map(([depth, error]) => cell(0, depth, error, error)),
      'test',
    )

  test('the shallowest of those that are all worse than the best', () => {
    const found = by([
      [2, around(0.34)],
      [6, around(0.3)],
      [10, around(0.31)],
      [20, around(0.5)],
      [30, around(0.6)],
    ])!
    expect([found.from, found.best.depth, found.deepest.depth]).toEqual([20, 6, 30])
    expect(found.deepest.error).toBeCloseTo(0.6, 12)
  })

  test('what is within the spread over networks is not called worse', () => {
    expect(
      by([
        [2, around(0.3, 0.1)],
        [10, around(0.35, 0.1)],
      ]),
    ).toBeNull()
    expect(
      by([
        [2, around(0.3, 0.001)],
        [10, around(0.35, 0.001)],
      ])!.from,
    ).toBe(10)
  })

  test('a depth that is as good again takes the word back', () => {
    expect(
      by([
        [2, around(0.3)],
        [10, around(0.5)],
        [20, around(0.3)],
      ]),
    ).toBeNull()
  })

  test('one network each: no less than two points', () => {
    expect(
      by([
        [2, [0.3]],
        [10, [0.315]],
      ]),
    ).toBeNull()
    expect(
      by([
        [2, [0.3]],
        [10, [0.33]],
      ])!.from,
    ).toBe(10)
  })

  test('networks that are not finite any more are worse than any', () => {
    const found = by([
      [2, around(0.3)],
      [10, [NaN, 0.2, 0.2]],
    ])!
    expect([found.from, found.deepest.error]).toEqual([10, NaN])
  })
})

describe('in words', () => {
  test('names', () => {
    expect(NETWORKS.map(networkTitle)).toEqual(['Type 2 + batch norm', 'plain Type 2 + batch norm'])
    expect(networkTitle({ ...NETWORKS[1], remedy: 'none' })).toBe('plain Type 2')
  })

  test('nothing is said of one depth', () => {
    const cells = [cell(0, 2, around(0.3), around(0.4)), cell(1, 2, around(0.3), around(0.4))]
    expect(depthFinding({ series: NETWORKS, cells })).toBe('')
  })

  const residual = [cell(0, 2, around(0.3), around(0.45)), cell(0, 30, around(0.2), around(0.44))]

  test('degradation: plain gets worse in training error too, residual does not', () => {
    const plain = [
      cell(1, 2, around(0.3), around(0.45)),
      cell(1, 10, around(0.302), around(0.455)),
      cell(1, 20, around(0.5), around(0.6), 960),
      cell(1, 30, around(0.6), around(0.7), 42_400),
    ]
    expect(depthFinding({ series: NETWORKS, cells: [...residual, ...plain] })).toBe(
      'Plain Type 2 + batch norm gets worse from 20 blocks on: test error 45.0 % at 2 blocks, 70.0 % at 30, and in ' +
        'training error too (30.0 % at 2 blocks, 60.0 % at 30): this is no overfitting. Its gradient does not ' +
        'vanish: at initialisation p_0 = 42400 at 30 blocks. Type 2 + batch norm does not: training error 30.0 % at ' +
        '2 blocks, 20.0 % at 30; test error 45.0 % at 2 blocks, 44.0 % at 30.',
    )
  })

  test('overfitting is no degradation', () => {
    const plain = [cell(1, 2, around(0.3), around(0.45)), cell(1, 30, around(0.1), around(0.7))]
    expect(depthFinding({ series: NETWORKS, cells: plain })).toBe(
      'Plain Type 2 + batch norm gets worse from 30 blocks on: test error 45.0 % at 2 blocks, 70.0 % at 30; its ' +
        'training error does not rise: it overfits.',
    )
  })

  test('nothing is seen', () => {
    const plain = [cell(1, 2, around(0.3), around(0.45)), cell(1, 30, around(0.3), around(0.45))]
    expect(depthFinding({ series: NETWORKS, cells: plain })).toMatch(
      /^Plain Type 2 \+ batch norm does not get worse with depth here: training error 30\.0 % at 2 blocks/,
    )
  })

  test('a gradient that has vanished is said to have', () => {
    const plain = [cell(1, 2, around(0.3), around(0.45)), cell(1, 30, around(0.8), around(0.8), 1e-6)]
    expect(depthFinding({ series: NETWORKS, cells: plain })).toContain(
      'Its gradient fades on the way down, too: at initialisation p_0 = 1.00e−6 at 30 blocks.',
    )
  })

  test('residual networks that diverge', () => {
    const lost = [cell(0, 2, around(0.3), around(0.45)), cell(0, 30, [NaN], [NaN])]
    expect(depthFinding({ series: NETWORKS, cells: lost })).toBe(
      'Type 2 + batch norm diverges from 30 blocks on.',
    )
  })
})

test('files hold every number', () => {
  const cells = [cell(1, 2, [0.25, 0.75], [0.5, NaN], 2)]
  const [header, row] = depthCsv({ series: NETWORKS, cells })
    .split('\r\n')
    .map((line) => line.split(','))
  const at = (name: string) => row[header.indexOf(name)]
  expect(['block', 'remedy', 'skip', 'depth', 'layers', 'n'].map(at)).toEqual([
    ...['relu-linear', 'batch-norm', 'off', '2', '4', '2'],
  ])
  expect(
    ['final_train_error_mean', 'final_test_error_mean', 'best_test_error_mean', 'p0_mean'].map(at),
  ).toEqual(['0.5', 'NaN', '0.7', '2'])
  const curves = depthCurvesCsv({ series: NETWORKS, cells }).split('\r\n')
  expect(curves).toHaveLength(4)
  expect(curves[2]).toMatch(/^relu-linear,batch-norm,off,2,2,300,0.01,.*,yes$/)
})

test('the file of learning curves holds the cell that was stopped, and says so', () => {
  const cells = [cell(1, 2, [0.25, 0.75], [0.5, 0.5], 2)]
  const stopped = { ...cell(0, 30, [0.5, 0.7], [0.6, 0.8]), steps: 120 }
  const [header, ...rows] = depthCurvesCsv({ series: NETWORKS, cells }, stopped).trim().split('\r\n')
  expect(header).toMatch(/^block,remedy,skip,depth,n,step,learning_rate,.*,test_error_high,finished$/)
  const { step } = stopped.evaluations
  expect(rows.filter((row) => row.endsWith(',no'))).toHaveLength(step.length)
  expect(rows.at(-1)).toMatch(new RegExp(`^relu-linear,batch-norm,on,30,2,${step.at(-1)},`))
  expect(rows.filter((row) => row.endsWith(',yes'))).toHaveLength(cells[0].evaluations.step.length)
  // It counts in no figure over depth.
  expect(depthCsv({ series: NETWORKS, cells })).not.toContain(',30,')
})
