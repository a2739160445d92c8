import { capital } from '../base/format'
import { REFERENCE, ratioText } from '../block/file'
import { INPUT, type GraphNode } from '../graph/block-graph'
import { operationOf } from '../operations'
import { sameShape, type Shape } from '../numerics/shape'
import { addNode, connect, disconnect, insertOnEdge, removeNodes, setField, setOutput } from './actions'
import { END, freshId, freshNode, labelOf, type Draft } from '../block/draft'
import { faultsOf, type Fault } from './faults'
import { projections } from './projections'
import { structureOf, upstream, type Slot } from './structure'

/** One click that mends a problem. */
export interface Mend {
  /** What the button says: "Remove the sum". */
  label: string
  apply: (draft: Draft) => Draft
}

/** What keeps a draft from being a block: where, why, and what can be done. */
export interface Problem extends Fault {
  text: string
  /** The best first. */
  mends: Mend[]
}

/** Empty exactly where `graphOf` is a block. */
export function problemsOf(draft: Draft): Problem[] {
  return faultsOf(draft).map((fault) => {
    const { text, mends } = explain(draft, fault)
    // What changes a shape may break it elsewhere; there trying is the only way to know.
    const good = fault.kind === 'shape' ? mends.filter((mend) => helps(draft, fault, mend)) : mends
    return { ...fault, text, mends: good }
  })
}

function explain(draft: Draft, fault: Fault): { text: string; mends: Mend[] } {
  switch (fault.kind) {
    case 'cycle':
      return cycle(draft, fault)
    case 'missing-input':
      return missingInput(draft, fault.node, fault.slot!)
    case 'shape':
      return fault.node === END ? outputShape(draft) : misfit(draft, fault.node)
    case 'no-path':
      return noPath(draft)
    case 'no-output':
      return noOutput(draft)
    case 'unused':
      return unused(draft, fault.node)
  }
}

const helps = (draft: Draft, { kind, node }: Fault, { apply }: Mend) =>
  !faultsOf(apply(draft)).some((left) => left.kind === kind && left.node === node)

const the = (draft: Draft, id: string) => `the ${labelOf(draft, id)}`
const The = (draft: Draft, id: string) => capital(the(draft, id))

function cycle(draft: Draft, { nodes }: Fault): { text: string; mends: Mend[] } {
  const names = nodes.map((id) => labelOf(draft, id))
  const back = backWires(draft, nodes)
  const readers = [...new Set(back.map(({ to }) => the(draft, to)))].join(' and ')
  const set = (from: string) => (current: Draft) =>
    back.reduce((next, { to, slot }) => connect(next, from, to, slot), current)
  return {
    text:
      nodes.length > 1
        ? `These depend on each other in a circle: ${names.join(', ')}. A block is computed from its input ` +
          'to its output.'
        : `${The(draft, nodes[0])} reads its own result. A block is computed from its input to its output.`,
    mends: [
      { label: `Let ${readers} read the block’s input`, apply: set(INPUT) },
      {
        label: `Cut the wire into ${readers}`,
        apply: (current) => back.reduce((next, { to, slot }) => disconnect(next, to, slot), current),
      },
    ],
  }
}

/** Wires inside the group that run back in the list of nodes: without them there is no circle. */
function backWires(draft: Draft, group: readonly string[]): Slot[] {
  const place = new Map(draft.nodes.map(({ id }, i) => [id, i]))
  const inside = new Set(group)
  return draft.nodes.flatMap(({ id, inputs }, i) =>
    inside.has(id)
      ? inputs.flatMap((input, slot) =>
          inside.has(input) && place.get(input)! >= i ? [{ to: id, slot }] : [],
        )
      : [],
  )
}

function missingInput(draft: Draft, id: string, slot: number): { text: string; mends: Mend[] } {
  const { byId } = structureOf(draft)
  const node = byId.get(id)!
  const isJoin = node.inputs.length > 1
  const which = isJoin
    ? slot === 0
      ? ' first input (the skip connection)'
      : ' second input (the branch)'
    : ' input'
  const remove = { label: `Remove ${the(draft, id)}`, apply: (d: Draft) => removeNodes(d, [id]) }
  return {
    text: `Nothing is connected to ${the(draft, id)}’s${which}.`,
    mends: [
      ...sourcesFor(draft, id, slot).map((from) => ({
        label: `Connect ${the(draft, from)}`,
        apply: (d: Draft) => connect(d, from, id, slot),
      })),
      remove,
    ],
  }
}

