import { expect, test } from 'vitest'
import { emptySummary } from '../../../shared/numerics/statistics'
import type { RunDocument } from '../../../shared/runs/run'
import { defaultExperiment } from '../../../shared/settings/table'
import type { Connection } from '../../../renderer/base/connection'
import { FigureDesk, type FigureSource } from '../../../renderer/state/figure-desk.svelte'
import { entry } from '../../shared/runs/entries'

const BLOCKS = 3

/** A training that keeps its networks at two steps. */
function trained(): RunDocument {
  const summary = emptySummary(BLOCKS + 1)
  const keys = ['q', 'v', 'm', 'p', 'weightGradientNorm2', 'updateRatio']
  const networks = Object.fromEntries(keys.map((key) => [key, summary]))
  return {
    entry: entry({ kind: 'train' }),
    experiment: { ...defaultExperiment(), blocks: BLOCKS },
    ...{ environment: null, started: null },
    result: {
      series: [{ block: 'relu-linear', blockTitle: 'Type 1', remedy: 'none' }],
      frames: [0, 5].map((step) => ({ step, series: [networks] })),
    },
  }
}

const deskOf = () => new FigureDesk({} as Connection, () => Promise.resolve())

const sourceOf = (document: RunDocument, choices?: FigureSource['choices']): FigureSource => ({
  title: 'Figures',
  run: { entry: document.entry, read: () => Promise.resolve(document) },
  ...{ shown: [], chart: 'q', choices },
})

test('a chart at a step leaves other figures at the last one, and keeps how curves are drawn', async () => {
  const desk = deskOf()
  await desk.open(sourceOf(trained(), { step: 0, statistic: 'median' }))
  expect(desk.figure?.title).toBe('Forward: mean square q, step 0')
  desk.close()
  await desk.open(sourceOf(trained()))
  expect(desk.figure?.title).toBe('Forward: mean square q, step 5')
  expect(desk.choices).toEqual({ axis: 'log2', statistic: 'median', step: null })
})
