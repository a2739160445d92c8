import { INPUT, type GraphNode } from '../graph/block-graph'
import { gridGradient, scaledGradient, withGrid } from '../moments/grid-moments'
import type { Gradient, Moments, TheoryContext } from '../moments/moments'
import { sumOfMoments } from '../moments/sum-of-moments'
import { operationOf } from '../operations'
import type { Operation } from '../operations/operation'
import type { EdgeReading, GradientReading } from './traversal'
import { spentAtPart, spentBehind } from './spent'
import type { Visit } from './walk'

/**
 * An edge as a linear combination of atoms: values that something else than sums and scales has made, and the stream at
 * the block's start. Skips inside skips meet again as what they are, more of the same.
 */
export interface Edge {
  /** By the atom's node id. */
  parts: ReadonlyMap<string, Part>
  moments: Moments
}

interface Part {
  coefficient: number
  /** The moments of the atom itself, before the coefficient. */
  moments: Moments
}

/** How gradients are counted where edges are known by their moments: mean squares, or more than these. */
export interface GradientAlgebra<G> {
  zero: G
  /** The sum of two uncorrelated gradients. */
  add(a: G, b: G): G
  /** Mean squares are multiplied by `square`. */
  scale(gradient: G, square: number): G
  /** At one of the parts of a combination that holds this share of its variance; absent: the same. */
  atPart?(gradient: G, share: number, batch: number): G
  /** Through an operation, to each of its inputs. @throws NoTheory */
  pull(visit: Visit, gradient: G, inputs: Moments[]): G[]
}

/** What leaves an atom going back, and the factor that it has met since: a signed sum over the ways it took. */
export interface Scaled<G> {
  gradient: G
  coefficient: number
}

const STREAM: ReadonlySet<string> = new Set([INPUT])

/** h_0, jointly Gaussian. */
export const streamEdge = ({ mean, kernel, grid }: Pick<Moments, 'mean' | 'kernel' | 'grid'>): Edge =>
  atom(INPUT, { mean, kernel, grid, gaussian: true, sources: STREAM })

const atom = (id: string, moments: Moments): Edge => ({
  parts: new Map([[id, { coefficient: 1, moments }]]),
  moments,
})

/**
 * Moments in closed form, and gradients as the algebra counts them. Between an atom and the place where its ways meet
 * again lies a linear layer on all but one of them, or there would be no closed form: what comes back to an atom from
 * several others is uncorrelated.
 */
export function closedForms<G>(
  algebra: GradientAlgebra<G>,
): EdgeReading<Edge> & GradientReading<Edge, Scaled<G>> {
  const once = (gradient: G): Scaled<G> => ({ gradient, coefficient: 1 })
  return {
    enter: ({ moments }) => atom(INPUT, { ...moments, sources: STREAM }),
    combine: combination,
    apply: ({ node, context }, inputs) =>
      atom(
        node.id,
        operationOf(node).moments(
          node,
          inputs.map(({ moments }) => moments),
          context,
        ),
      ),
    zero: () => once(algebra.zero),
    add: (a, b) => ({ ...a, coefficient: a.coefficient + b.coefficient }),
    scale({ gradient, coefficient }, factor, { context }, input, output) {
      const share = (factor ** 2 * spread(input.moments)) / spread(output.moments)
      const own = share < 1 && algebra.atPart ? algebra.atPart(gradient, share, context.batch) : gradient
      return { gradient: own, coefficient: coefficient * factor }
    },
    isNothing: ({ coefficient }) => coefficient === 0,
    total: (parts) =>
      once(
        parts
          .map(({ gradient, coefficient }) => algebra.scale(gradient, coefficient ** 2))
          .reduce((a, b) => algebra.add(a, b)),
      ),
    isOrigin: ({ coefficients }) => !coefficients,
    pull: (visit, { gradient }, inputs) =>
      algebra
        .pull(
          visit,
          gradient,
          inputs.map(({ moments }) => moments),
        )
        .map(once),
  }
}

/** What two samples differ by: 1 - their correlation, times the mean square. */
const spread = ({ kernel }: Moments) => kernel[0] - kernel[1]

/** @throws NoTheory where different atoms depend on each other */
function combination(
  inputs: readonly (Edge | undefined)[],
  coefficients: readonly number[],
  stream: Edge,
): Edge {
  const parts = new Map<string, Part>()
  coefficients.forEach((factor, i) => {
    if (factor === 0) return
    inputs[i]!.parts.forEach(({ coefficient, moments }, id) =>
      parts.set(id, { coefficient: (parts.get(id)?.coefficient ?? 0) + factor * coefficient, moments }),
    )
  })
  for (const [id, { coefficient }] of parts) if (coefficient === 0) parts.delete(id)
  return { parts, moments: momentsOf([...parts.values()], stream.moments.mean.length) }
}

/** @param size samples S of a combination of nothing. @throws NoTheory where different atoms depend on each other */
function momentsOf(parts: readonly Part[], size: number): Moments {
  if (parts.length === 1 && parts[0].coefficient === 1) return parts[0].moments
  return sumOfMoments(
    parts.map(({ coefficient, moments }) => ({ ...moments, factor: coefficient })),
    size,
  )
}

/**
 * Gradients counted by their mean squares, and by what batch norms have left of them (see Gradient).
 * @param size samples S of the moments
 */
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
  scale: (gradient, square) => (square === 1 ? gradient : scaledGradient(gradient, square)),
  atPart: (gradient, share, batch) => ({ ...gradient, spent: spentAtPart(gradient, share, batch) }),
  pull({ node, context, isAboveNorm = true }, gradient, inputs) {
    const operation = operationOf(node)
    const before = gradient.centred ?? 0
    const back = operation.gradientMoments(node, gradient, inputs, context)
    const [x] = inputs
    const spent = isAboveNorm
      ? spentBehind(operation, {
          spent: gradient.spent ?? 0,
          centred: before,
          normalised: x.normalised,
          alike: x.kernel[0] > 0 ? x.kernel[1] / x.kernel[0] : 0,
          leverage: operation.leverage?.(node, x, context) ?? null,
          batch: context.batch,
        })
      : 0
    const centred =
      operation.gradientSum === 'removed' ? 1 : before * keptBy(operation, node, inputs, before, context)
    return back.map((one) => {
      // What treats all positions alike says so by one factor.
      const isSame = gradient.grid !== undefined && (one.grid === undefined || one.grid === gradient.grid)
      const factor = gradient.square[0] > 0 ? one.square[0] / gradient.square[0] : 0
      const grid = isSame ? gradient.grid!.map((g) => g * factor) : one.grid
      return { ...one, grid, centred, spent }
    })
  },
})

/**
 * What two samples' gradients, which add up to less than if they were independent, keep of that: an activation lets
 * through what its slopes share.
 */
function keptBy(
  operation: Operation,
  node: GraphNode,
  [x]: Moments[],
  before: number,
  context: TheoryContext,
): number {
  if (operation.gradientSum === 'kept' || before === 0) return 1
  return operation.maskCorrelation?.(node, x, context) ?? 0
}
