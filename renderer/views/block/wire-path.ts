type Point = readonly [x: number, y: number]

export interface WirePath {
  path: string
  /** The arrow's head. */
  tip: string
  /** Where the shape is written: just above the wire, in its first straight part. */
  label: Point
  /** Where the wire's end can be taken and put elsewhere. */
  anchor: Point
}

const TIP = 7
const ROUND = 10
/** Half the room between two columns: wires change lane there. */
const FORK = 15

/**
 * A wire with right angles, rounded: to the right, in the gap behind its operation up or down, along, and into the next
 * one's side or bottom.
 */
export function wirePath(from: Point, to: Point, intoBottom: boolean): WirePath {
  const [x1, y1] = from
  const [x2, y2] = to
  if (intoBottom) {
    const end: Point = [x2, y2 + TIP]
    const below = y1 > y2 + ROUND
    // From above or beside, it dives below the operation first.
    const lane = below ? y1 : Math.max(y1, y2) + 34
    const corners: Point[] = below
      ? [from, [x2, y1], end]
      : [from, [x1 + FORK, y1], [x1 + FORK, lane], [x2, lane], end]
    return {
      path: rounded(corners),
      tip: `M${x2} ${y2}l-4 ${TIP}h8z`,
      label: [(x1 + x2) / 2, lane - 6],
      anchor: [x2, y2 + 14],
    }
  }
  const end: Point = [x2 - TIP, y2]
  const tip = `M${x2} ${y2}l${-TIP} -4v8z`
  const anchor: Point = [x2 - 14, y2]
  if (Math.abs(y1 - y2) < 1)
    return { path: `M${x1} ${y1}H${end[0]}`, tip, label: [(x1 + x2) / 2, y1 - 6], anchor }
  if (x2 < x1 + 2 * ROUND) {
    // Backwards: around, in the middle between the two.
    const lane = (y1 + y2) / 2
    const corners: Point[] = [
      from,
      [x1 + FORK, y1],
      [x1 + FORK, lane],
      [x2 - FORK, lane],
      [x2 - FORK, y2],
      end,
    ]
    return { path: rounded(corners), tip, label: [(x1 + x2) / 2, lane - 6], anchor }
  }
  const fork = Math.min(x1 + FORK, (x1 + x2) / 2)
  return {
    path: rounded([from, [fork, y1], [fork, y2], end]),
    tip,
    // Its first letter stays clear of the corner.
    label: [(fork + x2) / 2 + 3.5, y2 - 6],
    anchor,
  }
}

/** Straight lines between the points, with rounded corners. */
function rounded(points: readonly Point[]): string {
  const parts = [`M${points[0][0]} ${points[0][1]}`]
  for (let i = 1; i < points.length - 1; i++) {
    const [before, corner, after] = [points[i - 1], points[i], points[i + 1]]
    const r = Math.min(ROUND, distance(before, corner) / 2, distance(corner, after) / 2)
    const a = towards(corner, before, r)
    const b = towards(corner, after, r)
    parts.push(`L${a[0]} ${a[1]}Q${corner[0]} ${corner[1]} ${b[0]} ${b[1]}`)
  }
  const last = points[points.length - 1]
  parts.push(`L${last[0]} ${last[1]}`)
  return parts.join('')
}

const distance = ([x1, y1]: Point, [x2, y2]: Point) => Math.hypot(x2 - x1, y2 - y1)

function towards([x1, y1]: Point, to: Point, by: number): Point {
  const far = distance([x1, y1], to)
  return far === 0 ? [x1, y1] : [x1 + ((to[0] - x1) * by) / far, y1 + ((to[1] - y1) * by) / far]
}
