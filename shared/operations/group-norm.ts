import { PAPERS } from '../base/papers'
import type { GraphNode } from '../graph/block-graph'
import { groupedBackward, groupedForward } from './grouped-norm'
import { layerNormTheory } from './layer-norm'
import { NORM_EPSILON, affineParameters } from './normalise'
import type { Operation } from './operation'

/** Layer normalisation of each of `groups` groups of the units on its own (Wu and He 2018). */
export const groupNorm: Operation<Extract<GraphNode, { op: 'group-norm' }>> = {
  title: 'group norm',
  sources: [PAPERS.wu2018],
  kind: 'norm',
  definition:
    'Group normalisation: each sample gets mean 0 and variance 1 over each group of its units (and all ' +
    'positions), then a learned scale and shift per unit that start at 1 and 0.',
  symbol: ({ groups }) => `GN ${groups}`,
  inputs: 1,
  fields: [
    {
      key: 'groups',
      label: 'Groups',
      type: 'integer',
      minimum: 1,
      maximum: 1024,
      default: 4,
      definition: 'How many groups the units are divided into; a divisor of the number of units.',
    },
  ],
  shape: (_node, [input]) => input,
  fitsByWidth: true,
  misfit({ groups }, [{ units }]) {
    if (units % groups === 0) return null
    const nearest = nearestDivisor(units, groups)
    return {
      problem: `${groups} groups do not divide ${units} units`,
      hint: `Use ${nearest} ${nearest === 1 ? 'group' : 'groups'}.`,
    }
  },
  parameters: (_node, { units }) => affineParameters(units),
  layer: ({ groups }) => ({ layer: 'group-norm', groups, epsilon: NORM_EPSILON }),
  forward: (math, { groups }, [x], parameters, _frozen, shape) =>
    groupedForward(math, x, parameters, groups, shape),
  backward: (math, { groups }, gradient, saved, parameters, _frozen, shape) =>
    groupedBackward(math, gradient, saved, parameters, groups, shape),
  // Every group of a wide network has the same mean and variance as all units.
  ...layerNormTheory,
}

function nearestDivisor(units: number, wanted: number): number {
  const divisors = Array.from({ length: units }, (_, i) => i + 1).filter((i) => units % i === 0)
  return divisors.reduce((best, d) => (Math.abs(d - wanted) < Math.abs(best - wanted) ? d : best))
}
