import { dataBatch } from '../../../shared/data/batch'
import type { Experiment } from '../../../shared/settings/experiment'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import { operationOf } from '../../../shared/operations'
import { planNetwork } from '../../../shared/network/plan'
import type { SeriesHeader } from '../../../shared/theory/series'
import type { Theory } from '../../../shared/theory/series'
import { seriesGraphs } from '../../../shared/network/series'
import { streamInput } from '../../../shared/theory/input'
import { theoryOf } from '../../../shared/theory/theory'
import { ofAllSeeds } from '../../../shared/theory/walk'

export { dataBatch, gatherBatch } from '../../../shared/data/batch'

/** Theories of networks that were asked for before: another seed, or a remedy that changes nothing, needs no second calculation. */
const known = new Map<string, Theory>()
const MOST_KNOWN = 200

/** The curves of an experiment with their final graphs and theory. */
export function seriesHeaders(experiment: Experiment): SeriesHeader[] {
  const asked = ofAllSeeds(experiment)
  const { blocks, batch, init, gain, input, stem, network, seed } = asked
  const common = [blocks, batch, init, gain, input, stem, network?.stem, seed]
  const h0 = streamInput(asked, input === 'mnist1d' ? dataBatch(asked).x : null)
  return seriesGraphs(experiment).map((series) => {
    const plan = planNetwork(series, experiment)
    // Blocks that follow one like them need not be told again.
    const changes = plan.flatMap((block, k) => (block === plan[k - 1] ? [] : [{ ...block, k }]))
    const nets = changes.map(({ graph, place, k }) => [k, place, graph.nodes, graph.output])
    const key = JSON.stringify([common, nets])
    const theory = known.get(key) ?? theoryOf(plan, asked, h0)
    if (known.size >= MOST_KNOWN) known.delete(known.keys().next().value!)
    known.set(key, theory)
    return { ...series, theory }
  })
}

/** The layers whose weight gradients count as a block's. */
export function linearNodes(graph: BlockGraph): string[] {
  return graph.nodes.filter((node) => operationOf(node).kind === 'linear').map((node) => node.id)
}
