import { INPUT } from '../graph/block-graph'
import { operationOf } from '../operations'
import type { BlockPlace } from '../numerics/shape'
import { END, labelOf, type Draft } from '../block/draft'
import { problemsOf, type Problem } from './problems'
import { edgeShapes, shapeOrUnknown } from './shapes'
import { structureOf, type Slot } from './structure'

/** What can be done at a row. */
export type RowAction =
  | 'add-after'
  | 'add-before'
  | 'add-branch'
  | 'connect'
  | 'disconnect'
  | 'duplicate'
  | 'edit'
  | 'earlier'
  | 'later'
  | 'remove'
  | 'set-output'
  | 'wrap'

/**
 * A row of the outline. The tree reads like the block: the stream from `input` to `output`; under each join its sides,
 * under each side its operations in order; last what leads nowhere.
 */
export interface Row {
  /** Unique in the outline. */
  key: string
  kind: 'input' | 'operation' | 'join' | 'side' | 'reference' | 'output' | 'loose'
  /** The node (`input`, END), of a side its join; '' for the heading of what is loose. */
  id: string
  /** Where a side ends; null for all other rows. */
  slot: Slot | null
  /** Counts from 1. */
  depth: number
  label: string
  /** "100", or "?". */
  shape: string
  problems: Problem[]
  actions: RowAction[]
  children: Row[]
}

export function blockOutline(draft: Draft, place: BlockPlace): Row[] {
  return new Outline(draft, place).rows()
}

/** All rows from top to bottom. */
export function flatRows(rows: readonly Row[]): Row[] {
  return rows.flatMap((row) => [row, ...flatRows(row.children)])
}

class Outline {
  private readonly shapes
  private readonly problems
  private readonly structure
  private readonly shown = new Set<string>()
  private references = 0
  private readonly dominators

  constructor(
    private readonly draft: Draft,
    place: BlockPlace,
  ) {
    this.shapes = edgeShapes(draft, place)
    this.problems = problemsOf(draft)
    this.structure = structureOf(draft)
    this.dominators = dominatorsOf(draft)
  }

  rows(): Row[] {
    const { draft, structure } = this
    const stream = [
      this.row('input', INPUT, 1, ['add-after']),
      ...this.chain(draft.output, INPUT, 1),
      { ...this.row('output', END, 1, ['connect']), shape: shapeOrUnknown(this.shapes, draft.output) },
    ]
    const loose: Row[] = []
    // Ends first, so that a loose chain reads in its order.
    for (const id of [...structure.order].reverse()) {
      if (this.shown.has(id)) continue
      loose.unshift(...this.chain(id, INPUT, 2))
    }
    if (!loose.length) return stream
    return [
      ...stream,
      { ...this.row('loose', '', 1, []), label: 'Not connected to the output', shape: '', children: loose },
    ]
  }

  /** The operations from behind `from` to `to`, in order; what lies side by side is inside its join. */
  private chain(to: string, from: string, depth: number): Row[] {
    const { byId } = this.structure
    const rows: Row[] = []
    for (let id = to; id !== from && byId.has(id);) {
      if (this.shown.has(id)) {
        rows.unshift(this.reference(id, depth))
        break
      }
      this.shown.add(id)
      const node = byId.get(id)!
      const before = this.dominators.get(id) ?? ''
      rows.unshift(
        node.inputs.length > 1
          ? this.join(id, before, depth)
          : this.row('operation', id, depth, this.actionsOf(id)),
      )
      id = node.inputs.length > 1 ? before : node.inputs[0]
    }
    return rows
  }

  private join(id: string, fork: string, depth: number): Row {
    const node = this.structure.byId.get(id)!
    const names = node.op === 'sum' ? ['Skip connection', 'Branch'] : ['First factor', 'Second factor']
    const children = node.inputs.map((input, slot): Row => {
      const operations = this.chain(input, fork, depth + 2)
      return {
        ...this.row('side', id, depth + 1, [
          'add-after',
          'connect',
          ...(input ? (['disconnect'] as const) : []),
        ]),
        key: `${id}/${slot}`,
        slot: { to: id, slot },
        label: operations.length ? names[slot] : `${names[slot]}: ${input ? 'as it is' : 'nothing'}`,
        shape: shapeOrUnknown(this.shapes, input),
        problems: this.problems.filter((problem) => problem.node === id && problem.slot === slot),
        children: operations,
      }
    })
    return { ...this.row('join', id, depth, this.actionsOf(id)), children }
  }

  private reference(id: string, depth: number): Row {
    const row = this.row('reference', id, depth, [])
    return {
      ...row,
      key: `${id}@${this.references++}`,
      label: `${row.label} (see there)`,
      problems: [],
    }
  }

  private row(kind: Row['kind'], id: string, depth: number, actions: RowAction[]): Row {
    return {
      key: id || kind,
      kind,
      id,
      slot: null,
      depth,
      label: id ? labelOf(this.draft, id) : '',
      shape: shapeOrUnknown(this.shapes, id),
      problems: this.problems.filter(
        (problem) => problem.node === id && (kind !== 'join' || problem.slot === null),
      ),
      actions,
      children: [],
    }
  }

  private actionsOf(id: string): RowAction[] {
    const node = this.structure.byId.get(id)!
    const actions: RowAction[] = [
      'add-before',
      'add-after',
      'add-branch',
      'earlier',
      'later',
      'wrap',
      'duplicate',
    ]
    if (operationOf(node).fields.length) actions.push('edit')
    actions.push('connect')
    if (node.inputs.some((input) => input !== '')) actions.push('disconnect')
    if (this.draft.output !== id) actions.push('set-output')
    return [...actions, 'remove']
  }
}

/** The last node that all ways from the input (or from nowhere, '') to a node have in common. */
function dominatorsOf(draft: Draft): Map<string, string> {
  const { byId, order, cycles } = structureOf(draft)
  const circular = new Set(cycles.flat())
  const immediate = new Map<string, string>()
  const depth = new Map<string, number>([
    ['', 0],
    [INPUT, 1],
  ])
  immediate.set(INPUT, '')
  const meet = (a: string, b: string): string => {
    while (a !== b) {
      if (depth.get(a)! > depth.get(b)!) a = immediate.get(a)!
      else b = immediate.get(b)!
    }
    return a
  }
  for (const id of order) {
    const inputs = circular.has(id) ? [''] : byId.get(id)!.inputs
    // An open input says nothing of where a join's sides part.
    const connected = inputs.filter((input) => input !== '')
    const common = connected.length ? connected.reduce(meet) : ''
    immediate.set(id, common)
    depth.set(id, depth.get(common)! + 1)
  }
  return immediate
}
