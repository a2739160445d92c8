import type { GraphNode } from '../graph/block-graph'
import type { Initialisation } from '../graph/initialisation'
import { meanOf, meanSquare, NoTheory, type Moments } from '../moments/moments'
import { array3, float64 } from '../numerics/float64'
import { vector, type Shape } from '../numerics/shape'
import { operationOf } from '../operations'
import { forwardEdges, type EdgeReading } from '../theory/traversal'
import { alone, visitOf, type Visit } from '../theory/walk'

/** Blocks beyond which nothing new happens. */
const DEEPEST = 1000
const LARGEST = 3.4e38

/**
 * The stream's mean square over the blocks in the limit of infinite width, with every edge taken as Gaussian,
 * independent of all others, and over a batch without end. A rough estimate, good for telling whether a constant lets
 * the signal die or explode; for more there is theory.
 * @param nodes inputs before their users; an input that is not connected is 0
 * @param shapes of edges, by node id (and `input`); an operation without one passes its input on
 * @returns the mean square after the last block (1 at the first), and the block where it leaves float32
 */
export function estimatedGrowth(
  nodes: readonly GraphNode[],
  output: string,
  depth: number,
  initialisation: Initialisation,
  shapes: ReadonlyMap<string, Shape | null>,
): { last: number; overflow: number | null } {
  const known = new Map([...shapes].flatMap(([id, shape]): [string, Shape][] => (shape ? [[id, shape]] : [])))
  const visits = nodes.map((node) => visitOf(node, known, alone(initialisation)))
  const reading = levels(visits, known)
  let stream: Level = { square: 1, mean: 0 }
  for (let block = 1; block <= Math.min(depth, DEEPEST); block++) {
    stream = forwardEdges(inBlock(visits, { block, depth }), stream, reading).get(output) ?? NOTHING
    if (stream.square > LARGEST) return { last: stream.square, overflow: block }
  }
  return { last: stream.square, overflow: null }
}

/** Of what an operation does, coefficients alone depend on the block. */
const inBlock = (visits: readonly Visit[], at: Visit['context']['at']): Visit[] =>
  visits.map((visit) =>
    visit.coefficients
      ? { ...visit, coefficients: operationOf(visit.node).coefficients!(visit.node, at) }
      : visit,
  )

/** What is known of an edge, over units, positions and samples. */
interface Level {
  square: number
  mean: number
}

const NOTHING: Level = { square: 0, mean: 0 }

/** From the inputs of an operation to its output. */
type Step = (inputs: Level[]) => Level

/** Mean squares and means as edges. */
function levels(visits: readonly Visit[], shapes: ReadonlyMap<string, Shape>): EdgeReading<Level> {
  const steps = new Map<string, Step>()
  // Equal operations on equal shapes are read once: a convolution sums over all its positions.
  const alike = new Map<string, Step>()
  for (const visit of visits) {
    const { node, context, coefficients } = visit
    if (coefficients) continue
    const key = JSON.stringify([{ ...node, id: '', inputs: [] }, context.input, context.output])
    const step = alike.get(key) ?? (shapes.has(node.id) ? stepOf(visit) : passOn)
    alike.set(key, step)
    steps.set(node.id, step)
  }
  return {
    enter: (stream) => stream,
    combine(inputs, coefficients) {
      let [square, mean] = [0, 0]
      coefficients.forEach((factor, i) => {
        const input = inputs[i] ?? NOTHING
        if (factor === 0) return
        square += input.square * factor ** 2 + 2 * mean * factor * input.mean
        mean += factor * input.mean
      })
      return { square, mean }
    },
    apply: ({ node }, inputs) => steps.get(node.id)!(node.inputs.map((_, i) => inputs[i] ?? NOTHING)),
  }
}

const passOn: Step = ([first]) => first

function stepOf(visit: Visit): Step {
  switch (operationOf(visit.node).kind) {
    case 'activation':
      return activationStep(visit.node)
    // What these do hangs on the input's size, or on two inputs.
    case 'norm':
    case 'join':
      return momentsStep(visit)
    default:
      return linearStep(momentsStep(visit))
  }
}

/** As theory has it; what it has no answer for passes its first input on. */
function momentsStep({ node, context }: Visit): Step {
  const operation = operationOf(node)
  return (inputs) => {
    try {
      const moments = operation.moments(node, inputs.map(gaussianPair), context)
      return { square: meanSquare(moments), mean: meanOf(moments.mean) }
    } catch (error) {
      if (error instanceof NoTheory) return inputs[0]
      throw error
    }
  }
}

/** A pair of independent samples. */
const gaussianPair = ({ square, mean }: Level, source: number): Moments => ({
  mean: Float64Array.of(mean, mean),
  kernel: Float64Array.of(square, mean ** 2, mean ** 2, square),
  gaussian: true,
  sources: new Set([`${source}`]),
})

/** An operation that is linear in the values: four of its points tell all others. */
function linearStep(at: Step): Step {
  const points: Level[] = [NOTHING, { square: 1, mean: 0 }, { square: 1, mean: 1 }, { square: 1, mean: -1 }]
  const [origin, even, up, down] = points.map((level) => at([level]))
  const ofSquare = even.square - origin.square
  const ofMean = (up.square - down.square) / 2
  const ofMeanSquare = (up.square + down.square) / 2 - even.square
  return ([{ square, mean }]) => ({
    square: origin.square + ofSquare * square + ofMean * mean + ofMeanSquare * mean ** 2,
    mean: origin.mean + ((up.mean - down.mean) / 2) * mean,
  })
}

/** Points of a standard normal, evenly apart and as many above 0 as below, and their weights: 1 in all. */
function normalPoints(step: number): { z: Float64Array; weights: Float64Array } {
  const reach = 6
  const z = Float64Array.from({ length: (2 * reach) / step }, (_, i) => (i + 0.5) * step - reach)
  const density = z.map((at) => Math.exp((-at * at) / 2))
  const all = density.reduce((sum, one) => sum + one, 0)
  return { z, weights: density.map((one) => one / all) }
}

/** Enough behind a kink, and for a smooth function. */
const [FINE, COARSE] = [normalPoints(0.05), normalPoints(0.3)]

/** An activation's own values on points of a Gaussian: series are exact, and too slow for every node and block. */
function activationStep(node: GraphNode): Step {
  const { forward, isHomogeneous } = operationOf(node)
  const { z, weights } = isHomogeneous ? FINE : COARSE
  const at = (mean: number, deviation: number): Level => {
    const x = array3([1, z.length, 1])
    for (let i = 0; i < z.length; i++) x.values[i] = mean + deviation * z[i]
    const { values } = forward(float64, node, [x], [], undefined, vector(1)).output
    const made = { square: 0, mean: 0 }
    for (let i = 0; i < z.length; i++) {
      made.mean += weights[i] * values[i]
      made.square += weights[i] * values[i] ** 2
    }
    return made
  }
  const spread = (square: number, mean: number) => Math.sqrt(Math.max(0, square - mean ** 2))
  if (!isHomogeneous) return ([{ square, mean }]) => at(mean, spread(square, mean))
  // All that counts is the share of the mean, and behind a layer or a norm that is always 0.
  const known = new Map<number, Level>()
  return ([{ square, mean }]) => {
    const size = Math.sqrt(square)
    const share = square > 0 ? mean / size : 0
    const one = known.get(share) ?? at(share, spread(1, share))
    known.set(share, one)
    return { square: square * one.square, mean: size * one.mean }
  }
}
