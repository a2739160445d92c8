import type { Experiment } from './experiment'
import { array3, float64, type Array3 } from './float64'
import type { BlockGraph } from './graph'
import { STREAM, drawParameter, type ParameterPlace } from './initialisation'
import { backwardBlock, forwardBlock, type BlockParameters, type BlockTrace } from './interpreter'
import { drawNetwork } from './network64'
import { gridOf, type ShatterSettings } from './shatter'

/** Steps of finite differences, as a share of the line. */
const STEP = 2.5e-7

export interface LineInFloat64 {
  y: Float64Array
  /** dy/dx by the operations' own backward, statistics over the line held constant. */
  slope: Float64Array
  /** The same by central differences; NaN where an activation changes between on and off within the step. */
  numeric: Float64Array
}

/** The first network of `shatter`'s series on the line once more in float64, with its derivative computed in two ways. */
export function lineInFloat64(
  graph: BlockGraph,
  experiment: Experiment,
  settings: ShatterSettings,
): LineInFloat64 {
  const network = drawLineNetwork(graph, experiment)
  const x = gridOf(settings)
  const step = (settings.range[1] - settings.range[0]) * STEP
  const here = forward(network, x)
  const [below, above] = [-step, step].map((by) =>
    forward(
      network,
      x.map((value) => value + by),
      here.traces,
    ),
  )
  const changed = x.map((_, i) =>
    samePattern(graph, i, here, below) && samePattern(graph, i, here, above) ? 0 : NaN,
  )
  const numeric = x.map((_, i) => (above.y[i] - below.y[i]) / (2 * step) + changed[i])
  return { y: here.y, slope: backward(network, here), numeric }
}

interface Network {
  graph: BlockGraph
  stem: Array3
  head: Array3
  blocks: BlockParameters<Array3>[]
}

interface Pass {
  y: Float64Array
  traces: BlockTrace<Array3>[]
}

function drawLineNetwork(graph: BlockGraph, experiment: Experiment): Network {
  const { width, seed } = experiment
  const outer = (shape: [number, number], stream: number) => {
    const place: ParameterPlace = {
      role: 'weight',
      shape,
      fanIn: shape[0],
      node: 'outer',
      ordinal: 0,
    }
    const values = new Float64Array(shape[0] * shape[1])
    return array3([1, ...shape], drawParameter(values, place, 0, { init: 'he', gain: 1, seed }, 1, stream))
  }
  // The stem from N values that it would draw is not the line's.
  const { blocks } = drawNetwork(graph, { ...experiment, batch: 1, stem: 'none' }, 0)
  return { graph, stem: outer([1, width], STREAM.stem), head: outer([width, 1], STREAM.head), blocks }
}

function forward(
  { graph, stem, head, blocks }: Network,
  x: Float64Array,
  frozen?: BlockTrace<Array3>[],
): Pass {
  let h = float64.matMul(array3([1, x.length, 1], x), stem)
  const traces = blocks.map((parameters, k) => {
    const trace = forwardBlock(float64, graph, parameters, h, frozen?.[k])
    h = trace.output
    return trace
  })
  return { y: float64.matMul(h, head).values, traces }
}

function backward({ graph, stem, head, blocks }: Network, { y, traces }: Pass): Float64Array {
  const ones = array3([1, y.length, 1], new Float64Array(y.length).fill(1))
  const top = float64.matMul(ones, head, false, true)
  const bottom = traces.reduceRight(
    (gradient, trace, k) => backwardBlock(float64, graph, blocks[k], trace, gradient, true).input,
    top,
  )
  return float64.matMul(bottom, stem, false, true).values
}

/** Whether the same ReLUs are on at point `i` of two passes. */
function samePattern(graph: BlockGraph, i: number, a: Pass, b: Pass): boolean {
  const relus = graph.nodes.filter((node) => node.op === 'relu')
  return a.traces.every((trace, k) =>
    relus.every(({ id }) => {
      const [one, other] = [trace.values.get(id)!, b.traces[k].values.get(id)!]
      const width = one.shape[2]
      for (let at = i * width; at < (i + 1) * width; at++)
        if (one.values[at] > 0 !== other.values[at] > 0) return false
      return true
    }),
  )
}
