import { describe, expect, test } from 'vitest'
import { INPUT, type GraphNode } from '../../../shared/graph/block-graph'
import { float64 } from '../../../shared/numerics/float64'
import { positions } from '../../../shared/numerics/shape'
import { OPERATION_NAMES, operationOf } from '../../../shared/operations'
import { isNeverNegative, signOrigin } from '../../../shared/operations/sign'
import { normal, randomBlocks, randomParameters, shapesIn, type RandomBlock } from '../random-blocks'

const SAMPLES = 4

type Scale = Extract<GraphNode, { op: 'scale' }>

/** The one operation's float64 values, of an input whose values are all of that sign; 0: of any. */
function valuesOf(block: RandomBlock, sign: -1 | 0 | 1): Float64Array {
  const [node] = block.graph.nodes
  const shape = shapesIn(block).get(INPUT)!
  const x = normal([1, SAMPLES * positions(shape), shape.units], 5)
  if (sign) x.values.forEach((value, i) => (x.values[i] = sign * Math.abs(value)))
  const parameters = randomParameters(block, 1, SAMPLES).parameters.get(node.id) ?? []
  const inputs = node.inputs.map(() => x)
  return operationOf(node).forward(float64, node, inputs, parameters, undefined, shape).output.values
}

const half: Scale = { id: 'half', op: 'scale', inputs: [INPUT], factor: 0.5, text: '½' }
const single = randomBlocks(6, 0)
const blocks = [...single, { ...single[0], name: 'scale ½', graph: { ...single[0].graph, nodes: [half] } }]

describe('what an operation says of its sign holds of its float64 values', () => {
  const signed = blocks.flatMap((block) => {
    const [node] = block.graph.nodes
    const sign = operationOf(node).sign?.(node)
    return sign ? [{ ...block, sign }] : []
  })

  test.each(signed)('$name: $sign', (block) => {
    if (block.sign === 'never negative') expect(Math.min(...valuesOf(block, 0))).toBe(0)
    expect(Math.min(...valuesOf(block, 1))).toBeGreaterThanOrEqual(0)
    if (block.sign === 'kept') expect(Math.max(...valuesOf(block, -1))).toBeLessThanOrEqual(0)
  })

  test('is said of ReLU, and of what lets values through', () => {
    const names = new Set(signed.map(({ graph }) => graph.nodes[0].op))
    expect(OPERATION_NAMES.filter((name) => names.has(name))).toEqual([
      'relu',
      'identity',
      'scale',
      'dropout',
      'stochastic-depth',
      'average-pool',
      'max-pool',
    ])
  })

  test('a negative factor turns it, 0 takes it away', () => {
    for (const factor of [-1, 0]) expect(operationOf(half).sign!({ ...half, factor })).toBeNull()
  })
})

describe('where the sign of a value comes from', () => {
  const nodes = [
    { id: 'relu', op: 'relu', inputs: [INPUT] },
    { ...half, inputs: ['relu'] },
    { id: 'drop', op: 'dropout', inputs: ['half'], rate: 0.5 },
    { id: 'linear', op: 'linear', inputs: ['drop'], units: 1 },
    { id: 'same', op: 'identity', inputs: [INPUT] },
  ] as GraphNode[]
  const at = (id: string) => nodes.find((node) => node.id === id)

  test('back to the first operation that does not keep it', () => {
    expect(['relu', 'half', 'drop', 'linear', 'same', INPUT].map((id) => signOrigin(id, at)?.id)).toEqual([
      'relu',
      'relu',
      'relu',
      'linear',
      undefined,
      undefined,
    ])
    expect(nodes.map(isNeverNegative)).toEqual([true, false, false, false, false])
  })

  test('not through what is not passed', () => {
    const scales = (node: GraphNode) => node.op === 'scale'
    expect(['half', 'drop'].map((id) => signOrigin(id, at, scales)?.id)).toEqual(['relu', 'drop'])
  })
})
