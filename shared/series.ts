import { withoutSkip } from './blocks'
import { seriesOf, type Experiment } from './experiment'
import type { SeriesGraph } from './protocol'
import { remedyNamed } from './remedies'

/** The curves of an experiment with their final graphs: without the skip if that is off, with the remedy. */
export function seriesGraphs(experiment: Experiment): SeriesGraph[] {
  return seriesOf(experiment).map(({ block, remedy }) => {
    const base = experiment.skip === 'off' ? withoutSkip(block) : block
    const { graph, note } = remedyNamed(remedy).apply(base, { depth: experiment.blocks })
    return { block: block.name, blockTitle: block.title, remedy, note, graph }
  })
}
