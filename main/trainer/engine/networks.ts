import { dataBatch } from '../../../shared/data/batch'
import { MNIST1D_LENGTH, type Experiment } from '../../../shared/experiment/experiment'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import { operationOf } from '../../../shared/operations'
import { inputShape, planNetwork } from '../../../shared/network/plan'
import type { SeriesHeader, Theory } from '../../../shared/protocol/protocol'
import { seriesGraphs } from '../../../shared/network/series'
import { dataInput, normalInput, theoryOf, type InputMoments } from '../../../shared/theory/theory'

export { dataBatch, gatherBatch } from '../../../shared/data/batch'

/** Theories of networks that were asked for before: another seed, or a remedy that changes nothing, needs no second calculation. */
const known = new Map<string, Theory>()
const MOST_KNOWN = 200

/** The curves of an experiment with their final graphs and theory. */
export function seriesHeaders(experiment: Experiment): SeriesHeader[] {
  // Theory is of all networks: only a data set's samples depend on the seed.
  const asked = experiment.input === 'mnist1d' ? experiment : { ...experiment, seed: 0 }
  const { blocks, batch, init, gain, input, stem, network, seed } = asked
  const common = [blocks, batch, init, gain, input, stem, network?.stem, seed]
  const moments = inputMoments(asked)
  return seriesGraphs(experiment).map((series) => {
    const plan = planNetwork(series, experiment)
    // Blocks that follow one like them need not be told again.
    const changes = plan.flatMap((block, k) => (block === plan[k - 1] ? [] : [{ ...block, k }]))
    const nets = changes.map(({ graph, place, k }) => [k, place, graph.nodes, graph.output])
    const key = JSON.stringify([common, nets])
    const theory =
      known.get(key) ?? (typeof moments === 'string' ? noTheory(moments) : theoryOf(plan, asked, moments))
    if (known.size >= MOST_KNOWN) known.delete(known.keys().next().value!)
    known.set(key, theory)
    return { ...series, theory }
  })
}

/** h_0's moments, or why theory has none. */
function inputMoments(experiment: Experiment): InputMoments | string {
  const { input, stem, network, batch } = experiment
  if (stem === 'linear' && network?.stem) return 'the stem ends in a ReLU, so that h_0 is not Gaussian'
  if (input === 'sequence') return 'positions of a sequence differ in their values'
  if (input === 'mnist1d') {
    const moments = dataInput(dataBatch(experiment).x, batch, MNIST1D_LENGTH)
    return { ...moments, gaussian: stem === 'linear' }
  }
  return normalInput(stem, inputShape(experiment))
}

function noTheory(reason: string): Theory {
  const text = `No theory: ${reason}.`
  return { q: null, v: null, m: null, p: null, note: { q: text, v: text, m: text, p: text }, remark: null }
}

/** The layers whose weight gradients count as a block's. */
export function linearNodes(graph: BlockGraph): string[] {
  return graph.nodes.filter((node) => operationOf(node).kind === 'linear').map((node) => node.id)
}
