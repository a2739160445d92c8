import { positions, type Shape } from '../numerics/shape'
import type { TensorMath } from '../numerics/tensor-math'
import { normalise, normaliseGradient } from './normalise'

/** Rows of one sample's group each: [replica, sample × group, position × units of the group]. */
function toGroups<T>(math: TensorMath<T>, x: T, groups: number, shape: Shape): T {
  const [places, units] = [positions(shape), math.size(x, 2)]
  const samples = math.reshape(x, places * units)
  const sorted = places > 1 && groups > 1 ? math.swap(samples, places, groups) : samples
  return math.reshape(sorted, (places * units) / groups)
}

function fromGroups<T>(math: TensorMath<T>, x: T, groups: number, shape: Shape): T {
  const places = positions(shape)
  const length = math.size(x, 2) * groups
  const samples = math.reshape(x, length)
  const sorted = places > 1 && groups > 1 ? math.swap(samples, groups, places) : samples
  return math.reshape(sorted, length / places)
}

/**
 * Each sample's groups of units get mean 0 and variance 1 over units and positions; then times gamma plus beta, per
 * unit.
 */
export function groupedForward<T>(
  math: TensorMath<T>,
  x: T,
  [gamma, beta]: T[],
  groups: number,
  shape: Shape,
): { output: T; saved: T[] } {
  const { normalised, inverse } = normalise(math, toGroups(math, x, groups, shape), 2)
  const inPlace = fromGroups(math, normalised, groups, shape)
  const output = math.add(math.multiply(inPlace, gamma), beta)
  return { output, saved: [normalised, inverse] }
}

/**
 * The vector-Jacobian product of `groupedForward`. @param saved what it saved
 * @returns gradients of the input, [R, B × positions, units], and of gamma and beta, [R, 1, units]
 */
export function groupedBackward<T>(
  math: TensorMath<T>,
  gradient: T,
  [normalised, inverse]: T[],
  [gamma]: T[],
  groups: number,
  shape: Shape,
): { inputs: T[]; parameters: T[] } {
  const inner = toGroups(math, math.multiply(gradient, gamma), groups, shape)
  const back = normaliseGradient(math, inner, normalised, inverse, 2)
  const inPlace = fromGroups(math, normalised, groups, shape)
  return {
    inputs: [fromGroups(math, back, groups, shape)],
    parameters: [math.sum(math.multiply(gradient, inPlace), [1]), math.sum(gradient, [1])],
  }
}
