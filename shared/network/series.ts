import type { Experiment } from '../settings/experiment'
import type { BlockGraph } from '../graph/block-graph'
import { presetNamed } from '../block/presets'
import { finalBlock } from './plan'

/** The curves of an experiment with their final graphs: without the skip if that is off, with the remedy. */
export function seriesGraphs(experiment: Experiment): SeriesGraph[] {
  return seriesOf(experiment).map(({ block, remedy }) => ({
    block: block.name,
    blockTitle: block.title,
    remedy,
    ...finalBlock(block, remedy, experiment),
  }))
}

/** A curve before its graph is made: a block, and the name of the remedy for it. */
export interface SeriesSpecification {
  block: BlockGraph
  remedy: string
}

/**
 * The curves of an experiment, in the order they are measured and drawn: blocks × remedies, then the blocks to compare
 * with.
 */
export function seriesOf(experiment: Experiment): SeriesSpecification[] {
  const graph = (block: string | BlockGraph) => (typeof block === 'string' ? presetNamed(block) : block)
  const chosen = experiment.block.flatMap((block) =>
    experiment.remedies.map((remedy) => ({ block: graph(block), remedy })),
  )
  const others = experiment.compare.map((block) => ({ block: graph(block), remedy: 'none' }))
  const isNew = (s: SeriesSpecification) =>
    !chosen.some((c) => c.block.name === s.block.name && c.remedy === 'none')
  return [...chosen, ...others.filter(isNew)]
}

/** A curve: one block, repeated, with one remedy. */
export interface SeriesGraph {
  /** Name of the block before the remedy. */
  block: string
  blockTitle: string
  remedy: string
  /** Why the remedy left the block as it was. */
  note: string | null
  /** The block with the remedy (and without its skip, if that is off). */
  graph: BlockGraph
}
