import { mix, type Palette } from '../charts/palette'
import { blockOfCopy } from '../paths/links'
import { rowOfSum, tintOf, unravelledLayout, type UnravelledLayout } from '../paths/unravelled-layout'
import type { DrawnContent } from './figure'

/** More blocks have more paths than lines that can be told apart. */
export const MOST_UNRAVELLED = 6

/** Rows of so many CSS pixels, by the number of blocks: what a column of a journal shows. */
const ROWS = [0, 26, 22, 17, 13, 9, 6.5]
const COLUMN = 309
const LEAST_NAMED = 7

/** A residual network of few blocks as all of its paths: each row is one, and where rows meet they are added. */
export const unravelledContent = (blocks: number): DrawnContent => ({
  kind: 'drawn',
  legend: [],
  ratio: (2 ** blocks * ROWS[blocks] + 26) / COLUMN,
  draw(ctx, { width, height }, palette) {
    const layout = unravelledLayout(blocks, width, height)
    const copies = Array.from({ length: 2 ** blocks - 1 }, (_, i) => i + 1)
    ctx.save()
    ctx.strokeStyle = palette.muted
    ctx.lineWidth = 0.8
    drawWires(ctx, copies, layout, 2 ** blocks)
    copies.forEach((copy) => drawBox(ctx, copy, layout, palette))
    copies.forEach((copy) => drawSum(ctx, copy, layout, palette))
    drawWords(ctx, blocks, layout, palette)
    ctx.restore()
  },
})

function drawWires(
  ctx: CanvasRenderingContext2D,
  copies: readonly number[],
  layout: UnravelledLayout,
  paths: number,
): void {
  const { start, end, row, sum } = layout
  ctx.beginPath()
  ctx.moveTo(start, row(0))
  ctx.lineTo(start, row(paths - 1))
  ctx.moveTo(start, row(0))
  ctx.lineTo(end, row(0))
  for (const copy of copies) {
    const x = sum(blockOfCopy(copy))
    ctx.moveTo(start, row(copy))
    ctx.lineTo(x, row(copy))
    ctx.lineTo(x, row(rowOfSum(copy)))
  }
  ctx.stroke()
}

function drawBox(
  ctx: CanvasRenderingContext2D,
  copy: number,
  { box, row, boxWidth, boxHeight }: UnravelledLayout,
  palette: Palette,
): void {
  const block = blockOfCopy(copy)
  const [x, y] = [box(block) - boxWidth / 2, row(copy) - boxHeight / 2]
  ctx.fillStyle = mix(palette.surface, palette.muted, 2 * tintOf(block))
  ctx.fillRect(x, y, boxWidth, boxHeight)
  ctx.strokeRect(x, y, boxWidth, boxHeight)
  if (boxHeight < LEAST_NAMED) return
  ctx.fillStyle = palette.ink
  ctx.font = palette.type.font('tiny')
  ctx.textAlign = 'center'
  ctx.textBaseline = 'middle'
  ctx.fillText(nameOf(block), box(block), row(copy))
}

function drawSum(
  ctx: CanvasRenderingContext2D,
  copy: number,
  { sum, row, radius }: UnravelledLayout,
  palette: Palette,
): void {
  const [x, y] = [sum(blockOfCopy(copy)), row(rowOfSum(copy))]
  const r = Math.min(3.5, radius)
  ctx.fillStyle = palette.surface
  ctx.beginPath()
  ctx.arc(x, y, r, 0, 2 * Math.PI)
  ctx.fill()
  ctx.stroke()
  if (r < 2) return
  ctx.beginPath()
  ctx.moveTo(x - 0.6 * r, y)
  ctx.lineTo(x + 0.6 * r, y)
  ctx.moveTo(x, y - 0.6 * r)
  ctx.lineTo(x, y + 0.6 * r)
  ctx.stroke()
}

function drawWords(
  ctx: CanvasRenderingContext2D,
  blocks: number,
  { start, end, row, box }: UnravelledLayout,
  palette: Palette,
): void {
  ctx.fillStyle = palette.ink
  ctx.font = palette.type.font('small')
  ctx.textAlign = 'center'
  ctx.textBaseline = 'middle'
  ctx.fillText('x', start - 9, row(0))
  ctx.fillText('y', end + 11, row(0))
  ctx.beginPath()
  ctx.moveTo(end - 3, row(0) - 3)
  ctx.lineTo(end + 3, row(0))
  ctx.lineTo(end - 3, row(0) + 3)
  ctx.fill()
  ctx.font = palette.type.font('tiny')
  ctx.fillStyle = palette.muted
  for (let block = 1; block <= blocks; block++)
    ctx.fillText(`${nameOf(block)}: ${2 ** (blocks - block)}×`, box(block), 7)
}

/** "f₃" */
const nameOf = (block: number): string => `f${String.fromCharCode(0x2080 + block)}`
