import { expect, test } from 'vitest'
import { curvesCsv, curvesOf } from '../../../shared/runs/curves'
import { RUN_KINDS, parseRunEntry } from '../../../shared/runs/run'
import { summaryOf, titleOf, variedOf } from '../../../shared/runs/summary'
import { defaultExperiment } from '../../../shared/settings/table'
import { refusal } from '../refusal'

const evaluations = {
  step: [0, 100],
  learningRate: [0.1, 0.05],
  train: {
    loss: [
      [2.3, 2.5],
      [0.5, 0.7],
    ],
    error: [
      [0.9, 0.9],
      [0.2, 0.4],
    ],
  },
  test: {
    loss: [
      [2.3, 2.5],
      [0.9, 1.1],
    ],
    error: [
      [0.9, 0.9],
      [0.3, 0.5],
    ],
  },
}
const trained = (skip: string) => ({
  block: 'practical',
  blockTitle: 'Practical',
  remedy: 'none',
  skip,
  evaluations,
})

test('a training’s curves are summaries over its networks, test error first', () => {
  const curves = curvesOf('train', { steps: 100, series: [trained('on'), trained('off')] }, 2)
  expect(curves[0]).toMatchObject({
    ...{ series: 0, name: 'none, residual', quantity: 'test error', axis: 'step', n: 2 },
    ...{ x: [0, 100], mean: [0.9, 0.4], median: [0.9, 0.4] },
    ...{ low: [0.9, expect.closeTo(0.31)], high: [0.9, expect.closeTo(0.49)] },
  })
  expect(curves.map(({ quantity }) => quantity)).toEqual([
    ...['test error', 'test loss', 'train error', 'train loss', 'learning rate'],
    ...['test error', 'test loss', 'train error', 'train loss', 'learning rate'],
  ])
  const lines = curvesCsv(curves).split('\r\n')
  expect(lines[0]).toBe('series,name,quantity,axis,x,mean,median,low,high,n')
  expect(lines[1]).toBe('0,"none, residual",test error,step,0,0.9,0.9,0.9,0.9,2')
  expect(lines).toHaveLength(2 * 5 * 2 + 2)
})

test('a summary says what the run came to, with spread and n', () => {
  const experiment = { ...defaultExperiment(), trainReplicas: 2, steps: 200 }
  const summary = summaryOf({ kind: 'train', experiment, result: { steps: 100, series: [trained('on')] } })
  expect(summary.figures[0]).toEqual({
    ...{ label: 'none: test error at step 100', value: 0.4, n: 2 },
    ...{ low: expect.closeTo(0.31) as number, high: expect.closeTo(0.49) as number },
  })
  expect(summary.thumbnail).toEqual({ x: [0, 100], curves: [{ name: 'none', y: [0.9, 0.4] }] })
  expect(summary.steps).toEqual({ done: 100, planned: 200 })
})

test('thumbnails have at most 60 points a curve, both ends included', () => {
  const mean = Array.from({ length: 1001 }, (_, k) => k + 1 / 3)
  const result = { series: [{ block: 'a', remedy: 'none', q: { mean } }] }
  const { thumbnail } = summaryOf({ kind: 'signal', experiment: defaultExperiment(), result })
  expect(thumbnail!.x).toHaveLength(60)
  expect([thumbnail!.x[0], thumbnail!.x[59]]).toEqual([0, 1000])
  expect(thumbnail!.curves[0].y[59]).toBe(1000)
})

