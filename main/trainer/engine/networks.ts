import type { Experiment } from '../../../shared/experiment'
import type { BlockGraph } from '../../../shared/graph'
import { mnist1d } from '../../../shared/mnist1d'
import type { SeriesHeader } from '../../../shared/protocol'
import { seriesGraphs } from '../../../shared/series'
import { STREAM } from '../../../shared/initialisation'
import { Random } from '../../../shared/random'
import { dataInput, normalInput, theoryOf, type InputMoments } from '../../../shared/theory'
import { MNIST1D_LENGTH } from '../../../shared/experiment'

/** The curves of an experiment with their final graphs and theory. */
export function seriesHeaders(experiment: Experiment): SeriesHeader[] {
  const input = inputMoments(experiment)
  const known = new Map<string, SeriesHeader['theory']>()
  return seriesGraphs(experiment).map((series) => {
    const { graph } = series
    // A remedy that changes nothing needs no second calculation.
    const key = JSON.stringify([graph.nodes, graph.output])
    const theory = known.get(key) ?? theoryOf(graph, experiment, input)
    known.set(key, theory)
    return { ...series, theory }
  })
}

function inputMoments(experiment: Experiment): InputMoments {
  if (experiment.input === 'normal') return normalInput(experiment.stem)
  const moments = dataInput(dataBatch(experiment).x, experiment.batch, MNIST1D_LENGTH)
  return { ...moments, gaussian: experiment.stem === 'linear' }
}

/** The first batch of MNIST-1D's training samples in the seed's order. `x` [batch, 40], float32. */
export function dataBatch(experiment: Pick<Experiment, 'batch' | 'seed'>): {
  x: Float32Array
  y: Uint8Array
} {
  const order = new Random(experiment.seed, STREAM.batches, 0).permutation(mnist1d().y.length)
  return gatherBatch(order.subarray(0, experiment.batch))
}

export function gatherBatch(samples: Int32Array): { x: Float32Array; y: Uint8Array } {
  const data = mnist1d()
  const x = new Float32Array(samples.length * MNIST1D_LENGTH)
  samples.forEach((sample, i) => {
    x.set(data.x.subarray(sample * MNIST1D_LENGTH, (sample + 1) * MNIST1D_LENGTH), i * MNIST1D_LENGTH)
  })
  return { x, y: Uint8Array.from(samples, (sample) => data.y[sample]) }
}

/** How many linear layers' weight gradients count as a block's. */
export function linearNodes(graph: BlockGraph): string[] {
  return graph.nodes.filter((node) => node.op === 'linear').map((node) => node.id)
}
