import type { Action } from 'svelte/action'

/**
 * Charts of the page draw at the screen's rate: each at most once a frame, and as many in one frame as leave it time
 * for the rest. Those that are left come first in the next frame, with the newest of what they have to draw.
 */

/** Milliseconds of a frame of 1/60 s in which charts may begin to draw. */
const TIME = 6

/** In the order of their turns. */
const waiting = new Map<HTMLCanvasElement, () => void>()
let request: number | null = null

/** Draws on this canvas in the next screen frame, or in one after it where others take long. */
export function drawSoon(canvas: HTMLCanvasElement, draw: () => void): void {
  waiting.set(canvas, draw)
  request ??= requestAnimationFrame(drawWaiting)
}

/** For a canvas that is drawn on in turns: when it goes, nothing is drawn on it any more. */
export const drawnInTurns: Action<HTMLCanvasElement> = (canvas) => ({
  destroy: () => void waiting.delete(canvas),
})

function drawWaiting(): void {
  const start = performance.now()
  request = null
  for (const [canvas, draw] of waiting) {
    if (performance.now() - start > TIME) break
    waiting.delete(canvas)
    draw()
  }
  if (waiting.size) request ??= requestAnimationFrame(drawWaiting)
}
