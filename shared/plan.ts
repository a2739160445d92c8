import type { Experiment } from './experiment'
import type { BlockGraph } from './graph'
import { shapesOf } from './operations'
import { placeOf, type BlockPlace, type Shape } from './shape'

/** One block of a network: its graph (remedy applied) and the shapes it works on. Equal blocks are one object. */
export interface PlannedBlock {
  graph: BlockGraph
  place: BlockPlace
  /** Of every edge, by node id (and `input`). */
  shapes: ReadonlyMap<string, Shape>
}

export const outputShape = ({ graph, shapes }: PlannedBlock): Shape => shapes.get(graph.output)!

/** Blocks 1..L of a network that repeats one block. */
export function planNetwork(
  graph: BlockGraph,
  experiment: Pick<Experiment, 'blocks' | 'width'>,
): PlannedBlock[] {
  const place = placeOf(experiment.width)
  const planned = { graph, place, shapes: shapesOf(graph, place) }
  return Array.from({ length: experiment.blocks }, () => planned)
}
