import { dataBatch, inputData, isVectorData, usesData } from '../../../shared/data/batch'
import type { Experiment } from '../../../shared/settings/experiment'
import { streamInput } from '../../../shared/theory/input'
import type { SeriesHeader, Theory } from '../../../shared/theory/series'
import { theoryOf } from '../../../shared/theory/theory'
import { ofAllSeeds } from '../../../shared/theory/walk'
import type { PreparedSeries } from './prepared-series'

/**
 * Theories of networks that were asked for before: another seed, or a remedy that changes nothing, needs no second
 * calculation.
 */
const known = new Map<string, Theory>()
const MOST_KNOWN = 200

/**
 * The curves of an experiment with their final graphs and what theory expects of them: q, v, m, p over k = 0..L.
 * @param prepared all of the experiment's
 */
export function seriesHeaders(experiment: Experiment, prepared: readonly PreparedSeries[]): SeriesHeader[] {
  const asked = ofAllSeeds(experiment)
  const { blocks, batch, init, gain, input, stem, network, seed } = asked
  const data = usesData(asked) ? inputData(asked) : null
  const common = [blocks, batch, init, gain, input, data, stem, network?.stem, seed]
  const h0 = streamInput(asked, isVectorData(asked) ? dataBatch(asked).x : null)
  return prepared.map(({ series, plan }) => {
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
