/**
 * Linear regions in a plane: the patterns at the points of a grid are counted; what a region is says line-regions.ts.
 */
import { InputError } from '../base/errors'
import { array3, type Array3 } from '../numerics/float64'
import { enter, passBlock, switching, type FrozenNetwork } from '../network/frozen-network'
import { Random } from '../numerics/random'
import { STREAM } from '../numerics/random-streams'
import { isFinite } from './line-regions'

/** Units of a block whose pattern is kept by itself, beside that of all. */
export const FEW_UNITS = 16

/** Points a side of the grid that statistics are taken over. */
const STATISTICS_SIDE = 48

export interface Square {
  /** Its middle lies at 0, 0; this is half a side. */
  reach: number
  /** Points a side. */
  size: number
}

/** The patterns of some rows of the grid. */
export interface SliceRows {
  from: number
  rows: number
  /** [block][point]: whether the first 16 units of the block's last ReLU are on, one bit each. */
  bits: Uint16Array
  /** [block][point]: a hash of the pattern of all of the block's ReLUs. */
  hashes: Uint32Array
}

/**
 * The points that a network of two inputs takes its statistics over: a coarse grid on the whole square [-span, span]².
 */
export function statisticsGrid(span: number): Array3 {
  return gridInputs({ reach: span, size: STATISTICS_SIDE }, 0, STATISTICS_SIDE)
}

/** Rows `from` to `to` of the square's grid, the first row at the top. */
function gridInputs({ reach, size }: Square, from: number, to: number): Array3 {
  const place = (i: number) => -reach + (2 * reach * (i + 0.5)) / size
  const inputs = array3([1, (to - from) * size, 2])
  for (let row = from; row < to; row++) {
    for (let column = 0; column < size; column++) {
      const at = 2 * ((row - from) * size + column)
      inputs.values[at] = place(column)
      inputs.values[at + 1] = -place(row)
    }
  }
  return inputs
}

/** @throws InputError where a value is not finite */
export function sliceRows(network: FrozenNetwork, square: Square, from: number, to: number): SliceRows {
  const points = (to - from) * square.size
  const depth = network.blocks.length
  const result = {
    ...{ from, rows: to - from },
    bits: new Uint16Array(depth * points),
    hashes: new Uint32Array(depth * points),
  }
  const relus = switching(network.graph)
  let h = enter(network, gridInputs(square, from, to))
  for (let k = 1; k <= depth; k++) {
    const trace = passBlock(network, k, h)
    if (!isFinite(trace.output)) {
      throw new InputError(
        'blocks',
        `values are not finite from block ${k} on`,
        'Lower the depth or the gain, or choose a remedy that keeps the signal in bounds.',
      )
    }
    const [start, end] = [(k - 1) * points, k * points]
    relus.forEach(({ inputs }, ordinal) => {
      const { shape, values } = trace.values.get(inputs[0])!
      hashPatterns(values, shape[2], hashKeys(k, ordinal, shape[2]), result.hashes.subarray(start, end))
      if (ordinal === relus.length - 1) keepBits(values, shape[2], result.bits.subarray(start, end))
    })
    h = trace.output
  }
  return result
}

/** Zobrist's hash: every unit has a random number; those that are on are combined by exclusive or. */
function hashPatterns(values: Float64Array, width: number, keys: Uint32Array, hashes: Uint32Array): void {
  for (let i = 0; i < hashes.length; i++) {
    let hash = hashes[i]
    for (let unit = 0; unit < width; unit++) if (values[i * width + unit] > 0) hash ^= keys[unit]
    hashes[i] = hash
  }
}

function hashKeys(block: number, ordinal: number, width: number): Uint32Array {
  const random = new Random(STREAM.hashKeys, block, ordinal)
  return Uint32Array.from({ length: width }, () => random.uint32())
}

function keepBits(values: Float64Array, width: number, bits: Uint16Array): void {
  const units = Math.min(FEW_UNITS, width)
  for (let i = 0; i < bits.length; i++) {
    for (let unit = 0; unit < units; unit++) if (values[i * width + unit] > 0) bits[i] |= 1 << unit
  }
}

/** Which ReLUs count for a pattern of the slice. */
export interface Counted {
  /** Block k by itself, or all blocks up to k. */
  block: number
  upTo: boolean
  /** The first so many units of a block's last ReLU; null: all ReLUs. */
  units: number | null
}

/**
 * One number per point: equal numbers mean equal patterns (but for collisions of 32-bit hashes, which can only hide
 * patterns).
 */
export function patternsOf(
  { bits, hashes }: Pick<SliceRows, 'bits' | 'hashes'>,
  points: number,
  { block, upTo, units }: Counted,
): Uint32Array {
  const patterns = new Uint32Array(points)
  const mask = units === null ? 0 : 2 ** units - 1
  for (let k = upTo ? 1 : block; k <= block; k++) {
    const keys = units === null ? null : hashKeys(k, FEW_UNITS, FEW_UNITS)
    const start = (k - 1) * points
    for (let i = 0; i < points; i++) {
      if (!keys) {
        patterns[i] ^= hashes[start + i]
        continue
      }
      let on = bits[start + i] & mask
      for (let unit = 0; on; unit++, on >>= 1) if (on & 1) patterns[i] ^= keys[unit]
    }
  }
  return patterns
}

export function countDistinct(patterns: Uint32Array): number {
  return new Set(patterns).size
}
