import { blockOfCopy } from './links'

/** Where things lie in the pictures of the networks, in pixels. */

export interface UnravelledLayout {
  /** Where x is, and the line from which all paths start. */
  start: number
  /** Where y is. */
  end: number
  row(path: number): number
  box(block: number): number
  sum(block: number): number
  rowHeight: number
  boxWidth: number
  boxHeight: number
  radius: number
}

const MARGIN = { left: 28, right: 26, top: 20, bottom: 6 }

/**
 * The unravelled network as a comb: one row for each path, in the order of their numbers, the path past every branch on
 * top. At block k the rows with that branch meet those without it, half of what is left: a copy enters in its own row
 * and its sum lies in the row above it that has the same way on.
 */
export function unravelledLayout(blocks: number, width: number, height: number): UnravelledLayout {
  const rowHeight = (height - MARGIN.top - MARGIN.bottom) / 2 ** blocks
  const column = (width - MARGIN.left - MARGIN.right) / blocks
  return {
    start: MARGIN.left,
    end: width - MARGIN.right,
    row: (path) => MARGIN.top + rowHeight * (path + 0.5),
    box: (block) => MARGIN.left + column * (block - 0.56),
    sum: (block) => MARGIN.left + column * (block - 0.12),
    rowHeight,
    boxWidth: Math.min(44, 0.42 * column),
    boxHeight: Math.max(2.5, Math.min(20, 0.82 * rowHeight)),
    radius: Math.max(1.2, Math.min(5.5, 0.3 * rowHeight)),
  }
}

/** The path with its first block left out: the row in which a copy's sum lies. */
export const rowOfSum = (copy: number) => copy - 2 ** (blockOfCopy(copy) - 1)

/** From x through a copy up to its sum. */
export function copyWire(copy: number, layout: UnravelledLayout): string {
  const x = layout.sum(blockOfCopy(copy))
  const [from, to] = [layout.row(copy), layout.row(rowOfSum(copy))]
  const r = Math.min(7, 0.45 * layout.rowHeight + 1, from - to)
  return `M${layout.start} ${from}H${x - r}Q${x} ${from} ${x} ${from - r}V${to}`
}

/** A whole path, from x to y. */
export function pathWire(path: number, layout: UnravelledLayout): string {
  const first = layout.row(0)
  let wire = `M${layout.start} ${first}V${layout.row(path)}`
  for (let rest = path; rest > 0; rest = rowOfSum(rest)) {
    const x = layout.sum(blockOfCopy(rest))
    const [from, to] = [layout.row(rest), layout.row(rowOfSum(rest))]
    const r = Math.min(7, 0.45 * layout.rowHeight + 1, from - to)
    wire += `H${x - r}Q${x} ${from} ${x} ${from - r}V${to}`
  }
  return `${wire}H${layout.end}`
}

/** How strongly a block's boxes are tinted: the same in every picture, later ones more. */
export const tintOf = (block: number) => 0.05 + 0.045 * block
