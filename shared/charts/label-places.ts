/** From the top down, in pixels. */
export interface Interval {
  from: number
  to: number
}

/** A name of one or more rows. */
export interface Label {
  /** Its upper edge: where it wants to be, then where it is. */
  top: number
  height: number
}

/** Pushes labels, which come in the order of their wishes, apart until none covers another, then back inside. */
export function spread(labels: readonly Label[], inside: Interval): void {
  let free = inside.from
  for (const label of labels) {
    label.top = Math.max(label.top, free)
    free = label.top + label.height
  }
  let limit = inside.to
  for (const label of [...labels].reverse()) {
    label.top = Math.min(label.top, limit - label.height)
    limit = label.top
  }
}

/**
 * Puts each label as near to where it wants to be as it goes without covering what is drawn or another label.
 * @param drawn what is drawn where this label would lie
 * @param farthest how far from there a label may be
 * @returns those that have a place; there is none for the others
 */
export function placed<L extends Label>(
  labels: readonly L[],
  drawn: (label: L) => readonly Interval[],
  inside: Interval,
  farthest = Infinity,
): L[] {
  const done: L[] = []
  for (const label of labels) {
    const taken = [...drawn(label), ...done.map(({ top, height }) => ({ from: top, to: top + height }))]
    const distance = (top: number) => Math.abs(top - label.top)
    const isFree = (top: number) =>
      distance(top) <= farthest &&
      top >= inside.from &&
      top + label.height <= inside.to &&
      taken.every(({ from, to }) => top >= to || top + label.height <= from)
    // The nearest free place touches what is in the way.
    const tops = [label.top, ...taken.flatMap(({ from, to }) => [from - label.height, to])].filter(isFree)
    if (!tops.length) continue
    label.top = tops.reduce((best, top) => (distance(top) < distance(best) ? top : best))
    done.push(label)
  }
  return done
}

/** What a line covers between two places on its axis: the interval of its values there; null where it has none. */
export function covered(
  line: readonly { x: number; y: number }[],
  from: number,
  to: number,
): Interval | null {
  const values: number[] = []
  line.forEach(({ x, y }, i) => {
    if (x >= from && x <= to) values.push(y)
    const next = line[i + 1] as { x: number; y: number } | undefined
    if (!next) return
    for (const edge of [from, to])
      if (edge > x && edge < next.x) values.push(y + ((next.y - y) * (edge - x)) / (next.x - x))
  })
  const finite = values.filter((value) => !Number.isNaN(value))
  return finite.length ? { from: Math.min(...finite), to: Math.max(...finite) } : null
}
