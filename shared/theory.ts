import type { Experiment } from './experiment'
import { INPUT, type BlockGraph } from './graph'
import {
  NoTheory,
  batchVariance,
  meanOf,
  meanSquare,
  type Gradient,
  type Moments,
  type TheoryContext,
} from './moments'
import { operationOf, shapesOf } from './operations'
import { asMoments, freshParticles, type Particles } from './particles'
import type { Quantity, Theory } from './protocol'
import { placeOf } from './shape'

/** Second moments of the network's input over the batch: what theory needs of a data set, `[S]` and `[S × S]`, per input unit. */
export interface InputMoments {
  mean: Float64Array
  kernel: Float64Array
  exchangeable: boolean
  /** Whether the coordinates of h_0 are Gaussian (always so after a linear stem). */
  gaussian: boolean
}

/** The most samples that particles carry; smaller batches are carried whole. */
const PARTICLE_SAMPLES = 128
const PARTICLE_UNITS = 1024
/** Particles cost time: deeper networks get no answer rather than a late one. */
const PARTICLE_DEPTH = 200
/** Closed forms over a data set carry a matrix of batch × batch. */
const DATA_BATCH = 512

/** h_0 for Gaussian noise, after the stem if there is one (He, N to N: twice the variance). */
export function normalInput(stem: Experiment['stem']): InputMoments {
  const square = stem === 'linear' ? 2 : 1
  return {
    mean: new Float64Array(2),
    kernel: Float64Array.of(square, 0, 0, square),
    exchangeable: true,
    gaussian: true,
  }
}

/** h_0 for a data set `x` [samples, length] behind a He linear stem: Gaussian with the kernel 2 x x'/length. */
export function dataInput(x: ArrayLike<number>, samples: number, length: number): InputMoments {
  const kernel = new Float64Array(samples * samples)
  for (let a = 0; a < samples; a++) {
    for (let b = 0; b <= a; b++) {
      let dot = 0
      for (let i = 0; i < length; i++) dot += x[a * length + i] * x[b * length + i]
      kernel[a * samples + b] = kernel[b * samples + a] = (2 * dot) / length
    }
  }
  return { mean: new Float64Array(samples), kernel, exchangeable: false, gaussian: true }
}

type TheoryExperiment = Pick<Experiment, 'blocks' | 'width' | 'batch' | 'init' | 'gain' | 'seed'>

/**
 * q, v, m and p for k = 0..L in the limit of infinite width (docs/formulas.md), of `graph` (remedy applied) repeated L times.
 * Closed forms where the stream allows them, else sampled trajectories, else null with the reason.
 */
export function theoryOf(graph: BlockGraph, experiment: TheoryExperiment, input: InputMoments): Theory {
  try {
    if (!input.gaussian) {
      throw new NoTheory('the input’s values are not Gaussian; with a linear stem they are')
    }
    if (!input.exchangeable && experiment.batch > DATA_BATCH) {
      throw new NoTheory(`theory for a data set is computed for batches up to ${DATA_BATCH}`)
    }
    return closedForm(graph, experiment, input)
  } catch (error) {
    if (!(error instanceof NoTheory)) throw error
    if (!input.exchangeable || !input.gaussian) return noTheory(error.message)
    if (experiment.blocks > PARTICLE_DEPTH) {
      return noTheory(
        `no closed form (${error.message}); sampled theory is left out beyond ${PARTICLE_DEPTH} blocks`,
      )
    }
    return trySampled(graph, experiment, input)
  }
}

function trySampled(graph: BlockGraph, experiment: TheoryExperiment, input: InputMoments): Theory {
  try {
    return sampled(graph, experiment, input)
  } catch (error) {
    if (error instanceof NoTheory) return noTheory(error.message)
    throw error
  }
}

const sampledRemark = ({ units, samples }: { units: number; samples: number }) =>
  `Sampled with ${units.toLocaleString('en')} units and ${samples} samples, no closed form: right to a few per cent.`

/** How networks of finite width leave the limit, where they do so by much. */
function remarks(graph: BlockGraph, first: string[]): string | null {
  const found = [...first]
  const sumAt = graph.nodes.findIndex((node) => node.op === 'sum')
  const branchEnd =
    sumAt < 0 ? undefined : graph.nodes.find((node) => node.id === graph.nodes[sumAt].inputs[1])
  if (sumAt >= 0 && graph.nodes.some((node, i) => i > sumAt && node.op === 'batch-norm')) {
    found.push(
      'Batch normalisation of the stream amplifies differences between samples at every block: deep networks follow this curve only when they are much wider than the batch.',
    )
  }
  if (branchEnd?.op === 'relu') {
    found.push(
      'The branch ends in a ReLU: at finite width p grows faster than in the limit, along one outlier direction.',
    )
  }
  return found.length ? found.join(' ') : null
}

