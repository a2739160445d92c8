import { forwardBlock } from '../block/interpreter'
import { expectedNoise } from '../network/parameters'
import { array3, float64, type Array3 } from '../numerics/float64'
import { positions } from '../numerics/shape'
import { partsOf, type ExportedNetwork, type ExportedPart, type NetworkArrays } from './network'

/**
 * What a network puts out in evaluation, in float64: noise at its mean, batch statistics as given.
 * @param x samples as the lab keeps them, [samples, position × channel], row by row
 * @returns [samples, outputs], or [samples, position × unit] where the network ends in h_L
 */
export function referenceOutputs(
  network: ExportedNetwork,
  arrays: NetworkArrays,
  x: ArrayLike<number>,
): Float64Array {
  const { input, top, outputs } = network
  const samples = x.length / (input.units * positions(input))
  const first = array3([1, samples * positions(input), input.units], x)
  const last = partsOf(network).reduce((h, part) => through(part, arrays, h), first)
  if (outputs === null) return last.values
  const [weight, bias] = ['output.weight', 'output.bias'].map((name) => array64(arrays, name))
  return float64.add(float64.matMul(pooled(last, positions(top)), weight), bias).values
}

function array64(arrays: NetworkArrays, name: string): Array3 {
  const { shape, values } = arrays(name)
  return array3([1, ...shape], values)
}

function through({ name, planned, nodes }: ExportedPart, arrays: NetworkArrays, h: Array3): Array3 {
  const own = nodes.map(({ id, parameters }): [string, Array3[]] => [
    id,
    parameters.map((place) => {
      if (place.role === 'noise') return array3([1, 1, 1], [expectedNoise(place)])
      if (place.role !== 'constant') return array64(arrays, `${name}.${id}.${place.role}`)
      const values = new Float64Array(place.shape[0] * place.shape[1])
      return array3([1, ...place.shape], values.fill(place.initial ?? 0))
    }),
  ])
  const statistics = nodes
    .filter((node) => node.statistics.length > 0)
    .map(({ id, statistics: names }): [string, Array3[]] => [
      id,
      names.map((one) => array64(arrays, `${name}.${id}.${one}`)),
    ])
  return forwardBlock(float64, planned.graph, new Map(own), h, new Map(statistics), planned.shapes).output
}

/** Mean over positions: [1, samples × positions, units] → [1, samples, units]. */
function pooled({ shape: [, rows, units], values }: Array3, grid: number): Array3 {
  const result = array3([1, rows / grid, units])
  for (let row = 0; row < rows; row++) {
    const at = Math.floor(row / grid) * units
    for (let unit = 0; unit < units; unit++) result.values[at + unit] += values[row * units + unit] / grid
  }
  return result
}
