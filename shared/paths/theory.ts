import type { Experiment } from '../experiment/experiment'
import { INPUT, type BlockGraph } from '../graph/block-graph'
import { NoTheory, meanOf, type Gradient, type Moments, type TheoryContext } from '../moments/moments'
import { operationOf, shapesOf } from '../operations'
import { freshParticles, squareMean, type Particles } from '../moments/trajectories'
import { mainSum } from './jacobians'
import { placeOf } from '../numerics/shape'
import type { InputMoments } from '../theory/theory'

type TheoryExperiment = Pick<Experiment, 'blocks' | 'width' | 'batch' | 'init' | 'gain' | 'seed'>

const PARTICLE_UNITS = 1024
const PARTICLE_SAMPLES = 64
const PARTICLE_DEPTH = 200

/**
 * f_k for blocks 1..L: the mean squared gradient that block k's branch hands down, over that which its skip hands down, in the limit of
 * infinite width. What follows the sum multiplies both and drops out. Closed form, else sampled trajectories.
 * @throws NoTheory with the reason
 */
export function branchFactors(
  graph: BlockGraph,
  experiment: TheoryExperiment,
  input: InputMoments,
): number[] {
  if (!mainSum(graph)) throw new NoTheory('a network without sums has one path only')
  if (!input.gaussian) throw new NoTheory('the input’s values are not Gaussian; with a linear stem they are')
  try {
    return factors(graph, experiment, closedForm(input))
  } catch (error) {
    if (!(error instanceof NoTheory) || !input.exchangeable) throw error
    if (experiment.blocks > PARTICLE_DEPTH) {
      throw new NoTheory(
        `no closed form (${error.message}); sampled theory is left out beyond ${PARTICLE_DEPTH} blocks`,
      )
    }
    return factors(graph, experiment, sampled(input, experiment))
  }
}

/** How theory sees edges (E) and gradients on them (G): mean squares, or amplitudes of particles. */
interface Reading<E, G> {
  exchangeable: boolean
  input: E
  /** What came before a block is one source. */
  enter(stream: E): E
  forward(node: Node, inputs: E[], context: TheoryContext): E
  top: G
  pull(node: Node, gradient: G, inputs: E[], output: E, context: TheoryContext): G[]
  add(a: G, b: G): G
  size(gradient: G): number
}
type Node = BlockGraph['nodes'][number]

function closedForm(input: InputMoments): Reading<Moments, Gradient> {
  const sources = new Set([INPUT])
  return {
    exchangeable: input.exchangeable,
    input: { ...input, sources },
    enter: (stream) => ({ ...stream, sources }),
    forward: (node, inputs, context) => operationOf(node).moments(node, inputs, context),
    top: { square: new Float64Array(input.mean.length).fill(1), uniform: true },
    pull: (node, gradient, inputs, _output, context) =>
      operationOf(node).gradientMoments(node, gradient, inputs, context),
    add: (a, b) => ({ square: a.square.map((x, i) => x + b.square[i]), uniform: a.uniform && b.uniform }),
    size: (gradient) => meanOf(gradient.square),
  }
}

function sampled(input: InputMoments, { seed }: TheoryExperiment): Reading<Particles, Float64Array> {
  const size = { units: PARTICLE_UNITS, samples: PARTICLE_SAMPLES }
  const sources = new Set([INPUT])
  return {
    exchangeable: true,
    input: freshParticles(size, { square: input.kernel[0], cross: input.kernel[1] }, INPUT, seed),
    enter: (stream) => ({ ...stream, sources }),
    forward: (node, inputs, context) => operationOf(node).particles(node, inputs, context),
    top: new Float64Array(size.units * size.samples).fill(1),
    pull: (node, gradient, inputs, output, context) =>
      operationOf(node).gradientParticles(node, gradient, inputs, output, context),
    // Amplitudes of what is independent: their squares add.
    add: (a, b) => a.map((x, i) => Math.sqrt(x * x + b[i] * b[i])),
    size: squareMean,
  }
}

function factors<E, G>(graph: BlockGraph, experiment: TheoryExperiment, reading: Reading<E, G>): number[] {
  const shapes = shapesOf(graph, placeOf(experiment.width))
  const contextOf = (node: Node, block: number): TheoryContext => ({
    batch: experiment.batch,
    exchangeable: reading.exchangeable,
    initialisation: experiment,
    input: shapes.get(node.inputs[0])!,
    output: shapes.get(node.id)!,
    at: { block, depth: experiment.blocks },
    seed: block * graph.nodes.length + graph.nodes.indexOf(node),
  })
  // Only the stream is kept: a block's edges are cheap to compute again, and particles are large.
  const streams = [reading.input]
  const edgesOf = (block: number): Map<string, E> => {
    const edges = new Map([[INPUT, reading.enter(streams[block - 1])]])
    for (const node of graph.nodes) {
      const inputs = node.inputs.map((id) => edges.get(id)!)
      edges.set(node.id, reading.forward(node, inputs, contextOf(node, block)))
    }
    return edges
  }
  for (let block = 1; block <= experiment.blocks; block++) streams.push(edgesOf(block).get(graph.output)!)

  const sum = mainSum(graph)!
  const found: number[] = []
  let gradient = reading.top
  for (let block = experiment.blocks; block >= 1; block--) {
    const edges = edgesOf(block)
    /** The gradient that arrives at one edge when it is `start` at another and nowhere else. */
    const descend = (from: string, start: G, to: string): G => {
      const at = new Map([[from, start]])
      for (const node of [...graph.nodes].reverse()) {
        const here = at.get(node.id)
        if (here === undefined || node.id === to) continue
        const inputs = node.inputs.map((id) => edges.get(id)!)
        reading.pull(node, here, inputs, edges.get(node.id)!, contextOf(node, block)).forEach((g, i) => {
          const before = at.get(node.inputs[i])
          at.set(node.inputs[i], before === undefined ? g : reading.add(before, g))
        })
      }
      return at.get(to)!
    }
    const atSum = descend(graph.output, gradient, sum.id)
    const skip = descend(sum.inputs[0], atSum, INPUT)
    const branch = descend(sum.inputs[1], atSum, INPUT)
    found.unshift(reading.size(branch) / reading.size(skip))
    gradient = reading.add(skip, branch)
  }
  return found
}