/** What a loose input may read: first what nothing else reads, then the block's input; never what depends on it. */
function sourcesFor(draft: Draft, id: string, slot: number): string[] {
  const { byId, users, order, shapes } = structureOf(draft)
  const other = byId.get(id)!.inputs[1 - slot]
  const wanted = other ? shapes.get(other) : undefined
  const fits = (from: string) => !wanted || !shapes.get(from) || sameShape(shapes.get(from)!, wanted)
  const free = order.filter((from) => !users.get(from)!.length && !upstream(byId, from).has(id))
  const candidates = [...free, INPUT].filter((from) => from !== other)
  const fitting = candidates.filter(fits)
  return (fitting.length ? fitting : [INPUT]).slice(0, 2)
}

function misfit(draft: Draft, id: string): { text: string; mends: Mend[] } {
  const { byId, misfits, shapes } = structureOf(draft)
  const node = byId.get(id)!
  const { problem, hint } = misfits.get(id)!
  const inputs = node.inputs.map((input) => shapes.get(input)!)
  const mends = inputs.length > 1 ? joinMends(node, inputs) : fieldMends(draft, node, inputs[0])
  return {
    text: `${capital(problem)}. ${hint}`,
    mends: [...mends, { label: `Remove ${the(draft, id)}`, apply: (d) => removeNodes(d, [id]) }],
  }
}

/** A projection on the branch, or on the skip where the branch is as the stream should be. */
function joinMends(node: GraphNode, [skip, branch]: Shape[]): Mend[] {
  const on = (slot: 0 | 1, from: Shape, to: Shape) =>
    projections(from, to).map((projection): Mend => ({
      label: `Put ${nameOf(projection)} at the end of the ${slot ? 'branch' : 'skip connection'}`,
      apply: (d) => insertOnEdge(d, projection, { to: node.id, slot }),
    }))
  const both = [on(1, branch, skip), on(0, skip, branch)]
  if (sameShape(branch, REFERENCE.input)) both.reverse()
  return both.flat().slice(0, 4)
}

/** One whole number of an operation changed as little as makes it fit, here and where blocks are checked. */
export function fieldMends(draft: Draft, node: GraphNode, input: Shape): Mend[] {
  const operation = operationOf(node)
  const reference = (!operation.fitsByWidth && structureOf(draft).shapes.get(node.inputs[0])) || input
  const fits = (changed: GraphNode) =>
    [input, reference].every((shape) => !operation.misfit?.(changed, [shape], ratioText))
  return operation.fields.flatMap(({ key, label, type, minimum = 0, maximum = MOST_TRIED }): Mend[] => {
    if (type !== 'integer') return []
    const now = (node as unknown as Record<string, number>)[key]
    for (let distance = 1; distance <= MOST_TRIED; distance++) {
      for (const value of [now - distance, now + distance]) {
        if (value < minimum || value > maximum || !fits({ ...node, [key]: value } as GraphNode)) continue
        return [
          {
            label: `Set ${label.toLowerCase()} of the ${labelOf(draft, node.id)} to ${value}`,
            apply: (d) => setField(d, node.id, key, value),
          },
        ]
      }
    }
    return []
  })
}

const MOST_TRIED = 64

const nameOf = (node: GraphNode) => {
  const { title, symbol } = operationOf(node)
  return `“${symbol(node)}” (${title})`
}

function outputShape(draft: Draft): { text: string; mends: Mend[] } {
  const { order, shapes, used } = structureOf(draft)
  const from = shapes.get(draft.output)!
  const fitting = order.filter((id) => {
    const shape = shapes.get(id)
    return used.has(id) && shape && sameShape(shape, REFERENCE.input)
  })
  const last = fitting.at(-1)
  return {
    text:
      `The block turns 1 N into ${ratioText(from)}. It must end as wide as it starts, on as many ` +
      'positions: the next block reads it.',
    mends: [
      ...projections(from, REFERENCE.input).map((projection) => ({
        label: `Put ${nameOf(projection)} at the block’s end`,
        apply: (d: Draft) => insertOnEdge(d, projection, { to: END, slot: 0 }),
      })),
      ...(last
        ? [{ label: `Make ${the(draft, last)} the output`, apply: (d: Draft) => setOutput(d, last) }]
        : []),
      { label: `Remove ${the(draft, draft.output)}`, apply: (d) => removeNodes(d, [draft.output]) },
      { label: 'Remove what changes the shape', apply: withoutShapeChanges },
    ],
  }
}

