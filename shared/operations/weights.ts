import type { WeightFields } from '../graph/block-graph'
import { biasVariance, varianceFactor, type Initialisation } from '../graph/initialisation'
import type { TensorMath } from '../numerics/tensor-math'
import { normalise, normaliseGradient } from './normalise'
import type { Field } from './operation'
import type { ParameterShape } from '../graph/parameter-shape'

/** What all layers with weights may say beside their shape. */
export const WEIGHT_FIELDS: readonly Field[] = [
  {
    key: 'bias',
    label: 'Bias',
    type: 'switch',
    default: true,
    optional: true,
    definition: 'Whether a learned number is added to every output unit.',
  },
  {
    key: 'gain',
    label: 'Weight factor',
    type: 'number',
    minimum: 0,
    maximum: 100,
    default: 1,
    optional: true,
    definition: 'Factor on the standard deviation that weights and biases are drawn with.',
  },
  {
    key: 'standardised',
    label: 'Standardised',
    type: 'number',
    minimum: 0,
    maximum: 100,
    default: 0,
    optional: true,
    definition:
      'Scaled weight standardisation: each output unit’s weights less their mean, divided by their ' +
      'standard deviation and √fan-in, times this number; 0 is off.',
  },
]

/** Only keeps the division finite: weights of every size are to be standardised alike. */
const WEIGHT_EPSILON = 1e-12

/**
 * A layer's learned parameters: weights [fan-in, units], and biases [1, units] where it has them.
 * @param fanIn inputs of one output value
 * @param fanOut outputs that one input value goes to
 */
export function weightParameters(
  { bias = true, gain = 1 }: WeightFields,
  fanIn: number,
  units: number,
  fanOut = units,
): ParameterShape[] {
  const factor = gain === 1 ? {} : { factor: gain }
  const weight: ParameterShape = {
    role: 'weight',
    shape: [fanIn, units],
    fanIn,
    ...(fanOut === units ? {} : { fanOut }),
    ...factor,
  }
  return bias ? [weight, { role: 'bias', shape: [1, units], fanIn, ...factor }] : [weight]
}

/**
 * What the inputs are multiplied by: the learned weights [fan-in, units], or Ŵ = γ (W - μ) / (σ √fan-in) per output
 * unit (Brock et al. 2021).
 */
export function effectiveWeight<T>(math: TensorMath<T>, { standardised = 0 }: WeightFields, weight: T): T {
  if (!standardised) return weight
  const { normalised } = normalise(math, weight, 1, WEIGHT_EPSILON)
  return math.scale(normalised, standardised / Math.sqrt(math.size(weight, 1)))
}

/** From the gradient of the effective weights to that of the learned ones. */
export function learnedGradient<T>(
  math: TensorMath<T>,
  { standardised = 0 }: WeightFields,
  weight: T,
  gradient: T,
): T {
  if (!standardised) return gradient
  const { normalised, inverse } = normalise(math, weight, 1, WEIGHT_EPSILON)
  const scaled = math.scale(gradient, standardised / Math.sqrt(math.size(weight, 1)))
  return normaliseGradient(math, scaled, normalised, inverse, 1)
}

/**
 * Weight variance × fan-in at initialisation, s of docs/formulas.md, and the biases' variance. Standardised weights do
 * not depend on how they were drawn, unless they are 0: s is γ², and since each output unit's weights sum to 0, it sees
 * the inputs less their mean over the units (`isCentred`).
 */
export function weightVariance(
  { bias = true, gain = 1, standardised = 0 }: WeightFields,
  initialisation: Initialisation,
  fanIn: number,
  fanOut: number,
): { factor: number; bias: number; isCentred: boolean } {
  const drawn = varianceFactor(initialisation, fanIn, fanOut) * gain ** 2
  const kept = drawn / (drawn + fanIn * WEIGHT_EPSILON)
  return {
    factor: standardised ? standardised ** 2 * kept : drawn,
    bias: bias ? biasVariance(initialisation, fanIn) * gain ** 2 : 0,
    isCentred: standardised > 0,
  }
}
