import { array3, type Array3 } from '../numerics/float64'
import type { BatchStatistics, BlockParameters } from '../block/interpreter'

/** One array of a trained network: row-major, [rows, columns]. */
export interface TrainedArray {
  shape: [number, number]
  values: number[]
}

/**
 * Parameters by node, in the order of the operations' `parameters`; noise is its mean. `statistics`, [1, units] each in
 * the order of the operation's own, are those over all training samples, where networks are evaluated with these.
 */
export type TrainedBlock = { node: string; parameters: TrainedArray[]; statistics?: TrainedArray[] }[]

/**
 * One trained network: what comes before the first block, the blocks, what comes after the last, and the linear layer
 * to the classes.
 */
export interface TrainedWeights {
  stem: TrainedBlock
  blocks: TrainedBlock[]
  head: TrainedBlock
  output: { weight: TrainedArray; bias: TrainedArray }
}

/** More numbers than this are not sent. */
export const MOST_TRAINED_NUMBERS = 4_000_000

const toArray3 = ({ shape, values }: TrainedArray): Array3 => array3([1, ...shape], values)

/** A block's parameters by node in float64, [1, rows, columns] each: what the interpreter takes. */
export const parametersOf = (block: TrainedBlock): BlockParameters<Array3> =>
  new Map(block.map(({ node, parameters }) => [node, parameters.map(toArray3)]))

/** A block's statistics over all training samples; undefined: it is evaluated with those of the samples that go in. */
export function trainedStatistics(block: TrainedBlock): BatchStatistics<Array3> | undefined {
  const own = block.flatMap(({ node, statistics }): [string, Array3[]][] =>
    statistics ? [[node, statistics.map(toArray3)]] : [],
  )
  return own.length ? new Map(own) : undefined
}

/** The whole network's parameters and statistics in float64. */
export const networkOf = ({ stem, blocks, head, output }: TrainedWeights) => ({
  stem: parametersOf(stem),
  blocks: blocks.map(parametersOf),
  head: parametersOf(head),
  output: { weight: toArray3(output.weight), bias: toArray3(output.bias) },
  statistics: {
    stem: trainedStatistics(stem),
    blocks: blocks.map(trainedStatistics),
    head: trainedStatistics(head),
  },
})
