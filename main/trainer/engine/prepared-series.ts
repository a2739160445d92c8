import { planNetwork, type PlannedBlock } from '../../../shared/network/plan'
import { seriesGraphs, type SeriesGraph } from '../../../shared/network/series'
import type { Experiment } from '../../../shared/settings/experiment'

/** One curve of an experiment with its blocks 1..L planned: what theory, memory estimate and engine read. */
export interface PreparedSeries {
  series: SeriesGraph
  plan: PlannedBlock[]
}

/**
 * The curves of an experiment, each planned once. The plan depends on blocks, width, input, stem, skip and
 * stages alone, so it serves any batch and any number of replicas.
 * @throws InputError when a block cannot make a stage's shape
 */
export const prepareSeries = (experiment: Experiment): PreparedSeries[] =>
  seriesGraphs(experiment).map((series) => ({ series, plan: planNetwork(series, experiment) }))