test('lesions, paths, lines and depths have their curves', () => {
  const point = (mean: number) => ({ mean, low: mean - 1, high: mean + 1 })
  const head = { block: 'a', remedy: 'none' }
  const outcomes = [3, 1, 2].map((mean) => ({ cosine: point(mean) }))
  const lesion = { each: 2, series: [{ ...head, outcomes }] }
  expect(curvesOf('lesion', lesion, 1)).toMatchObject([
    { quantity: 'cosine', axis: 'block', x: [1, 2], mean: [3, 1] },
  ])
  const lengths = [0, 1].map((length) => ({ length, share: point(length), norm: point(2) }))
  expect(curvesOf('paths', { series: [{ ...head, measured: { lengths } }] }, 1)).toMatchObject([
    { quantity: 'share', axis: 'length', x: [0, 1], low: [-1, 0] },
    { quantity: 'norm', mean: [2, 2] },
  ])
  const acf = { mean: [1, 0.5], low: [1, 0.4], high: [1, 0.6] }
  expect(curvesOf('shatter', { series: [{ ...head, acf }] }, 1)).toMatchObject([
    { axis: 'lag', median: null },
  ])
  const error = { mean: [0.1, 0.5], median: [0.1, 0.5], low: [0.1, 0.4], high: [0.1, 0.6] }
  const series = [{ ...head, skip: 'off', depths: [2, 20], train: { error }, test: { error } }]
  const depth = summaryOf({ kind: 'depth', experiment: defaultExperiment(), result: { series } })
  expect(depth.figures.map(({ label }) => label)).toContain('none: train error at depth 20')
  expect(depth.thumbnail).toMatchObject({ x: [2, 20] })
})

test.each([null, 5, [], { series: 3 }, { series: [null, { q: 1 }, { q: { mean: ['a'] } }] }])(
  'of a result that is none, %j, nothing is read',
  (result) => {
    for (const kind of RUN_KINDS) {
      expect(curvesOf(kind, result, 1)).toEqual([])
      expect(summaryOf({ kind, experiment: defaultExperiment(), result })).toMatchObject({
        figures: [],
        thumbnail: null,
      })
    }
  },
)

test('titles name the networks, and what is varied', () => {
  const experiment = { ...defaultExperiment(), compare: ['practical'], remedies: ['none', 'rsqrt2'] }
  expect(titleOf(experiment)).toMatch(/^Type 2 and Type 3, L = \d+, width \d+$/)
  expect(variedOf(experiment)).toBe('block: Type 2, Type 3; remedy: none, 1/√2')
  expect(variedOf(defaultExperiment())).toBe('')
  const depth = { depths: [2, 6], skip: 'both' as const }
  expect(titleOf({ ...experiment, skip: 'off' }, depth)).toBe('Type 2 and Type 3, L = 2, 6, width 100')
  expect(variedOf(defaultExperiment(), depth)).toBe('depth: 2, 6; skip connection: on, off')
  expect(titleOf(defaultExperiment(), { ...depth, skip: 'off' })).toContain('without skip connections')
})

const ENTRY = {
  ...{
    id: 'fern-12',
    name: 'a',
    kind: 'signal',
    created: '2026-01-01T00:00:00Z',
    seconds: 1,
    state: 'finished',
  },
  ...{
    device: '',
    version: '1',
    seed: 1,
    title: '',
    varied: '',
    figures: [],
    thumbnail: null,
    settings: {},
    note: '',
  },
  ...{ tags: [], pinned: false, bytes: 0, command: null, removed: null, steps: null, canResume: false },
}

test.each([
  ['id', '../x'],
  ['id', 'Fern-1'],
  ['name', ''],
  ['name', 'a\nb'],
  ['kind', 'other'],
  ['created', 'yesterday'],
  ['seconds', -1],
  ['tags', ['a,b']],
  ['tags', [{}]],
  ['figures', [{ label: 'a' }]],
  ['thumbnail', { x: [1], curves: [{ name: 'a', y: [] }] }],
  ['settings', { a: {} }],
  ['note', 10],
])('an entry whose %s is %j is refused by name', (key, value) => {
  expect(parseRunEntry(ENTRY, 'run.json')).toEqual(ENTRY)
  expect(refusal(() => parseRunEntry({ ...ENTRY, [key]: value }, 'run.json'))).toContain(`run.json.${key}`)
})