function noTheory(reason: string): Theory {
  const note: Partial<Record<Quantity, string>> = {}
  for (const quantity of ['q', 'v', 'm', 'p'] as const) note[quantity] = `No theory: ${reason}.`
  return { q: null, v: null, m: null, p: null, note, remark: null }
}

/** One context per node of the block. */
function contexts(graph: BlockGraph, experiment: TheoryExperiment, exchangeable: boolean) {
  const shapes = shapesOf(graph, placeOf(experiment.width))
  return (index: number, block: number): TheoryContext => {
    const node = graph.nodes[index]
    return {
      batch: experiment.batch,
      exchangeable,
      initialisation: experiment,
      input: shapes.get(node.inputs[0])!,
      output: shapes.get(node.id)!,
      at: { block, depth: experiment.blocks },
      seed: block * graph.nodes.length + index,
    }
  }
}

/** Edge values of one block, by node id, given those of the stream. */
type Edges<E> = Map<string, E>

/**
 * Moments on all edges of all blocks, forward, and what takes a gradient from a node's output to its inputs.
 * @throws NoTheory where there is no closed form
 */
function propagate(graph: BlockGraph, experiment: TheoryExperiment, input: InputMoments) {
  const contextOf = contexts(graph, experiment, input.exchangeable)
  const stream: Moments = { ...input, sources: new Set([INPUT]) }
  const trajectory: Edges<Moments>[] = []
  const states = [stream]
  for (let block = 1; block <= experiment.blocks; block++) {
    // What came before this block is one source: all of its fresh layers are independent of it.
    const edges: Edges<Moments> = new Map([[INPUT, { ...states[block - 1], sources: new Set([INPUT]) }]])
    graph.nodes.forEach((node, i) => {
      const inputs = node.inputs.map((id) => edges.get(id)!)
      edges.set(node.id, operationOf(node).moments(node, inputs, contextOf(i, block)))
    })
    trajectory.push(edges)
    states.push(edges.get(graph.output)!)
  }
  const start: Gradient = { square: new Float64Array(stream.mean.length).fill(1), uniform: true }
  const inputsOf = (i: number, block: number) =>
    graph.nodes[i].inputs.map((id) => trajectory[block - 1].get(id)!)
  const pull = (i: number, block: number, gradient: Gradient) => {
    const node = graph.nodes[i]
    return operationOf(node).gradientMoments(node, gradient, inputsOf(i, block), contextOf(i, block))
  }
  return { states, start, inputsOf, pull }
}

/**
 * Correlation between the gradients of two samples at h_0, in the limit of infinite width and batch, statistics over the batch held
 * constant: both gradients are multiplied by the same factors, and what they share shrinks with the correlation of their masks.
 * @param input two exchangeable samples
 * @throws NoTheory where there is no closed form
 */
export function gradientCorrelation(
  graph: BlockGraph,
  experiment: TheoryExperiment,
  input: InputMoments,
): number {
  type Pair = { own: Gradient; shared: number }
  const unlimited = { ...experiment, batch: Infinity }
  const { start, inputsOf, pull } = propagate(graph, unlimited, input)
  const [first] = backward<Pair>(
    graph,
    experiment.blocks,
    { own: start, shared: 1 },
    (a, b) => ({ own: addGradients(a.own, b.own), shared: a.shared + b.shared }),
    (i, block, { own, shared }) => {
      const node = graph.nodes[i]
      const masks = operationOf(node).maskCorrelation?.(node, inputsOf(i, block)[0]) ?? 1
      return pull(i, block, own).map((gradient) => {
        const factor = own.square[0] > 0 ? gradient.square[0] / own.square[0] : 0
        return { own: gradient, shared: shared * factor * masks }
      })
    },
  )
  const correlation = first.shared / first.own.square[0]
  if (!Number.isFinite(correlation)) throw new NoTheory('its numbers leave the range of floating point')
  return correlation
}

