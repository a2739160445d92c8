import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { METRICS_FORMATS } from '../../../main/export/metrics/formats'
import { METRIC_COLUMNS, metricRows, metricsTable } from '../../../shared/runs/metrics-table'
import type { RunDocument } from '../../../shared/runs/run'
import { defaultExperiment } from '../../../shared/settings/table'
import { entry } from '../../shared/runs/entries'

/** With the frameworks of requirements.txt: `npm run test:interop` makes it, and names it. */
const PYTHON = process.env.RESIDUAL_LAB_INTEROP!

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'framework-metrics-'))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

/** Of two networks at two steps. */
const loss = [
  [2.5, 4],
  [NaN, 1],
]
const error = [
  [0.5, 0.75],
  [1, 0.25],
]
const outcomes = { loss, error }
const list = (mean: number[]) => ({ mean, median: mean, low: mean, high: mean })
const point = { mean: 1, median: 1, low: 0, high: 2 }
const series = { block: 'relu-linear', blockTitle: 'Type 2: ReLU, then linear' }
const evaluations = { step: [0, 300], learningRate: [0.01, 0.001], train: outcomes, test: outcomes }
const frame = (step: number) => ({
  step,
  series: [0, 1].map((i) => ({ q: list([1, 2 + i, Infinity]), loss: point, accuracy: point })),
})
const document: RunDocument = {
  entry: entry({ kind: 'train', created: '2026-01-01T00:00:00.500Z', steps: { done: 300, planned: 300 } }),
  experiment: { ...defaultExperiment(), trainReplicas: 2 },
  environment: null,
  started: null,
  result: {
    steps: 300,
    series: ['none', 'rsqrt2'].map((remedy) => ({ ...series, remedy, evaluations, parameters: 7 })),
    frames: [frame(0), frame(300)],
  },
}
const table = metricsTable(document)
const weights = Float32Array.of(-1, 0, 0.5, 1)
const source = {
  ...{ document, table },
  parameters: [{ series: 2, name: 'blocks.1.linear.weight', values: () => weights }],
}

interface Events {
  scalars: Record<string, [time: number, step: number, value: number | string][]>
  histograms: Record<string, unknown[][]>
  descriptions: Record<string, string>
}

let found: {
  names: string[]
  types: string[]
  rows: unknown[][]
  metadata: Record<string, string>
  createdBy: string
  csv: number
  runs: Record<string, Events>
}

beforeAll(() => {
  const paths = Object.fromEntries(METRICS_FORMATS.map(({ name }) => [name, path.join(folder, name)]))
  for (const format of METRICS_FORMATS)
    for (const [name, parts] of format.files(source)) {
      const file = path.join(paths[format.name], name)
      fs.mkdirSync(path.dirname(file), { recursive: true })
      fs.writeFileSync(file, Buffer.concat([...parts]))
    }
  const script = path.join(import.meta.dirname, 'open_metrics.py')
  const input = JSON.stringify(paths)
  const { status, stdout, stderr } = spawnSync(PYTHON, [script], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(stderr)
  found = JSON.parse(stdout) as typeof found
}, 120_000)

test('PyArrow reads the table from Parquet, cell by cell, with what it says of itself', () => {
  const rows = [...metricRows('fern-12', table.curves)]
  const asText = (cell: unknown) => (typeof cell === 'number' && !Number.isFinite(cell) ? String(cell) : cell)
  expect(found.names).toEqual(METRIC_COLUMNS.map(({ name }) => name))
  expect([...new Set(found.types)].sort()).toEqual(['double', 'int32', 'string'])
  expect(found.rows).toEqual(rows.map((row) => row.map(asText)))
  expect(found.csv).toBe(rows.length)
  expect(found.createdBy).toMatch(/^residual-lab version \d/)
  expect(JSON.parse(found.metadata['residual-lab.metrics'])).toEqual(table.metrics)
  expect(JSON.parse(found.metadata['residual-lab.experiment'])).toEqual(document.experiment)
  expect(JSON.parse(found.metadata['residual-lab.run'])).toMatchObject({ id: 'fern-12', kind: 'train' })
})

test('TensorBoard reads each series as a run: scalars by step, at the time of the run’s start', () => {
  expect(Object.keys(found.runs)).toEqual(['1 Type 2', '2 Type 2 + 1-√2'])
  const { scalars, descriptions } = found.runs['2 Type 2 + 1-√2']
  const time = Date.parse(document.entry.created) / 1000
  expect(scalars['test loss/mean']).toEqual([
    [time, 0, 3.25],
    [time, 300, 'NaN'],
  ])
  expect(scalars['learning rate']).toEqual([
    [time, 0, Math.fround(0.01)],
    [time, 300, Math.fround(0.001)],
  ])
  expect(scalars['q/block 1'].map(([, step, value]) => [step, value])).toEqual([
    [0, 3],
    [300, 3],
  ])
  expect(scalars['q/block 2'][0][2]).toBe('Infinity')
  expect(descriptions['test loss/mean']).toMatch(/^Cross-entropy in nats.* Unit: nats\.$/)
})

test('TensorBoard reads histograms over networks, blocks and parameters', () => {
  const { histograms } = found.runs['2 Type 2 + 1-√2']
  expect(histograms['test error/networks'][0]).toEqual([0, 0.5, 0.75, 2, 1.25, [0.625, 0.75], [1, 1]])
  expect(histograms['q/over blocks'][0].slice(0, 5)).toEqual([0, 1, 3, 2, 4])
  expect(histograms['parameters/blocks.1.linear.weight']).toEqual([
    [300, -1, 1, 4, 0.5, [-1 + 2 / 3, -1 + 4 / 3, 1], [1, 1, 2]],
  ])
  expect(found.runs['1 Type 2'].histograms['parameters/blocks.1.linear.weight']).toBeUndefined()
})
