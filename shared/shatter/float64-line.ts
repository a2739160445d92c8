import type { Experiment } from '../settings/experiment'
import type { Array3 } from '../numerics/float64'
import {
  drawFrozen,
  enter,
  leave,
  lineInputs,
  passBlock,
  slopeOf,
  switching,
  type FrozenNetwork,
} from '../network/frozen-network'
import type { BlockGraph } from '../graph/block-graph'
import type { BlockTrace } from '../block/interpreter'
import { gridOf } from './shatter'
import type { ShatterSettings } from '../settings/shatter'

/**
 * Steps of finite differences, as shares of the line: where an activation changes within the first, the second is
 * taken. It is less exact, since the rounding of y counts for more, and spares most points of deep networks, whose
 * kinks lie close.
 */
export const STEPS: readonly number[] = [2.5e-7, 8e-9]
/** Points at a time: what a pass leaves for the derivative stays small. */
const CHUNK = 64

export interface LineInFloat64 {
  y: Float64Array
  /** dy/dx by the operations' own backward, statistics over the line held constant. */
  slope: Float64Array
  /** dy/dx by central differences; NaN where an activation changes between on and off within the smallest step. */
  numeric: Float64Array
}

/**
 * The first network of one of `shatter`'s series on the line once more in float64, with its derivative computed in two
 * ways.
 * @param at indices of the points to compute; the others are NaN. Statistics are those of the whole line in any case.
 */
export function lineInFloat64(
  graph: BlockGraph,
  experiment: Experiment,
  settings: ShatterSettings,
  at?: readonly number[],
): LineInFloat64 {
  const x = gridOf(settings)
  const network = drawFrozen(graph, experiment, lineInputs(x))
  const nothing = () => new Float64Array(x.length).fill(NaN)
  const line = { y: nothing(), slope: nothing(), numeric: nothing() }
  let left = at ? [...at] : Array.from(x.keys())
  for (const step of STEPS) {
    for (let from = 0; from < left.length; from += CHUNK) {
      const places = left.slice(from, from + CHUNK)
      const part = derivatives(
        network,
        Float64Array.from(places, (i) => x[i]),
        step * (settings.range[1] - settings.range[0]),
      )
      places.forEach((i, own) => {
        line.y[i] = part.y[own]
        line.slope[i] = part.slope[own]
        line.numeric[i] = part.numeric[own]
      })
    }
    left = left.filter((i) => Number.isNaN(line.numeric[i]))
  }
  return line
}

function derivatives(network: FrozenNetwork, x: Float64Array, step: number): LineInFloat64 {
  // At the points, a step below and a step above.
  let streams = [0, -step, step].map((by) => enter(network, lineInputs(x.map((value) => value + by))))
  const changed = new Uint8Array(x.length)
  const traces: BlockTrace<Array3>[] = []
  network.blocks.forEach((_, k) => {
    const [here, below, above] = streams.map((h) => passBlock(network, k + 1, h))
    markChanges(network.graph, here, below, changed)
    markChanges(network.graph, here, above, changed)
    traces.push(here)
    streams = [here, below, above].map(({ output }) => output)
  })
  const [y, below, above] = streams.map((h) => leave(network, h))
  const numeric = x.map((_, i) => (changed[i] ? NaN : (above[i] - below[i]) / (2 * step)))
  return { y, slope: slopeOf(network, traces), numeric }
}

/** Marks the points at which a ReLU of the block is on in one pass and off in the other. */
function markChanges(
  graph: BlockGraph,
  one: BlockTrace<Array3>,
  other: BlockTrace<Array3>,
  changed: Uint8Array,
): void {
  for (const { id } of switching(graph)) {
    const [a, b] = [one.values.get(id)!, other.values.get(id)!]
    const width = a.shape[2]
    a.values.forEach((value, at) => {
      if (value > 0 !== b.values[at] > 0) changed[Math.floor(at / width)] = 1
    })
  }
}

/** How well the two derivatives agree. */
export interface DifferenceCheck {
  /** The largest difference over the line, divided by the largest |dy/dx|; NaN where a value is not finite. */
  largest: number
  /**
   * Points left out: an activation changes between on and off within the smallest step, so that there is no one
   * derivative.
   */
  excluded: number
  points: number
}

/** @param at the points that were computed; all, unless said otherwise */
export function differenceCheck(
  { slope, numeric }: LineInFloat64,
  at: readonly number[] = Array.from(slope.keys()),
): DifferenceCheck {
  let [scale, largest, excluded] = [0, 0, 0]
  for (const i of at) {
    if (!Number.isFinite(slope[i])) return { largest: NaN, excluded, points: at.length }
    scale = Math.max(scale, Math.abs(slope[i]))
    if (Number.isNaN(numeric[i])) excluded++
    else largest = Math.max(largest, Math.abs(numeric[i] - slope[i]))
  }
  return { largest: largest === 0 ? 0 : largest / scale, excluded, points: at.length }
}
