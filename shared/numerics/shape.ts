/**
 * What flows along an edge, per sample: `units` values (channels) at every position of a grid. Plain vectors have one
 * position; MNIST-1D as a sequence has one row. Values lie as [replica, sample × position, unit], positions row by row.
 */
export interface Shape {
  units: number
  rows: number
  columns: number
}

/** Where a block stands in the network: what comes in, and the width N that its layers' `units` are ratios of. */
export interface BlockPlace {
  input: Shape
  width: number
}

/** How many positions a sample has: 1 for a vector. */
export const positions = ({ rows, columns }: Shape) => rows * columns

/** A vector of `units`. */
export const vector = (units: number): Shape => ({ units, rows: 1, columns: 1 })

/** A block of a network of this width without positions. */
export const placeOf = (width: number): BlockPlace => ({ input: vector(width), width })

/** Whether units, rows and columns all agree: only then can values be added. */
export const sameShape = (a: Shape, b: Shape) =>
  a.units === b.units && a.rows === b.rows && a.columns === b.columns

/** "100", or "16 × 32 × 32": channels, rows, columns. */
export function shapeText({ units, rows, columns }: Shape): string {
  if (rows === 1 && columns === 1) return String(units)
  return rows === 1 ? `${units} × ${columns}` : `${units} × ${rows} × ${columns}`
}
