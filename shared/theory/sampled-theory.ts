import { INPUT } from '../graph/block-graph'
import { NoTheory, type Moments } from '../moments/moments'
import { operationOf } from '../operations'
import {
  addParticles,
  asMoments,
  freshParticles,
  mapParticles,
  squareMean,
  type ParticleSize,
  type Particles,
} from '../moments/trajectories'
import type { PlannedBlock } from '../network/plan'
import { spentBehind, type TheoryExperiment, type Visit } from './walk'

/**
 * A gradient on trajectories: a sum of Gaussians that are independent of each other and between samples. By origin, the amplitude of each at every
 * unit and sample, signed: contributions of one origin add up (or cancel) where paths meet again, those of several do not correlate.
 */
type GradientParticles = ReadonlyMap<string, Amplitudes>

interface Amplitudes {
  values: Float64Array
  /** Of the Gaussian itself, as in Gradient: the covariance of two samples is -centred/(S - 1) times the product of their amplitudes. */
  centred: number
  /** As in Gradient. */
  spent: number
}

/** What arrives at a block's output: earlier blocks see it as one. */
const ABOVE = ''

/** So many values of particles are kept, 64 MB. */
const KEPT = 2 ** 23

export interface Sampled {
  states: Omit<Moments, 'gaussian' | 'sources'>[]
  /** Mean squared gradient at h_0..h_L, or why there is none. */
  gradients: number[] | NoTheory
}

/**
 * Theory on sampled trajectories of (unit, sample), where moments have no closed form.
 * @param input exchangeable Gaussian samples
 * @throws NoTheory
 */
export function sampledTheory(
  plan: readonly PlannedBlock[],
  walk: Visit[][],
  { seed }: TheoryExperiment,
  input: Pick<Moments, 'kernel'>,
  size: ParticleSize,
): Sampled {
  const moments = { square: input.kernel[0], cross: input.kernel[1] }
  const streams: Particles[] = [freshParticles(size, moments, INPUT, seed)]
  const kept: Map<string, Particles>[] = []
  walk.forEach((visits, k) => {
    const edges = edgesOf(visits, streams[k])
    // Where there are too many, backward draws a block's particles again from the stream at its start.
    if ((k + 1) * edges.size * size.units * size.samples <= KEPT) kept.push(edges)
    streams.push(edges.get(plan[k].graph.output)!)
  })
  return {
    states: streams.map(asMoments),
    gradients: gradientsOf(plan, (k) => kept[k] ?? edgesOf(walk[k], streams[k]), walk, size),
  }
}

function gradientsOf(
  plan: readonly PlannedBlock[],
  edges: (k: number) => Map<string, Particles>,
  walk: Visit[][],
  { units, samples }: ParticleSize,
): Sampled['gradients'] {
  let gradient: Amplitudes = { values: new Float64Array(units * samples).fill(1), centred: 0, spent: 0 }
  const found = [1]
  try {
    for (let k = plan.length - 1; k >= 0; k--) {
      gradient = back(plan[k].graph.output, walk[k], edges(k), gradient)
      found.unshift(squareMean(gradient.values))
    }
    return found
  } catch (error) {
    if (error instanceof NoTheory) return error
    throw error
  }
}

function edgesOf(visits: Visit[], stream: Particles): Map<string, Particles> {
  const edges = new Map<string, Particles>([[INPUT, { ...stream, sources: new Set([INPUT]) }]])
  for (const { node, context, coefficients } of visits) {
    const inputs = node.inputs.map((id) => edges.get(id))
    const output = coefficients
      ? combination(inputs, coefficients, stream)
      : operationOf(node).particles(node, inputs as Particles[], context)
    edges.set(node.id, output)
  }
  return edges
}

function combination(
  inputs: (Particles | undefined)[],
  coefficients: number[],
  stream: Particles,
): Particles {
  const terms = coefficients.flatMap((factor, i) => {
    if (factor === 0) return []
    return [factor === 1 ? inputs[i]! : mapParticles(inputs[i]!, (value) => factor * value)]
  })
  if (!terms.length) return { ...mapParticles(stream, () => 0), sources: new Set() }
  return terms.reduce(addParticles)
}

