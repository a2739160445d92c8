/** A straight line in the context's present colour, width and dash. */
export function line(ctx: CanvasRenderingContext2D, from: [number, number], to: [number, number]): void {
  ctx.beginPath()
  ctx.moveTo(...from)
  ctx.lineTo(...to)
  ctx.stroke()
}

export type Place = (value: number) => number

/**
 * Joins points, and lifts the pen where a value has no place.
 * @param px where x lies, in CSS pixels
 * @param py where y lies
 */
export function polyline(
  ctx: CanvasRenderingContext2D,
  points: readonly { x: number; y: number }[],
  px: Place,
  py: Place,
): void {
  ctx.beginPath()
  let isDown = false
  for (const { x, y } of points) {
    if (!Number.isFinite(y)) isDown = false
    else if (isDown) ctx.lineTo(px(x), py(y))
    else {
      ctx.moveTo(px(x), py(y))
      isDown = true
    }
  }
  ctx.stroke()
}
