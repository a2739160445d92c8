import { seriesOf, type Experiment } from '../experiment/experiment'
import { finalBlock } from './plan'
import type { SeriesGraph } from '../protocol/protocol'

/** The curves of an experiment with their final graphs: without the skip if that is off, with the remedy. */
export function seriesGraphs(experiment: Experiment): SeriesGraph[] {
  return seriesOf(experiment).map(({ block, remedy }) => ({
    block: block.name,
    blockTitle: block.title,
    remedy,
    ...finalBlock(block, remedy, experiment),
  }))
}
