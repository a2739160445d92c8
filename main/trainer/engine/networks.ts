import { dataBatch } from '../../../shared/data-batch'
import { MNIST1D_LENGTH, type Experiment } from '../../../shared/experiment'
import type { BlockGraph } from '../../../shared/graph'
import { operationOf } from '../../../shared/operations'
import { planNetwork } from '../../../shared/plan'
import type { SeriesHeader } from '../../../shared/protocol'
import { seriesGraphs } from '../../../shared/series'
import { dataInput, normalInput, theoryOf, type InputMoments } from '../../../shared/theory'

export { dataBatch, gatherBatch } from '../../../shared/data-batch'

/** The curves of an experiment with their final graphs and theory. */
export function seriesHeaders(experiment: Experiment): SeriesHeader[] {
  const input = inputMoments(experiment)
  const known = new Map<string, SeriesHeader['theory']>()
  return seriesGraphs(experiment).map((series) => {
    const plan = planNetwork(series, experiment)
    // A remedy that changes nothing needs no second calculation.
    const key = JSON.stringify(plan.map(({ graph, place }) => [place, graph.nodes, graph.output]))
    const theory = known.get(key) ?? theoryOf(plan, experiment, input)
    known.set(key, theory)
    return { ...series, theory }
  })
}

function inputMoments(experiment: Experiment): InputMoments {
  if (experiment.input === 'normal') return normalInput(experiment.stem)
  const moments = dataInput(dataBatch(experiment).x, experiment.batch, MNIST1D_LENGTH)
  return { ...moments, gaussian: experiment.stem === 'linear' }
}

/** The layers whose weight gradients count as a block's. */
export function linearNodes(graph: BlockGraph): string[] {
  return graph.nodes.filter((node) => operationOf(node).kind === 'linear').map((node) => node.id)
}