function back(
  outputId: string,
  visits: Visit[],
  edges: ReadonlyMap<string, Particles>,
  top: Amplitudes,
): Amplitudes {
  const at = new Map<string, Map<string, Amplitudes>>([[outputId, new Map([[ABOVE, top]])]])
  const arrive = (id: string, origin: string, amplitudes: Amplitudes) => {
    const there = at.get(id) ?? new Map<string, Amplitudes>()
    const before = there.get(origin)
    there.set(origin, before === undefined ? amplitudes : sum(before, amplitudes))
    at.set(id, there)
  }
  for (const visit of [...visits].reverse()) {
    const { node } = visit
    const gradient = at.get(node.id)
    if (!gradient) continue
    const output = edges.get(node.id)!
    const inputs = node.inputs.map((id) => edges.get(id)!)
    // A fresh layer mixes all units: what leaves it is independent of what came.
    const isFresh = output.sources.has(node.id)
    const arriving: GradientParticles = isFresh ? new Map([[node.id, total(gradient, output)]]) : gradient
    arriving.forEach((amplitudes, origin) =>
      pull(visit, amplitudes, inputs, output).forEach((contribution, i) => {
        if (visit.coefficients?.[i] !== 0) arrive(node.inputs[i], origin, contribution)
      }),
    )
    at.delete(node.id)
  }
  const arrived = at.get(INPUT)
  const stream = edges.get(INPUT)!
  return arrived
    ? total(arrived, stream)
    : { values: new Float64Array(top.values.length), centred: 0, spent: 0 }
}

/** Through one operation, to each of its inputs. */
function pull(
  { node, context, coefficients }: Visit,
  { values, centred, spent }: Amplitudes,
  inputs: Particles[],
  output: Particles,
): Amplitudes[] {
  if (coefficients) {
    return coefficients.map((factor) => ({
      values: factor === 1 ? values : values.map((g) => g * factor),
      centred,
      spent,
    }))
  }
  const operation = operationOf(node)
  const arriving = centred && centred * sharedBySamples(values, output)
  const here = { ...context, gradientCentred: arriving, gradientSpent: spent }
  const left = spentBehind(node, operation, spent, inputs[0].normalised)
  return operation.gradientParticles(node, values, inputs, output, here).map((back) => {
    // A layer mixes units, a norm takes the sum away: then the amplitudes no longer tell what samples share.
    if (operation.gradientSum === 'removed')
      return { values: back, centred: limited(1, back, output), spent: left }
    return { values: back, centred: operation.kind === 'linear' ? arriving : centred, spent: left }
  })
}

/** Mean product of two samples' amplitudes over the mean square. */
function sharedBySamples(values: Float64Array, { units, samples }: ParticleSize): number {
  let [squares, products] = [0, 0]
  for (let i = 0; i < units; i++) {
    let [sum, own] = [0, 0]
    for (let at = i * samples; at < (i + 1) * samples; at++) {
      sum += values[at]
      own += values[at] * values[at]
    }
    squares += own
    products += (sum * sum - own) / (samples - 1)
  }
  return squares > 0 ? products / squares : 0
}

/** The Gaussian's own share that makes so much of the product. */
function limited(wanted: number, values: Float64Array, size: ParticleSize): number {
  const shared = sharedBySamples(values, size)
  return shared > 0 ? Math.max(0, Math.min(1 / shared, wanted / shared)) : 0
}

/** One amplitude in place of several of different origin. */
function total(gradient: GradientParticles, size: ParticleSize): Amplitudes {
  const all = [...gradient.values()]
  if (all.length === 1) return all[0]
  const values = new Float64Array(all[0].values.length)
  for (let i = 0; i < values.length; i++) {
    let squares = 0
    for (const one of all) squares += one.values[i] ** 2
    values[i] = Math.sqrt(squares)
  }
  const squares = squareMean(values)
  const spent = all.reduce((sum, one) => sum + one.spent * (squareMean(one.values) / squares), 0)
  return { values, centred: joined(all, values, size), spent: squares > 0 ? spent : 0 }
}

/** Both are of one origin. */
function sum(a: Amplitudes, b: Amplitudes): Amplitudes {
  const values = new Float64Array(a.values.length)
  for (let i = 0; i < values.length; i++) values[i] = a.values[i] + b.values[i]
  return { values, centred: Math.min(a.centred, b.centred), spent: Math.min(a.spent, b.spent) }
}

/** How far a sum is centred whose parts are so far. */
function joined(all: Amplitudes[], values: Float64Array, size: ParticleSize): number {
  if (all.every(({ centred }) => centred === 0)) return 0
  const squares = squareMean(values)
  const wanted = all.reduce(
    (sum, one) => sum + one.centred * sharedBySamples(one.values, size) * (squareMean(one.values) / squares),
    0,
  )
  return limited(wanted, values, size)
}
