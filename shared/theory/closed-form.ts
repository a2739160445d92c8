import { INPUT, type GraphNode } from '../graph/block-graph'
import { gridGradient, gridOf, withGrid, type GridMoments } from '../moments/grid-moments'
import { NoTheory, type Gradient, type Moments } from '../moments/moments'
import { operationOf } from '../operations'
import type { Operation } from '../operations/operation'
import type { PlannedBlock } from '../network/plan'
import { spentBehind, type Visit } from './walk'

/**
 * An edge as a linear combination of atoms: values that something else than sums and scales has made, and the stream at the block's start. Skips
 * inside skips meet again as what they are, more of the same.
 */
interface Edge {
  parts: ReadonlyMap<string, number>
  moments: Moments
}

/** Moments on all edges of a block, forward, and what takes gradients back through it. */
interface BlockPass {
  output: Edge
  /** From what arrives at the output to what arrives at the input. */
  back<G>(gradient: G, algebra: GradientAlgebra<G>): G
}

export interface GradientAlgebra<G> {
  zero: G
  add(a: G, b: G): G
  /** Through a scale: mean squares are multiplied by the square. */
  scale(gradient: G, square: number): G
  /** Through an operation, to each of its inputs. */
  pull(visit: Visit, gradient: G, inputs: Moments[]): G[]
}

/** Moments of the stream h_0..h_L and the passes that made them. @throws NoTheory where there is no closed form */
export function propagate(
  plan: readonly PlannedBlock[],
  walk: Visit[][],
  input: Moments,
): { states: Moments[]; passes: BlockPass[] } {
  const states = [input]
  const passes = walk.map((visits, k) => {
    const pass = throughBlock(plan[k].graph.output, visits, states[k])
    states.push(pass.output.moments)
    return pass
  })
  return { states, passes }
}

/** Gradients at h_0..h_L. @throws NoTheory */
export function descend<G>(passes: readonly BlockPass[], top: G, algebra: GradientAlgebra<G>): G[] {
  const gradients = [top]
  for (const pass of [...passes].reverse()) gradients.unshift(pass.back(gradients[0], algebra))
  return gradients
}

function throughBlock(outputId: string, visits: Visit[], stream: Moments): BlockPass {
  // What came before this block is one source: all of its fresh layers are independent of it.
  const atoms = new Map<string, Moments>([[INPUT, { ...stream, sources: new Set([INPUT]) }]])
  const edges = new Map<string, Edge>([[INPUT, atomic(INPUT, atoms)]])
  for (const { node, context, coefficients } of visits) {
    const inputs = node.inputs.map((id) => edges.get(id))
    if (coefficients) {
      edges.set(node.id, combination(inputs, coefficients, atoms))
    } else {
      const moments = inputs.map((edge) => edge!.moments)
      const made = operationOf(node).moments(node, moments, context)
      atoms.set(node.id, made)
      edges.set(node.id, atomic(node.id, atoms))
    }
  }
  const output = edges.get(outputId)!
  return {
    output,
    back(gradient, algebra) {
      type G = typeof gradient
      const at = new Map<string, G>()
      // Between a node and where its paths meet again lies a linear layer, or there would be no closed form: contributions are uncorrelated.
      const distribute = ({ parts }: Edge, contribution: G) =>
        parts.forEach((coefficient, atom) => {
          const scaled = algebra.scale(contribution, coefficient ** 2)
          const before = at.get(atom)
          at.set(atom, before === undefined ? scaled : algebra.add(before, scaled))
        })
      distribute(output, gradient)
      for (const visit of [...visits].reverse()) {
        const own = at.get(visit.node.id)
        if (own === undefined) continue
        const inputs = visit.node.inputs.map((id) => edges.get(id)!)
        const moments = inputs.map((edge) => edge.moments)
        algebra.pull(visit, own, moments).forEach((back, i) => distribute(inputs[i], back))
      }
      return at.get(INPUT) ?? algebra.zero
    },
  }
}

const atomic = (id: string, atoms: Map<string, Moments>): Edge => ({
  parts: new Map([[id, 1]]),
  moments: atoms.get(id)!,
})

/** @param inputs those with a coefficient of 0 may be missing */
function combination(
  inputs: (Edge | undefined)[],
  coefficients: number[],
  atoms: ReadonlyMap<string, Moments>,
): Edge {
  const parts = new Map<string, number>()
  coefficients.forEach((factor, i) => {
    if (factor === 0) return
    inputs[i]!.parts.forEach((coefficient, atom) =>
      parts.set(atom, (parts.get(atom) ?? 0) + factor * coefficient),
    )
  })
  for (const [atom, coefficient] of parts) if (coefficient === 0) parts.delete(atom)
  return { parts, moments: momentsOf(parts, atoms) }
}

