import { firstBatch, inputData, isVectorData } from '../data/batch'
import { describedData } from '../data/data-sets'
import type { DataDescription } from '../data/description'
import type { NeededSamples } from '../data/some-samples'
import { seriesGraphs } from '../network/series'
import type { Experiment } from '../settings/experiment'
import { statisticsSamples, testBatch } from './trained'

/**
 * The samples that paths of one series are computed from; none where the program makes them itself.
 * @param isTrained whether those of trained networks are asked for, which see test samples
 */
export function samplesOfPaths(
  experiment: Experiment,
  isTrained: boolean,
): { description: DataDescription; needed: NeededSamples[] } | null {
  if (!isTrained && !isVectorData(experiment)) return null
  const description = isTrained ? describedData(experiment) : inputData(experiment)
  if (description.origin !== 'fetched' && description.origin !== 'own') return null
  if (!isTrained) return { description, needed: [{ part: 'training', indices: firstBatch(experiment) }] }
  const [{ graph }] = seriesGraphs(experiment)
  const first = (count: number) => Int32Array.from({ length: count }, (_, i) => i)
  return {
    description,
    needed: [
      { part: 'training', indices: first(statisticsSamples(graph, experiment)) },
      { part: 'test', indices: first(testBatch(experiment)) },
    ],
  }
}
