import { InputError } from '../../base/errors'
import { freshId, freshNode, type Draft } from '../../block/draft'
import type { Slot } from '../structure'
import { checkRoom } from './adding'
import { insert, rewire, usersOf } from './wires'

/**
 * A sum around one stretch of the block: its start is added to its end.
 * @throws InputError where it is not one stretch
 */
export function wrapInSkip(draft: Draft, ids: Iterable<string>): Draft {
  checkRoom(draft, 1)
  const stretch = stretchOf(draft, new Set(ids))
  if (!stretch || !stretch.source) {
    throw new InputError(
      'Skip connection',
      'these operations are not one stretch with one start and one end',
      'Choose operations that follow each other.',
    )
  }
  const id = freshId(draft, 'sum')
  const added = insert(draft, freshNode(id, 'sum', [stretch.source, stretch.end]), stretch.end)
  return rewire(added, stretch.readers, id)
}

/** A stretch of the block: what comes into it, its one end, and who reads that outside. */
interface Stretch {
  source: string
  end: string
  readers: Slot[]
}

/** Whether the nodes are one stretch: all that comes in is one value, and only one of them is read outside. */
export function stretchOf(draft: Draft, ids: ReadonlySet<string>): Stretch | null {
  const inside = draft.nodes.filter(({ id }) => ids.has(id))
  const sources = new Set(inside.flatMap(({ inputs }) => inputs.filter((input) => !ids.has(input))))
  const outside = (id: string) => usersOf(draft, id).filter(({ to }) => !ids.has(to))
  const ends = inside.filter(({ id }) => outside(id).length || !usersOf(draft, id).length)
  if (sources.size !== 1 || ends.length !== 1) return null
  return { source: [...sources][0], end: ends[0].id, readers: outside(ends[0].id) }
}
