import { INPUT } from '../../graph/block-graph'
import { END, type Draft, type Position } from '../../block/draft'
import { structureOf } from '../structure'

/** @param from where nodes are that the user has not placed yet */
export function move(
  draft: Draft,
  ids: Iterable<string>,
  dx: number,
  dy: number,
  from: Readonly<Record<string, Position>> = {},
): Draft {
  if (!dx && !dy) return draft
  const moved = [...ids].map((id): [string, Position] => {
    const [x, y] = positionOf(draft, id, from)
    return [id, [x + dx, y + dy]]
  })
  return place(draft, Object.fromEntries(moved))
}

const positionOf = (draft: Draft, id: string, from: Readonly<Record<string, Position>>): Position =>
  [draft.layout, from].find((layout) => Object.hasOwn(layout, id))?.[id] ?? [0, 0]

/** Positions of some nodes; the others stay. */
export function place(draft: Draft, positions: Readonly<Record<string, Position>>): Draft {
  const changed = Object.entries(positions).filter(([id, [x, y]]) => {
    const [oldX, oldY] = Object.hasOwn(draft.layout, id) ? draft.layout[id] : []
    return isPlace(draft, id) && Number.isFinite(x) && Number.isFinite(y) && (x !== oldX || y !== oldY)
  })
  if (!changed.length) return draft
  return { ...draft, layout: { ...draft.layout, ...Object.fromEntries(changed) } }
}

/** Positions of all nodes; those that are not named are laid out by themselves again. */
export function placeAll(draft: Draft, positions: Readonly<Record<string, Position>>): Draft {
  const layout = place({ ...draft, layout: {} }, positions).layout
  return JSON.stringify(layout) === JSON.stringify(draft.layout) ? draft : { ...draft, layout }
}

const isPlace = (draft: Draft, id: string) => id === INPUT || id === END || structureOf(draft).byId.has(id)
