import { NoTheory } from '../moments/moments'
import { planNetwork } from '../network/plan'
import type { SeriesGraph } from '../network/series'
import { streamInput } from '../theory/input'
import { inLimit } from '../theory/limit'
import { outcomes } from '../theory/stochastic-depth'
import { ofAllSeeds, type TheoryExperiment } from '../theory/walk'
import { lengthByEnergy, poissonBinomial } from './counts'
import { mainSum } from './jacobians'
import type { PathTheory } from './results'

/**
 * How gradient energy is shared between path lengths in the limit of infinite width, derived here for any block; Veit
 * et al. 2016 measured it. f_k is the mean squared gradient that block k's branch hands down over what its skip hands
 * down, of the gradient that theory has at h_k; lengths are then Poisson-binomial with p_k = f_k/(1 + f_k). What
 * follows the sum multiplies both and drops out. Where stochastic depth is drawn, means over what may be drawn.
 * @param data the data set's batch where the input is not noise, [batch, 40]
 * @throws NoTheory with the reason, a clause
 */
export function pathTheory(
  series: Pick<SeriesGraph, 'graph' | 'remedy'>,
  experiment: TheoryExperiment & Parameters<typeof streamInput>[0] & Parameters<typeof planNetwork>[1],
  data: ArrayLike<number> | null,
): PathTheory {
  const plan = planNetwork(series, experiment)
  const sums = plan.map(({ graph }) => mainSum(graph)?.id)
  if (!sums.every((sum) => sum !== undefined)) throw new NoTheory('a network without sums has one path only')
  const asked = ofAllSeeds(experiment)
  const input = streamInput(asked, data)
  const { plans } = outcomes(plan, asked.seed, false)
  return meanTheory(
    plans.map(({ plan: drawn, share }) => {
      const sides = inLimit(drawn, asked, input, (limit) => limit.sides(sums))
      const closed = sides.map(({ all }) => all).lastIndexOf(0)
      if (closed >= 0) throw new NoTheory(`no gradient comes through block ${closed + 1}`)
      return { share, factors: sides.map(({ skip, branch }) => branch / skip) }
    }),
  )
}

/** @param drawn the networks that may be drawn, and how often each is */
function meanTheory(drawn: { share: number; factors: number[] }[]): PathTheory {
  const networks = drawn.map(({ share, factors }) => {
    const probabilities = factors.map((f) => (f === Infinity ? 1 : f / (1 + f)))
    const energyShare = poissonBinomial(probabilities)
    return { share, branchFactors: factors, energyShare, ...lengthByEnergy(probabilities) }
  })
  if (networks.length === 1) {
    const [{ share: _all, ...theory }] = networks
    return theory
  }
  const over = (value: (one: (typeof networks)[number]) => number) =>
    networks.reduce((sum, one) => sum + one.share * value(one), 0)
  const mean = over((one) => one.mean)
  return {
    branchFactors: networks[0].branchFactors.map((_, k) => over((one) => one.branchFactors[k])),
    energyShare: networks[0].energyShare.map((_, length) => over((one) => one.energyShare[length])),
    mean,
    deviation: Math.sqrt(over((one) => one.deviation ** 2 + (one.mean - mean) ** 2)),
  }
}
