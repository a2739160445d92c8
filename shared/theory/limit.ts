import type { BlockGraph } from '../graph/block-graph'
import { NoTheory, meanOf, type Gradient, type Moments } from '../moments/moments'
import { asMoments, squareMean, type ParticleSize } from '../moments/trajectories'
import type { PlannedBlock } from '../network/plan'
import { positions } from '../numerics/shape'
import { closedForms, gradientMoments, streamEdge } from './closed-form'
import type { InputMoments } from './input'
import { TRAJECTORIES, streamParticles, topParticles } from './sampled-theory'
import {
  backwardBlock,
  backwardPlan,
  forwardPlan,
  type EdgeReading,
  type GradientReading,
  type Passage,
  type Pass,
} from './traversal'
import { visits, type TheoryExperiment } from './walk'

/** A planned network in the limit of infinite width, whichever way theory gets there. */
export interface Limit {
  /** Moments of h_0..h_L. */
  states: Pick<Moments, 'mean' | 'kernel'>[]
  /** With how many trajectories; null for closed forms. */
  size: ParticleSize | null
  /** Mean squared gradients at h_0..h_L, 1 at the top. @throws NoTheory */
  gradients(): number[]
  /** For blocks 1..L. @param sums the sum of each block, by node id. @throws NoTheory */
  sides(sums: readonly string[]): Sides[]
}

/**
 * Mean squared gradients at a block's output (`above`) and, at its input, of what it hands down past the branch of one
 * of its sums, through the branch, and in all. Where the two are uncorrelated they add up to `all`; else what they
 * share is added, or is missing.
 */
export interface Sides {
  above: number
  skip: number
  branch: number
  all: number
}

/** Full samples of trajectories; whole batches where these are smaller. */
export const PARTICLES: ParticleSize = { units: 1024, samples: 128 }
/** Trajectories cost time: deeper networks get no answer rather than a late one. */
const PARTICLE_DEPTH = 200
/** Closed forms over a data set carry a matrix of batch × batch. */
const DATA_BATCH = 512

/**
 * What `ask` finds in the limit: in closed form where there is one, else on sampled trajectories.
 * @param input of exchangeable samples, if trajectories are to stand in
 * @throws NoTheory with the reason, a clause
 */
export function inLimit<T>(
  plan: readonly PlannedBlock[],
  experiment: TheoryExperiment,
  input: InputMoments,
  ask: (limit: Limit) => T,
  size = PARTICLES,
): T {
  if (input.refusal) throw new NoTheory(input.refusal)
  if (!input.exchangeable && experiment.batch > DATA_BATCH)
    throw new NoTheory(`theory for a data set is computed for batches up to ${DATA_BATCH}`)
  try {
    return ask(closedForm(plan, experiment, input))
  } catch (error) {
    if (!(error instanceof NoTheory) || !input.exchangeable) throw error
    return orBoth(error, plan, () => ask(sampled(plan, experiment, input, size)))
  }
}

/** What has no closed form and cannot be sampled, for another reason, says both. */
function orBoth<T>(closed: NoTheory, plan: readonly PlannedBlock[], ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    if (!(error instanceof NoTheory) || error.message === closed.message) throw error
    throw new NoTheory(`no closed form (${closed.message}${whereOf(closed, plan)}); ${error.message}`)
  }
}

/** Where blocks differ: from which one on there is no closed form, and what has happened before it. */
function whereOf({ block = 1 }: NoTheory, plan: readonly PlannedBlock[]): string {
  if (block === 1 || plan.every((one) => one === plan[0])) return ''
  const isFilled = plan
    .slice(0, block)
    .some(({ graph, shapes }) =>
      graph.nodes.some(
        ({ id, op, inputs }) => op === 'shortcut' && shapes.get(id)!.units > shapes.get(inputs[0])!.units,
      ),
    )
  return ` in block ${block}${isFilled ? ', behind a shortcut that fills its units up with zeros' : ''}`
}

/** @throws NoTheory */
function closedForm(plan: readonly PlannedBlock[], experiment: TheoryExperiment, input: InputMoments): Limit {
  const samples = input.mean.length
  const algebra = gradientMoments(samples)
  const reading = closedForms(algebra)
  const walk = visits(plan, experiment, input.exchangeable)
  const pass = forwardPlan(plan, walk, streamEdge(input), reading, samples ** 2)
  const top: Gradient = { square: new Float64Array(samples).fill(1), uniform: true }
  return {
    states: pass.states.map(({ moments }) => moments),
    size: null,
    ...backward(pass, { gradient: top, coefficient: 1 }, reading, ({ gradient }) => meanOf(gradient.square)),
  }
}

/** @throws NoTheory */
function sampled(
  plan: readonly PlannedBlock[],
  experiment: TheoryExperiment,
  input: InputMoments,
  { units, samples }: ParticleSize,
): Limit {
  if (plan.length > PARTICLE_DEPTH)
    throw new NoTheory(`sampled theory is left out beyond ${PARTICLE_DEPTH} blocks`)
  if (input.grid) throw new NoTheory('what is sampled knows no positions, which differ behind a stem')
  const batch = experiment.batch * positions(plan[0].place.input)
  const seen = Math.max(2, Math.min(samples, batch))
  // A small batch leaves time for more units, whose variances scatter the more.
  const size = { units: 2 * Math.floor((units * samples) / seen / 2), samples: seen }
  const walk = visits(plan, experiment, true)
  const stream = streamParticles(size, input.kernel, experiment.seed)
  const pass = forwardPlan(plan, walk, stream, TRAJECTORIES, size.units * size.samples)
  return {
    states: pass.states.map(asMoments),
    size,
    ...backward(pass, topParticles(size, experiment.seed), TRAJECTORIES, ({ values }) => squareMean(values)),
  }
}

function backward<E, G>(
  pass: Pass<E>,
  top: G,
  reading: EdgeReading<E> & GradientReading<E, G>,
  squareOf: (gradient: G) => number,
): Pick<Limit, 'gradients' | 'sides'> {
  return {
    gradients: () => backwardPlan(pass, top, reading).map(squareOf),
    sides(sums) {
      const found: Sides[] = []
      let gradient = top
      for (let k = pass.plan.length - 1; k >= 0; k--) {
        const { graph } = pass.plan[k]
        const [edges, arrived] = [pass.edges(k), gradient]
        const handed = (passes?: Passage) =>
          backwardBlock(graph.output, pass.walk[k], edges, arrived, reading, passes)
        const { past, through } = passages(graph, sums[k])
        gradient = handed()
        const [above, skip, branch, all] = [arrived, handed(past), handed(through), gradient].map(squareOf)
        found.unshift({ above, skip, branch, all })
      }
      return found
    },
  }
}

/** The ways back through a block that leave out the branch of one of its sums, and those that go through it. */
function passages({ nodes }: BlockGraph, sum: string): { past: Passage; through: Passage } {
  const leadsTo = new Set([sum])
  for (const { id, inputs } of nodes) if (inputs.some((input) => leadsTo.has(input))) leadsTo.add(id)
  return {
    past: ({ id }, slot) => id !== sum || slot === 0,
    through({ id, inputs }, slot) {
      if (id === sum) return slot === 1
      // Above the sum, not around it.
      return !leadsTo.has(id) || leadsTo.has(inputs[slot]!)
    },
  }
}
