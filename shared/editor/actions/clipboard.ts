import { objectOf, type Fields } from '../../base/check'
import { readDocument } from '../../base/document'
import { InputError } from '../../base/errors'
import type { GraphNode } from '../../graph/block-graph'
import type { Draft, Position } from '../../block/draft'
import { parseLayout, parseNodes } from '../../block/draft-file'
import { checkRoom, type Where } from './adding'
import { BESIDE, renamedCopies } from './copies'
import { place } from './layout'
import { reading, rewire, sourceOf, usersOf } from './wires'

/** The chosen nodes as text for the clipboard; what they read from outside is left open. */
export function copy(draft: Draft, ids: Iterable<string>): string {
  const chosen = new Set(ids)
  const nodes = draft.nodes
    .filter(({ id }) => chosen.has(id))
    .map((node) =>
      reading(
        node,
        node.inputs.map((input) => (chosen.has(input) ? input : '')),
      ),
    )
  const layout = Object.fromEntries(Object.entries(draft.layout).filter(([id]) => chosen.has(id)))
  return JSON.stringify({ residualLab: 'operations', version: 1, nodes, layout })
}

/** Longer texts are not copies of a block's nodes. */
const LONGEST_CLIPBOARD = 4_000_000

/**
 * Copied nodes; with `after` or `onEdge` in that place, as far as they are one stretch, else connected to nothing.
 * @throws InputError for any other text
 */
export function paste(draft: Draft, text: string, where: Where = {}): Draft {
  const copied = parseClipboard(text)
  checkRoom(draft, copied.nodes.length)
  const { nodes, renamed } = renamedCopies(draft, copied.nodes)
  if (!nodes.length) return draft
  const source = where.onEdge ? sourceOf(draft, where.onEdge) : (where.after ?? '')
  const readers = where.onEdge ? [where.onEdge] : where.after === undefined ? [] : usersOf(draft, where.after)
  const read = new Set(nodes.flatMap(({ inputs }) => inputs))
  const ends = nodes.filter(({ id }) => !read.has(id))
  const connected = source
    ? nodes.map((node) =>
        reading(
          node,
          node.inputs.map((input) => input || source),
        ),
      )
    : nodes
  const added = { ...draft, nodes: [...draft.nodes, ...connected] }
  const next = ends.length === 1 ? rewire(added, readers, ends[0].id) : added
  return place(next, placesOf(copied.layout, renamed, where.at))
}

const WHERE = 'clipboard'
const NO_COPY = 'this text is not operations of a block'
const HINT = 'Copy some on the canvas first.'

function parseClipboard(text: string): { nodes: GraphNode[]; layout: Record<string, Position> } {
  const document = documentIn(text)
  if (!Object.hasOwn(document, 'residualLab') || document.residualLab !== 'operations')
    throw new InputError(WHERE, NO_COPY, HINT)
  if (document.version !== 1)
    throw new InputError(
      WHERE,
      'these operations come from another version',
      'Copy them in a newer Residual Lab.',
    )
  const nodes = parseNodes(document.nodes, `${WHERE}.nodes`)
  const layout = parseLayout(document.layout, nodes, `${WHERE}.layout`)
  return { nodes, layout }
}

/** Whatever is wrong with a text that is no copy, its maker only has to know that it is none. */
function documentIn(text: string): Fields {
  try {
    return objectOf(readDocument(text, WHERE, HINT, { longest: LONGEST_CLIPBOARD }), WHERE, NO_COPY, HINT)
  } catch (error) {
    throw error instanceof InputError ? new InputError(WHERE, NO_COPY, HINT) : error
  }
}

/** Where pasted nodes go: their top left corner at `at`, else a little beside where they were. */
function placesOf(
  layout: Record<string, Position>,
  renamed: ReadonlyMap<string, string>,
  at: Position | undefined,
): Record<string, Position> {
  const old = Object.entries(layout)
  const left = Math.min(...old.map(([, [x]]) => x))
  const top = Math.min(...old.map(([, [, y]]) => y))
  const [dx, dy] = at && old.length ? [at[0] - left, at[1] - top] : [BESIDE, BESIDE]
  const places = old.map(([id, [x, y]]): [string, Position] => [renamed.get(id)!, [x + dx, y + dy]])
  // What was never placed starts in a row.
  const unplaced = at
    ? [...renamed.values()].filter((_, i) => !Object.hasOwn(layout, [...renamed.keys()][i]))
    : []
  unplaced.forEach((id, i) => places.push([id, [at![0] + (i + old.length) * 2 * BESIDE, at![1]]]))
  return Object.fromEntries(places)
}
