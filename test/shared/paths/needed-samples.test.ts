import { afterEach, expect, test } from 'vitest'
import { describedData } from '../../../shared/data/data-sets'
import type { DataSet } from '../../../shared/data/description'
import { dataSetOf, readKeptData } from '../../../shared/data/samples'
import { mostSamples, samplesAt } from '../../../shared/data/slice'
import { someSamples } from '../../../shared/data/some-samples'
import { samplesOfPaths } from '../../../shared/paths/needed-samples'
import { pathsOfReplica, theoryOfSeries } from '../../../shared/paths/series-paths'
import { pathsAtSample } from '../../../shared/paths/trained'
import type { Experiment } from '../../../shared/settings/experiment'
import { defaultExperiment } from '../../../shared/settings/table'

afterEach(() => readKeptData(() => expect.fail('no samples are to be read here')))

/** The digits as a data set of the user's, standardised by pixel. */
function ownDigits(): DataSet {
  const { description, ...parts } = dataSetOf({ data: 'digits' })
  const own = { ...description, name: 'mine', origin: 'own' as const, sha256: 'f'.repeat(64) }
  const deviation = new Float64Array(64).fill(3.7)
  return {
    description: own,
    ...parts,
    scale: { mean: Float64Array.from({ length: 64 }, (_, i) => i / 9), deviation },
  }
}

const whole = ownDigits()
const experiment: Experiment = {
  ...defaultExperiment(),
  ...{
    blocks: 3,
    width: 6,
    batch: 40,
    replicas: 2,
    stem: 'linear',
    input: 'data',
    data: 'mine',
    ownData: whole.description,
  },
  block: ['full-preactivation'],
}

/** What the host sends of what is asked for. */
function sent(isTrained: boolean, asked = experiment): DataSet {
  const { description, needed } = samplesOfPaths(asked, isTrained)!
  const slices = needed.flatMap(({ part, indices }) => {
    const each = mostSamples(64)
    return Array.from({ length: Math.ceil(indices.length / each) }, (_, i) => {
      return { part, slice: samplesAt(whole, part, indices.slice(i * each, (i + 1) * each)) }
    })
  })
  return someSamples(description, slices)
}

test('paths of networks at initialisation are those of the whole data set', () => {
  const request = { experiment, listing: 'all' } as const
  const found = () => [pathsOfReplica(request, 1), theoryOfSeries(experiment)]
  readKeptData(() => whole)
  const expected = found()
  readKeptData(() => sent(false))
  expect(found()).toEqual(expected)
})

test('paths at test samples are too, with batch norm’s statistics over the training samples', () => {
  const request = { experiment, listing: 'all', weights: null } as const
  readKeptData(() => whole)
  const expected = pathsAtSample(request, 3)
  const some = sent(true)
  // Other settings, so that statistics which were taken before are not those that are found.
  pathsAtSample({ ...request, experiment: { ...experiment, seed: 9 } }, 3)
  readKeptData(() => some)
  expect(pathsAtSample(request, 3)).toEqual(expected)
  // All that are evaluated, and no more of the training part where nothing normalises.
  const counts = (asked: Experiment) =>
    samplesOfPaths(asked, true)!.needed.map(({ indices }) => indices.length)
  expect(counts(experiment)).toEqual([describedData(experiment).training, 40])
  expect(counts({ ...experiment, block: ['relu-linear'] })).toEqual([0, 40])
  expect(counts({ ...experiment, batchStatistics: 'evaluated' })).toEqual([0, 40])
})

test('nothing is needed of what the program makes, and what was not sent is not there', () => {
  expect(samplesOfPaths({ ...experiment, data: 'digits' }, true)).toBeNull()
  expect(samplesOfPaths({ ...experiment, input: 'mnist1d' }, false)).toBeNull()
  expect(samplesOfPaths({ ...experiment, input: 'normal' }, false)).toBeNull()
  readKeptData(() => sent(false))
  expect(() => pathsAtSample({ experiment, listing: 'all', weights: null }, 0)).toThrow('was not sent.')
})
