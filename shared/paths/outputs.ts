import { ancestors, type BlockGraph } from '../graph/block-graph'
import { array3, float64, type Array3 } from '../numerics/float64'
import { relativeError } from '../numerics/matrix'
import { forwardBlock } from '../block/interpreter'
import type { Network64 } from '../network/float64-network'
import { mainSum, replaced } from './jacobians'
import { passOfSample, type SamplePass } from './sample-pass'
import { MOST_LISTED_BLOCKS } from './terms'

/**
 * How far a network is from the ensemble of its paths, taken at its word: ‖h_L - Σ T(h_0)‖/‖h_L‖ at one sample. Each of
 * the 2^L paths T is a network of its own on h_0 alone, a composition of one map for each block: past the branch,
 * D ∘ S, or through it, D ∘ B, with S the skip, B the branch and D what follows the block's last sum. For two blocks
 * x + f1(x) + f2(x) + f2(f1(x)) against x + f1(x) + f2(x + f1(x)). Statistics over the batch are those of the network's
 * own pass and held constant, so each map is one function of one sample. It is 0 where D, S and B are linear, where a
 * network has one block and nothing after its sum, and without skip connections; constants (biases, the mean that a
 * norm subtracts) come in once for each path, so that of affine maps it is not 0.
 *
 * All paths go through a block together, as rows of one matrix.
 *
 * @param pass of that sample through the network, where it is known already
 */
export function outputDifference(
  network: Network64,
  sample = 0,
  pass: SamplePass = passOfSample(network, sample),
): number {
  const [past, through] = pathsOfBlock(network.graph)
  let paths = pass.inputs[0]
  network.blocks.forEach((_, k) => {
    const forward = (part: BlockGraph) =>
      forwardBlock(float64, part, pass.blocks[k], paths, pass.statistics[k]).output
    paths = past ? below(forward(past), forward(through)) : forward(through)
  })
  return relativeError(float64.sum(paths, [1]), pass.inputs.at(-1)!)
}

/** Why the outputs of so many blocks' paths are not added up; null: they are. */
export const outputsNote = (blocks: number): string | null =>
  blocks <= MOST_LISTED_BLOCKS
    ? null
    : `the outputs of all paths are added up for at most ${MOST_LISTED_BLOCKS} blocks: ${blocks} have 2^${blocks} paths`

/** Multiplications that the outputs of all paths take, one linear layer a branch: each block, all paths before it. */
export const outputsWork = (blocks: number, width: number): number =>
  blocks <= MOST_LISTED_BLOCKS ? 2 ** blocks * width ** 2 : 0

/** A block past its branch (null: it has no skip) and through it, what follows the sum in both. */
function pathsOfBlock(graph: BlockGraph): [past: BlockGraph | null, through: BlockGraph] {
  const sum = mainSum(graph)
  if (!sum) return [null, graph]
  const [past, through] = sum.inputs.map((side) => needed(replaced(graph, sum.id, side)))
  return [past, through]
}

/** Without the operations that the output does not depend on. */
function needed(graph: BlockGraph): BlockGraph {
  const used = ancestors(graph, graph.output)
  return { ...graph, nodes: graph.nodes.filter(({ id }) => used.has(id)) }
}

/** The rows of both, one after the other; [1, a, n] and [1, b, n] → [1, a + b, n]. */
function below(a: Array3, b: Array3): Array3 {
  const joined = array3([1, a.shape[1] + b.shape[1], a.shape[2]])
  joined.values.set(a.values)
  joined.values.set(b.values, a.values.length)
  return joined
}
