import { describe, expect, test } from 'vitest'
import { METRIC_COLUMNS, metricRows, metricsTable } from '../../../shared/runs/metrics-table'
import type { RunDocument } from '../../../shared/runs/run'
import { defaultExperiment } from '../../../shared/settings/table'
import { entry } from './entries'

const summary = (...mean: number[]) => ({
  ...{ mean, median: mean, low: mean.map((one) => one - 1), high: mean.map((one) => one + 1) },
})

const documentOf = (own: Partial<RunDocument>): RunDocument => ({
  ...{ entry: entry(), experiment: defaultExperiment(), environment: null, started: null, result: null },
  ...own,
})

const SERIES = { block: 'relu-linear', blockTitle: 'Type 2: ReLU, then linear', remedy: 'none' }

/** Lines as objects, without what is empty. */
function linesOf(document: RunDocument) {
  const { curves } = metricsTable(document)
  return [...metricRows(document.entry.id, curves)].map((row) =>
    Object.fromEntries(
      METRIC_COLUMNS.map(({ name }, i) => [name, row[i]] as const).filter(([, cell]) => cell !== null),
    ),
  )
}

test('a measurement: a line for each statistic and block, and theory beside them', () => {
  const theory = { q: [1, 2], v: null, m: null, p: null, note: {}, remark: null }
  const lines = linesOf(
    documentOf({ result: { series: [{ ...SERIES, q: summary(1, Infinity), theory, seconds: 0.5 }] } }),
  )
  const facts = {
    ...{ run: 'fern-12', series: 1, name: 'Type 2', block: 'relu-linear', remedy: 'none', skip: 'on' },
    ...{ blocks: 20 },
  }
  expect(lines.slice(5)).toEqual([
    { ...facts, metric: 'q', k: 1, statistic: 'mean', n: 20, value: Infinity },
    { ...facts, metric: 'q', k: 1, statistic: 'median', n: 20, value: Infinity },
    { ...facts, metric: 'q', k: 1, statistic: 'low', n: 20, value: Infinity },
    { ...facts, metric: 'q', k: 1, statistic: 'high', n: 20, value: Infinity },
    { ...facts, metric: 'q', k: 1, statistic: 'theory', value: 2 },
    { ...facts, metric: 'seconds', value: 0.5 },
  ])
})

describe('a training', () => {
  const outcomes = { loss: [[2, 4]], error: [[0.5, 0.7]] }
  const evaluations = { step: [10], learningRate: [0.01], train: outcomes, test: outcomes }
  const point = { mean: 1, median: 1, low: 0, high: 2 }
  const frame = {
    step: 10,
    series: [{ q: summary(1, 2), updateRatio: summary(0.01), loss: point, accuracy: point }],
  }
  const document = documentOf({
    entry: entry({ kind: 'train' }),
    experiment: { ...defaultExperiment(), trainReplicas: 2, data: 'mnist1d' },
    result: { steps: 10, series: [{ ...SERIES, evaluations, parameters: 7 }], frames: [frame] },
  })

  test('has each network’s values, and blocks by step', () => {
    const lines = linesOf(document)
    const of = (metric: string) =>
      lines
        .filter((line) => line.metric === metric)
        .map(({ step, k, statistic, replica, n, value }) => ({ step, k, statistic, replica, n, value }))
    expect(of('test loss')).toEqual([
      { step: 10, statistic: 'mean', n: 2, value: 3 },
      { step: 10, statistic: 'median', n: 2, value: 3 },
      { step: 10, statistic: 'low', n: 2, value: 2.1 },
      { step: 10, statistic: 'high', n: 2, value: 3.9 },
      { step: 10, replica: 1, n: 1, value: 2 },
      { step: 10, replica: 2, n: 1, value: 4 },
    ])
    expect(of('learning rate')).toEqual([{ step: 10, value: 0.01 }])
    expect(of('parameters')).toEqual([{ value: 7 }])
    expect(of('q').filter(({ statistic }) => statistic === 'mean')).toEqual([
      { step: 10, k: 0, statistic: 'mean', n: 2, value: 1 },
      { step: 10, k: 1, statistic: 'mean', n: 2, value: 2 },
    ])
    // Of weights there are none before the first block.
    expect(of('updateRatio')[0]).toEqual({ step: 10, k: 1, statistic: 'mean', n: 2, value: 0.01 })
    expect(of('batch loss')[0]).toEqual({ step: 10, statistic: 'mean', n: 2, value: 1 })
  })

  test('says what its metrics are, each once, in units', () => {
    const { metrics } = metricsTable(document)
    expect(metrics.map(({ metric }) => metric)).toEqual([
      ...['test error', 'test loss', 'train error', 'train loss', 'learning rate', 'parameters'],
      ...['q', 'updateRatio', 'batch loss', 'batch accuracy'],
    ])
    expect(metrics.find(({ metric }) => metric === 'test loss')).toMatchObject({ unit: 'nats' })
    for (const { meaning } of metrics) expect(meaning).toMatch(/\.$/)
  })

  test('of real targets has losses that are no nats', () => {
    const experiment = { ...document.experiment, data: 'sinc' }
    const { metrics } = metricsTable({ ...document, experiment })
    expect(metrics.find(({ metric }) => metric === 'test loss')).toMatchObject({ unit: 'squared error' })
  })
})

test('a comparison of depths: its figures by depth, and each depth’s learning curves', () => {
  const outcomes = { loss: [[2], [1]], error: [[0.5], [0.4]] }
  const evaluations = { step: [0, 5], learningRate: [0.1, 0.1], train: outcomes, test: outcomes }
  const curve = { ...SERIES, skip: 'off', depths: [3], test: { error: summary(0.4) } }
  const result = { series: [curve], cells: [{ series: 0, depth: 3, evaluations }] }
  const lines = linesOf(documentOf({ entry: entry({ kind: 'depth' }), result }))
  const means = lines.filter(({ metric, statistic }) => metric === 'test error' && statistic === 'mean')
  expect(means.map(({ name, blocks, step, depth, value }) => [name, blocks, step, depth, value])).toEqual([
    ['plain Type 2', 3, undefined, 3, 0.4],
    ['plain Type 2', 3, 0, 3, 0.5],
    ['plain Type 2', 3, 5, 3, 0.4],
  ])
})

test('what a run has not measured, or nobody understands, is left out', () => {
  expect(metricsTable(documentOf({})).curves).toEqual([])
  expect(
    metricsTable(documentOf({ result: { series: [{ q: 3 }, null], frames: 'x', cells: [7] } })).curves,
  ).toEqual([])
})
