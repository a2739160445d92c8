import { END, type Draft, type Position } from '../../../shared/block/draft'
import { structureOf } from '../../../shared/editor/structure'
import { INPUT } from '../../../shared/graph/block-graph'

type Arrow = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown'
export const isArrow = (key: string): key is Arrow => /^Arrow(Left|Right|Up|Down)$/.test(key)

/**
 * The node that an arrow key leads to: left and right along the wires (of several the one that lies nearest in height),
 * up and down to the next one above or below.
 */
export function neighbour(
  draft: Draft,
  positions: ReadonlyMap<string, Position>,
  from: string,
  arrow: Arrow,
): string | null {
  const { byId, users } = structureOf(draft)
  const [x, y] = positions.get(from) ?? [0, 0]
  const nearest = (ids: readonly string[], distance: (dx: number, dy: number) => number) => {
    const measured = ids
      .filter((id) => id !== from && positions.has(id))
      .map((id) => ({ id, far: distance(positions.get(id)![0] - x, positions.get(id)![1] - y) }))
      .filter(({ far }) => Number.isFinite(far))
    return measured.sort((a, b) => a.far - b.far)[0]?.id ?? null
  }
  const all = [INPUT, ...draft.nodes.map(({ id }) => id), END]
  switch (arrow) {
    case 'ArrowRight': {
      const next = (users.get(from) ?? []).map(({ to }) => to)
      return (
        nearest(next, (_, dy) => Math.abs(dy)) ??
        nearest(all, (dx, dy) => (dx > 1 ? dx + 2 * Math.abs(dy) : NaN))
      )
    }
    case 'ArrowLeft': {
      const before = from === END ? [draft.output] : (byId.get(from)?.inputs ?? [])
      return (
        nearest(before, (_, dy) => Math.abs(dy)) ??
        nearest(all, (dx, dy) => (dx < -1 ? 2 * Math.abs(dy) - dx : NaN))
      )
    }
    case 'ArrowUp':
      return nearest(all, (dx, dy) => (dy < -1 ? 2 * Math.abs(dx) - dy : NaN))
    case 'ArrowDown':
      return nearest(all, (dx, dy) => (dy > 1 ? 2 * Math.abs(dx) + dy : NaN))
  }
}
