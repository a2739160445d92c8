import { array3, type Array3 } from '../numerics/float64'
import { statisticsOf, type BatchStatistics, type BlockParameters } from '../block/interpreter'
import { forwardNetwork, type Network64 } from '../network/float64-network'
import { operationOf } from '../operations'

/** What one sample of a batch meets on its way through a network. */
export interface SamplePass {
  /** h_0..h_L of that sample, [1, 1, N] each. */
  inputs: Array3[]
  /** Parameters of blocks 1..L; of noise that is drawn for every sample anew, this sample's. */
  blocks: BlockParameters<Array3>[]
  /** Of blocks 1..L, over the whole batch. */
  statistics: BatchStatistics<Array3>[]
}

/** @param sample of the batch that goes in, from 0 */
export function passOfSample(network: Network64, sample = 0): SamplePass {
  const { graph, input } = network
  const traces = forwardNetwork(network)
  const noises = new Set(graph.nodes.filter((node) => operationOf(node).kind === 'noise').map(({ id }) => id))
  const ofSample = (one: Array3) => (one.shape[1] === 1 ? one : rowOf(one, sample))
  return {
    inputs: [input, ...traces.map((trace) => trace.output)].map((h) => rowOf(h, sample)),
    blocks: network.blocks.map(
      (own) => new Map([...own].map(([id, ones]) => [id, noises.has(id) ? ones.map(ofSample) : ones])),
    ),
    statistics: traces.map((trace) => statisticsOf(graph, trace)),
  }
}

function rowOf({ shape: [, , width], values }: Array3, sample: number): Array3 {
  return array3([1, 1, width], values.subarray(sample * width, (sample + 1) * width))
}