function closedForm(graph: BlockGraph, experiment: TheoryExperiment, input: InputMoments): Theory {
  const { states, start, pull } = propagate(graph, experiment, input)
  const context = { batch: experiment.batch, exchangeable: input.exchangeable } as TheoryContext
  const forward = {
    q: states.map(meanSquare),
    v: states.map((state) => batchVariance(state, context)),
    m: states.map((state) => meanOf(state.mean)),
    remark: remarks(graph, []),
  }
  try {
    const gradients = backward<Gradient>(graph, experiment.blocks, start, addGradients, pull)
    return { ...forward, p: gradients.map((gradient) => meanOf(gradient.square)), note: {} }
  } catch (error) {
    // Over noise, sampling can still answer all four; over a data set three are better than none.
    if (input.exchangeable || !(error instanceof NoTheory)) throw error
    return { ...forward, p: null, note: { p: `No theory: ${error.message}.` } }
  }
}

function sampled(graph: BlockGraph, experiment: TheoryExperiment, input: InputMoments): Theory {
  const contextOf = contexts(graph, experiment, true)
  const size = { units: PARTICLE_UNITS, samples: Math.max(2, Math.min(PARTICLE_SAMPLES, experiment.batch)) }
  const moments = { square: input.kernel[0], cross: input.kernel[1] }
  const summaries: Moments[] = []
  // Backward needs, of each block, only the gradient map of each node: closures over its particles would keep them all, so the particles
  // of a block are drawn again from the stream at its start, which is kept.
  const streams: Particles[] = [freshParticles(size, moments, INPUT, experiment.seed)]
  const run = (block: number): Edges<Particles> => {
    const edges: Edges<Particles> = new Map([[INPUT, { ...streams[block - 1], sources: new Set([INPUT]) }]])
    graph.nodes.forEach((node, i) => {
      const inputs = node.inputs.map((id) => edges.get(id)!)
      edges.set(node.id, operationOf(node).particles(node, inputs, contextOf(i, block)))
    })
    return edges
  }
  const summarise = (particles: Particles) =>
    summaries.push({ ...asMoments(particles), gaussian: false, sources: particles.sources })
  summarise(streams[0])
  for (let block = 1; block <= experiment.blocks; block++) {
    streams.push(run(block).get(graph.output)!)
    summarise(streams[block])
  }
  let edges = new Map<string, Particles>()
  let edgesOf = 0
  const start = new Float64Array(size.units * size.samples).fill(1)
  const add = (a: Float64Array, b: Float64Array) => a.map((value, i) => value + b[i])
  const gradients = backward<Float64Array>(graph, experiment.blocks, start, add, (i, block, gradient) => {
    if (edgesOf !== block) [edges, edgesOf] = [run(block), block]
    const node = graph.nodes[i]
    const inputs = node.inputs.map((id) => edges.get(id)!)
    return operationOf(node).gradientParticles(
      node,
      gradient,
      inputs,
      edges.get(node.id)!,
      contextOf(i, block),
    )
  })
  const context = { batch: experiment.batch, exchangeable: true } as TheoryContext
  return {
    q: summaries.map(meanSquare),
    v: summaries.map((state) => batchVariance(state, context)),
    m: summaries.map((state) => meanOf(state.mean)),
    p: gradients.map(meanOf),
    note: {},
    remark: remarks(graph, [sampledRemark(size)]),
  }
}

/** Gradients at h_0..h_L: from the top, through each block's nodes in reverse; contributions to one edge add. */
function backward<G>(
  graph: BlockGraph,
  depth: number,
  top: G,
  add: (a: G, b: G) => G,
  pull: (node: number, block: number, gradient: G) => G[],
): G[] {
  const gradients = [top]
  for (let block = depth; block >= 1; block--) {
    const at: Edges<G> = new Map([[graph.output, gradients[0]]])
    for (let i = graph.nodes.length - 1; i >= 0; i--) {
      const node = graph.nodes[i]
      const gradient = at.get(node.id)
      if (gradient === undefined) continue
      pull(i, block, gradient).forEach((contribution, input) => {
        const id = node.inputs[input]
        const before = at.get(id)
        at.set(id, before === undefined ? contribution : add(before, contribution))
      })
    }
    gradients.unshift(at.get(INPUT)!)
  }
  return gradients
}

function addGradients(a: Gradient, b: Gradient): Gradient {
  return { square: a.square.map((value, i) => value + b.square[i]), uniform: a.uniform && b.uniform }
}
