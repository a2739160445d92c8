import { NoTheory, type Gradient } from '../moments/moments'
import type { PlannedBlock } from '../network/plan'
import { operationOf } from '../operations'
import { closedForms, gradientMoments, streamEdge } from './closed-form'
import type { InputMoments } from './input'
import { backwardPlan, forwardPlan } from './traversal'
import { visits, type TheoryExperiment } from './walk'

/**
 * Correlation between the gradients of two samples at h_0, in the limit of infinite width and batch, statistics over
 * the batch held constant: both gradients are multiplied by the same factors, and what they share shrinks with the
 * correlation of their masks.
 * @param input two exchangeable samples
 * @throws NoTheory where there is no closed form
 */
export function gradientCorrelation(
  plan: readonly PlannedBlock[],
  experiment: TheoryExperiment,
  input: InputMoments,
): number {
  type Pair = { own: Gradient; shared: number }
  const walk = visits(plan, { ...experiment, batch: Infinity }, true)
  const moments = gradientMoments(2)
  const reading = closedForms<Pair>({
    zero: { own: moments.zero, shared: 0 },
    add: (a, b) => ({ own: moments.add(a.own, b.own), shared: a.shared + b.shared }),
    scale: ({ own, shared }, square) => ({ own: moments.scale(own, square), shared: shared * square }),
    pull(visit, { own, shared }, inputs) {
      const masks = operationOf(visit.node).maskCorrelation?.(visit.node, inputs[0], visit.context) ?? 1
      return moments.pull(visit, own, inputs).map((gradient) => {
        const factor = own.square[0] > 0 ? gradient.square[0] / own.square[0] : 0
        return { own: gradient, shared: shared * factor * masks }
      })
    },
  })
  const pass = forwardPlan(plan, walk, streamEdge(input), reading, 4)
  const top = { own: { square: new Float64Array(2).fill(1), uniform: true }, shared: 1 }
  const [{ gradient }] = backwardPlan(pass, { gradient: top, coefficient: 1 }, reading)
  const correlation = gradient.shared / gradient.own.square[0]
  if (!Number.isFinite(correlation)) throw new NoTheory('its numbers leave the range of floating point')
  return correlation
}
