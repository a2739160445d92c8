import { seriesGraphs, type SeriesGraph } from '../../shared/network/series'
import type { Experiment } from '../../shared/settings/experiment'
import { pathsOfReplica, theoryOfSeries, type PathRequest } from '../../shared/paths/series-paths'
import { pathsAtSample, type TrainedPathRequest } from '../../shared/paths/trained'
import { inputShape, planNetwork } from '../../shared/network/plan'
import type { Theory } from '../../shared/theory/series'
import { normalInput } from '../../shared/theory/input'
import { theoryOf } from '../../shared/theory/theory'
import type { DataDescription } from '../../shared/data/description'
import { readKeptData } from '../../shared/data/samples'
import type { PartName, SampleSlice } from '../../shared/data/slice'
import { someSamples } from '../../shared/data/some-samples'
import { sharedBlock } from '../../shared/block/link'
import { readOpened } from '../base/opened'
import { checkDerivative, drawSlice, findRegions } from './shatter'

interface SentSamples {
  description: DataDescription
  slices: { part: PartName; slice: SampleSlice }[]
}

/**
 * What the page's own worker computes: pure functions of shared/ that would hold up the screen. Each takes and gives
 * what can be cloned.
 */
export const TASKS = {
  /** What others have made, see unpack.ts. */
  opened: ({ text, name }: { text: string; name: string }) => readOpened(text, name),
  sharedBlock,
  /** Theory of every curve of an experiment over Gaussian noise. */
  theory(experiment: Experiment): { series: SeriesGraph; theory: Theory }[] {
    const input = normalInput(experiment.stem, inputShape(experiment))
    return seriesGraphs(experiment).map((series) => ({
      series,
      theory: theoryOf(planNetwork(series, experiment), experiment, input),
    }))
  },
  /**
   * Samples that the host has sent are those that later tasks find, until others are; where a task needs more of them,
   * it fails.
   */
  holdSamples({ description, slices }: SentSamples): null {
    const data = someSamples(description, slices)
    readKeptData(() => data)
    return null
  },
  /** What one network says of its paths; a page asks for one after the other, so that it knows how far it is. */
  paths({ request, replica }: { request: PathRequest; replica: number }) {
    return pathsOfReplica(request, replica)
  },
  /** What a trained network says of its paths at one test sample. */
  trainedPaths({ request, sample }: { request: TrainedPathRequest; sample: number }) {
    return pathsAtSample(request, sample)
  },
  pathTheory: theoryOfSeries,
  /** Theory of an experiment's first curve, coarse where it has no closed form: while its block is edited. */
  liveTheory(experiment: Experiment): Theory {
    const [series] = seriesGraphs(experiment)
    return theoryOf(
      planNetwork(series, experiment),
      experiment,
      normalInput(experiment.stem, inputShape(experiment)),
      {
        live: true,
      },
    )
  },
  /**
   * For `shatter`: the derivative checked, regions of the line, patterns of the plane; the last two report on their
   * way.
   */
  shatterCheck: checkDerivative,
  shatterLine: findRegions,
  shatterSlice: drawSlice,
} as const

export type Tasks = typeof TASKS
export type TaskName = keyof Tasks
