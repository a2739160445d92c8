import type { RunThumbnail } from '../../../shared/runs/run'
import { SERIES_COLOURS } from '../../../shared/charts/appearance'

/** Values that differ by more than this, all positive, are drawn by their logarithms. */
const WIDE = 30
const EDGE = 4

/** The curves as SVG paths in a box; what is not finite is left out. */
export function thumbnailLines(
  { x, curves }: RunThumbnail,
  width: number,
  height: number,
): { path: string; colour: string }[] {
  const finite = curves.flatMap(({ y }) => y.filter(Number.isFinite))
  if (!finite.length) return []
  const isWide = Math.min(...finite) > 0 && Math.max(...finite) > WIDE * Math.min(...finite)
  const place = (value: number) => (isWide ? Math.log(value) : value)
  const [low, high] = [place(Math.min(...finite)), place(Math.max(...finite))]
  const across = (value: number) => scaled(value, x[0], x[x.length - 1], EDGE, width - EDGE)
  const up = (value: number) => scaled(place(value), low, high, height - EDGE, EDGE)
  return curves.map(({ y }, i) => ({
    path: pathOf(y.map((value, at) => (Number.isFinite(value) ? [across(x[at]), up(value)] : null))),
    colour: SERIES_COLOURS[i % SERIES_COLOURS.length],
  }))
}

/** Where a range has no length, the middle. */
function scaled(value: number, from: number, to: number, start: number, end: number): number {
  if (from === to) return (start + end) / 2
  return start + ((value - from) / (to - from)) * (end - start)
}

function pathOf(points: readonly ([number, number] | null)[]): string {
  let isOpen = false
  return points
    .map((point) => {
      const command = point ? `${isOpen ? 'L' : 'M'}${point[0].toFixed(1)} ${point[1].toFixed(1)}` : ''
      isOpen = point !== null
      return command
    })
    .join('')
}
