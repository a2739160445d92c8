import { STREAM } from '../numerics/random-streams'
import { Random } from '../numerics/random'
import { describedData, type DataChoice } from './data-sets'
import type { DataDescription } from './description'
import { dataSetOf } from './samples'
import { scaledSamples } from './scale'
import { labelLength, rowsOf, wantedOutputs } from './targets'

/** What goes into the network: noise, or the samples of a data set as vectors or with their positions. */
export type InputKind = 'normal' | 'mnist1d' | 'images' | 'sequence' | 'data' | 'data-grid'

interface InputChoice extends DataChoice {
  input?: InputKind
}

/** Whether the input is a data set's samples, each one vector. */
export const isVectorData = ({ input }: InputChoice): boolean => input === 'mnist1d' || input === 'data'

/** Whether the input is a data set's samples with their positions. */
export const isGridData = ({ input }: InputChoice): boolean => input === 'sequence' || input === 'data-grid'

/** Whether the input is a data set, and not noise. */
export const usesData = (choice: InputChoice): boolean => isVectorData(choice) || isGridData(choice)

/** The data set that goes in: MNIST-1D where the input names it, else the one that is chosen. */
const asInput = ({ input, data, ownData }: InputChoice): DataChoice =>
  input === 'mnist1d' || input === 'sequence' ? {} : { data, ownData }

/** What is known of the data set that goes in. */
export const inputData = (choice: InputChoice): DataDescription => describedData(asInput(choice))

/** Which training samples are the first batch of the input, in the seed's order. */
export function firstBatch(experiment: InputChoice & { batch: number; seed: number }): Int32Array {
  const { training } = inputData(experiment)
  const order = new Random(experiment.seed, STREAM.batches, 0).permutation(training)
  return order.subarray(0, experiment.batch)
}

/** Samples with what networks are to put out for them. */
interface Batch {
  /** [batch, values], float32. */
  x: Float32Array
  /** [batch, outputs] (see `wantedOutputs`). */
  y: Float32Array
}

/** The first batch of the input's training samples in the seed's order. */
export function dataBatch(experiment: InputChoice & { batch: number; seed: number }): Batch {
  return gatherBatch(firstBatch(experiment), asInput(experiment))
}

/** Training samples by their indices. @param smoothing of labels */
export function gatherBatch(samples: Int32Array, choice: DataChoice = {}, smoothing = 0): Batch {
  const data = dataSetOf(choice)
  const { training } = data
  return {
    x: scaledSamples(data, training, samples),
    y: wantedOutputs(data, rowsOf(training.y, samples, labelLength(data.description)), smoothing),
  }
}