/** @throws NoTheory where different atoms depend on each other */
function momentsOf(parts: ReadonlyMap<string, number>, atoms: ReadonlyMap<string, Moments>): Moments {
  const terms = [...parts].map(([atom, factor]) => ({ factor, ...atoms.get(atom)! }))
  if (terms.length === 1 && terms[0].factor === 1) return atoms.get([...parts.keys()][0])!
  const sources = new Set<string>()
  for (const term of terms) {
    // Without a linear layer in between, both are functions of the same coordinate.
    if ([...term.sources].some((source) => sources.has(source)))
      throw new NoTheory('a sum whose sides depend on each other, with no linear layer in between')
    term.sources.forEach((source) => sources.add(source))
  }
  const size = atoms.get(INPUT)!.mean.length
  const mean = new Float64Array(size)
  const kernel = new Float64Array(size * size)
  for (const term of terms) {
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) {
        const cross =
          product(mean[a], term.factor * term.mean[b]) + product(term.factor * term.mean[a], mean[b])
        kernel[a * size + b] += term.factor ** 2 * term.kernel[a * size + b] + cross
      }
    }
    for (let a = 0; a < size; a++) mean[a] += term.factor * term.mean[a]
  }
  const square = ({ factor, kernel }: (typeof terms)[number]) => factor ** 2 * kernel[0]
  const all = terms.reduce((sum, term) => sum + square(term), 0)
  const normal = terms.reduce((sum, term) => sum + square(term) * (term.normalised ?? 0), 0)
  return {
    mean,
    kernel,
    grid: gridSum(terms),
    gaussian: terms.every(({ gaussian }) => gaussian),
    sources,
    normalised: all > 0 && all < Infinity ? normal / all : 0,
  }
}

function gridSum(terms: (Moments & { factor: number })[]): GridMoments | undefined {
  const places = terms.find(({ grid }) => grid)?.grid!.square.length
  if (!places) return undefined
  const square = new Float64Array(places)
  const mean = new Float64Array(places)
  for (const term of terms) {
    const grid = gridOf(term, places)
    for (let s = 0; s < places; s++) {
      const own = term.factor * grid.mean[s]
      square[s] += term.factor ** 2 * grid.square[s] + 2 * product(mean[s], own)
      mean[s] += own
    }
  }
  return { square, mean, isShared: terms.some(({ grid }) => grid?.isShared) }
}

/** Nothing times a mean beyond float64 is nothing. */
const product = (a: number, b: number) => (a === 0 || b === 0 ? 0 : a * b)

export const gradientMoments = (size: number): GradientAlgebra<Gradient> => ({
  zero: { square: new Float64Array(size), uniform: true },
  add(a, b) {
    const share = a.square[0] / (a.square[0] + b.square[0])
    const blend = (x = 0, y = 0) => (share >= 0 ? share * x + (1 - share) * y : 0)
    const both = {
      uniform: a.uniform && b.uniform,
      centred: blend(a.centred, b.centred),
      spent: blend(a.spent, b.spent),
    }
    const places = (a.grid ?? b.grid)?.length
    if (!places) return { ...both, square: a.square.map((value, i) => value + b.square[i]) }
    const other = gridGradient(b, places)
    return withGrid(
      { ...both, square: a.square },
      gridGradient(a, places).map((g, s) => g + other[s]),
    )
  },
  scale: (gradient, square) => (square === 1 ? gradient : multiplied(gradient, square)),
  pull({ node, context }, gradient, inputs) {
    const operation = operationOf(node)
    const before = gradient.centred ?? 0
    const here = { ...context, gradientCentred: before, gradientSpent: gradient.spent }
    const back = operation.gradientMoments(node, gradient, inputs, here)
    const spent = spentBehind(node, operation, gradient.spent ?? 0, inputs[0].normalised)
    const centred = operation.gradientSum === 'removed' ? 1 : before * keptBy(operation, node, inputs, before)
    return back.map((one) => {
      // What treats all positions alike says so by one factor.
      const isSame = gradient.grid !== undefined && (one.grid === undefined || one.grid === gradient.grid)
      const factor = gradient.square[0] > 0 ? one.square[0] / gradient.square[0] : 0
      const grid = isSame ? gradient.grid!.map((g) => g * factor) : one.grid
      return { ...one, grid, centred, spent }
    })
  },
})

/** What two samples' gradients, which add up to less than if they were independent, keep of that: an activation lets through what its slopes share. */
function keptBy(operation: Operation, node: GraphNode, [x]: Moments[], before: number): number {
  if (operation.gradientSum === 'kept' || before === 0) return 1
  return operation.maskCorrelation?.(node, x) ?? 0
}

const multiplied = (gradient: Gradient, factor: number): Gradient => ({
  ...gradient,
  square: gradient.square.map((g) => g * factor),
  grid: gradient.grid?.map((g) => g * factor),
})