/** Without the operations on the way to the output that change width or positions. */
function withoutShapeChanges(draft: Draft): Draft {
  const { byId, shapes, used } = structureOf(draft)
  const changing = [...used].filter((id) => {
    const shape = shapes.get(id)
    return shape && byId.get(id)?.inputs.some((input) => !sameShape(shapes.get(input)!, shape))
  })
  const left = removeNodes(draft, changing)
  const isMended = !faultsOf(left).some(({ kind, node }) => kind === 'shape' && node === END)
  return isMended ? left : withoutShapeChanges(left)
}

function noPath(draft: Draft): { text: string; mends: Mend[] } {
  const { byId, used, cycles } = structureOf(draft)
  const open = [...used].flatMap((id) =>
    (byId.get(id)?.inputs ?? []).flatMap((input, slot) => (input === '' ? [{ to: id, slot }] : [])),
  )
  const circular = cycles.find((group) => group.some((id) => used.has(id)))
  const ends = open.length ? [open[open.length - 1]] : backWires(draft, circular!)
  return {
    text: 'No path leads from the block’s input to its output: it would say the same whatever comes in.',
    mends: [
      {
        label: `Connect the input to ${[...new Set(ends.map(({ to }) => the(draft, to)))].join(' and ')}`,
        apply: (d) => ends.reduce((next, { to, slot }) => connect(next, INPUT, to, slot), d),
      },
    ],
  }
}

function noOutput(draft: Draft): { text: string; mends: Mend[] } {
  const { order, shapes, users } = structureOf(draft)
  if (!order.length) {
    return {
      text: 'The block is empty.',
      mends: [{ label: 'Start with ReLU, linear and a sum', apply: start }],
    }
  }
  const fits = (id: string) => {
    const shape = shapes.get(id)
    return shape ? Number(sameShape(shape, REFERENCE.input)) : -1
  }
  const ends = order.filter((id) => !users.get(id)!.length)
  const best = [...(ends.length ? ends : order)].reverse().sort((a, b) => fits(b) - fits(a))
  return {
    text: 'No operation is the block’s output: nothing says what h_k is.',
    mends: best.slice(0, 2).map((id) => ({
      label: `Make ${the(draft, id)} the output`,
      apply: (d) => setOutput(d, id),
    })),
  }
}

/** Type 2, the least block that can learn. */
function start(draft: Draft): Draft {
  const relu = freshId(draft, 'relu')
  const linear = freshId(draft, 'linear')
  const sum = freshId(draft, 'sum')
  const nodes = [
    freshNode(relu, 'relu', [INPUT]),
    freshNode(linear, 'linear', [relu]),
    freshNode(sum, 'sum', [INPUT, linear]),
  ]
  return { ...draft, nodes: [...draft.nodes, ...nodes], output: sum }
}

function unused(draft: Draft, id: string): { text: string; mends: Mend[] } {
  return {
    text: `Nothing reads ${the(draft, id)}: it does not reach the block’s output.`,
    mends: [
      { label: `Remove ${the(draft, id)}`, apply: (d) => removeUnused(d, id) },
      {
        label: `Add ${the(draft, id)} to the output`,
        apply: (d) => {
          const onEdge = { to: END, slot: 0 }
          const added = addNode(d, 'sum', { onEdge })
          return connect(connect(added, d.output, added.output, 0), id, added.output, 1)
        },
      },
    ],
  }
}

/** The node and all that leads nowhere without it. */
function removeUnused(draft: Draft, id: string): Draft {
  const { byId } = structureOf(draft)
  let next = draft
  const ahead = [id]
  for (let one = ahead.pop(); one !== undefined; one = ahead.pop()) {
    const { users, byId: left } = structureOf(next)
    if (!left.has(one) || users.get(one)!.some(({ to }) => to !== one)) continue
    next = removeNodes(next, [one])
    ahead.push(...byId.get(one)!.inputs)
  }
  return next
}
