import { array3, float64, type Array3 } from '../numerics/float64'
import { INPUT, ancestors, nodeById, type BlockGraph, type GraphNode } from '../graph/block-graph'
import { backwardBlock, forwardBlock, type BatchStatistics, type BlockParameters } from '../block/interpreter'
import { identity, matrix, times, type Matrix } from '../numerics/matrix'
import type { Network64 } from '../network/float64-network'
import { passOfSample, type SamplePass } from './sample-pass'

/** One block's Jacobian at one sample, split at its sum: D (S + J) = skip + branch. */
export interface BlockJacobian {
  /** D S: past the branch; S is the identity where the skip is one. Null in a plain network. */
  skip: Matrix | null
  /** D J: through the branch. */
  branch: Matrix
  /** D: whatever follows the sum. */
  after: Matrix
}

/** Exact Jacobians of all blocks at one sample of the batch, statistics over the batch held constant. */
export interface NetworkJacobians {
  blocks: BlockJacobian[]
  /**
   * dy/dx by automatic differentiation: the interpreter's backward through the whole network, one output after the
   * other.
   */
  total: Matrix
  /** dy/dh_1 by automatic differentiation, for dy/df1. */
  fromFirst: Matrix
}

/** @param pass of that sample through the network, where it is known already */
export function networkJacobians(
  network: Network64,
  sample = 0,
  pass: SamplePass = passOfSample(network, sample),
): NetworkJacobians {
  const { graph, input } = network
  const width = input.shape[2]
  const blocks = pass.statistics.map((own, k) =>
    blockJacobian(graph, pass.blocks[k], repeated(pass.inputs[k], width), own),
  )
  const single = pass.statistics.map((own, k) =>
    forwardBlock(float64, graph, pass.blocks[k], pass.inputs[k], own),
  )
  const total = new Float64Array(width * width)
  const fromFirst = new Float64Array(width * width)
  for (let output = 0; output < width; output++) {
    let gradient = array3([1, 1, width])
    gradient.values[output] = 1
    for (let k = single.length - 1; k >= 0; k--) {
      if (k === 0) fromFirst.set(gradient.values, output * width)
      gradient = backwardBlock(float64, graph, pass.blocks[k], single[k], gradient, true).input
    }
    total.set(gradient.values, output * width)
  }
  return { blocks, total: matrix(width, total), fromFirst: matrix(width, fromFirst) }
}

/** @param rows the sample once for every output; @param statistics over the batch, which hold */
function blockJacobian(
  graph: BlockGraph,
  own: BlockParameters<Array3>,
  rows: Array3,
  statistics: BatchStatistics<Array3>,
): BlockJacobian {
  const width = rows.shape[2]
  const trace = forwardBlock(float64, graph, own, rows, statistics)
  const top = () => array3([1, width, width], identity(width).values)
  const jacobian = (part: BlockGraph) =>
    matrix(width, backwardBlock(float64, part, own, trace, top(), true).input.values)
  const sum = mainSum(graph)
  if (!sum) return { skip: null, branch: jacobian(graph), after: identity(width) }
  return {
    skip: jacobian(replaced(graph, sum.id, sum.inputs[0])),
    branch: jacobian(replaced(graph, sum.id, sum.inputs[1])),
    after: jacobian(replaced(graph, sum.id, INPUT)),
  }
}

/** The sum where the block's paths part: its last one. Only a chain of single-input operations follows it. */
export function mainSum(graph: BlockGraph): Extract<GraphNode, { op: 'sum' }> | null {
  const used = ancestors(graph, graph.output)
  const sums = graph.nodes.filter((node) => node.op === 'sum' && used.has(node.id))
  const last = sums.at(-1)
  return last ? (nodeById(graph, last.id) as Extract<GraphNode, { op: 'sum' }>) : null
}

/** The block with one sum replaced by another edge; ids stay, so that saved values still belong to their nodes. */
export function replaced(graph: BlockGraph, id: string, by: string): BlockGraph {
  const read = (input: string) => (input === id ? by : input)
  const nodes = graph.nodes
    .filter((node) => node.id !== id)
    .map((node) => ({ ...node, inputs: node.inputs.map(read) }) as GraphNode)
  return { ...graph, nodes, output: read(graph.output) }
}

/** dy/df1 by automatic differentiation: f1 meets what follows the first block's sum, then the blocks above. */
export function derivativeOfFirst({ blocks, fromFirst }: NetworkJacobians): Matrix {
  return times(fromFirst, blocks[0].after)
}

function repeated({ shape: [, , width], values }: Array3, times_: number): Array3 {
  const result = array3([1, times_, width])
  for (let i = 0; i < times_; i++) result.values.set(values, i * width)
  return result
}
