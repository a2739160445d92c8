import { INPUT, type BlockGraph, type GraphNode } from '../../shared/graph/block-graph'

/**
 * Where each operation of a block is drawn: columns follow the signal, lane 0 is the stream's, and every branch has a
 * lane of its own further out, as near as it fits.
 */
export interface PlacedNode {
  node: GraphNode
  column: number
  lane: number
}

interface Place {
  column: number
  lane: number
}

export interface PlacedWire {
  from: Place
  to: Place
  /** The lane the wire runs along between the two. */
  lane: number
  /** A sum's first input. */
  isSkip: boolean
}

export interface BlockLayout {
  nodes: PlacedNode[]
  wires: PlacedWire[]
  /** The output wire leaves from here. */
  end: Place
  columns: number
  lanes: number
}

export function layoutBlock(graph: BlockGraph): BlockLayout {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]))
  const columns = new Map<string, number>([[INPUT, 0]])
  for (const node of graph.nodes) {
    columns.set(node.id, 1 + Math.max(...node.inputs.map((input) => columns.get(input) ?? 0)))
  }
  const { lanes, wireLanes } = new Lanes(graph, byId, columns).assigned
  const at = (id: string): Place => ({ column: columns.get(id) ?? 0, lane: lanes.get(id) ?? 0 })
  const nodes = graph.nodes.map((node) => ({ node, ...at(node.id) }))
  const wires = graph.nodes.flatMap((node) =>
    node.inputs.map((input, i) => ({
      from: at(input),
      to: at(node.id),
      lane: wireLanes.get(wireId(node.id, i)) ?? at(node.id).lane,
      isSkip: node.op === 'sum' && i === 0,
    })),
  )
  return {
    nodes,
    wires,
    end: at(graph.output),
    columns: Math.max(...columns.values()) + 1,
    lanes: Math.max(0, ...nodes.map((placed) => placed.lane), ...wires.map((wire) => wire.lane)) + 1,
  }
}

const wireId = (to: string, slot: number) => `${to}/${slot}`

/** A fork leaves between two columns, so that it never crosses an operation of another lane. */
const FORK = 0.5

/**
 * A chain is a run of operations along their first inputs. The stream's chain, from the output back to the input, is
 * lane 0; each further input of its operations starts a chain in the nearest lane where nothing else lies between where
 * it forks off and where it comes back.
 */
class Lanes {
  readonly #lanes = new Map<string, number>()
  readonly #wireLanes = new Map<string, number>()
  readonly #taken: [from: number, to: number][][] = []

  constructor(
    private readonly graph: BlockGraph,
    private readonly byId: Map<string, GraphNode>,
    private readonly columns: Map<string, number>,
  ) {}

  get assigned() {
    this.#follow(this.graph.output, null)
    // What leads nowhere is drawn all the same, furthest out.
    for (const node of [...this.graph.nodes].reverse()) {
      if (!this.#lanes.has(node.id)) this.#follow(node.id, null)
    }
    return { lanes: this.#lanes, wireLanes: this.#wireLanes }
  }

  /** @param user where the chain comes back to; null for one that ends by itself */
  #follow(end: string, user: { id: string; slot: number } | null) {
    const chain: GraphNode[] = []
    let id = end
    for (let node = this.byId.get(id); node && !this.#lanes.has(id); node = this.byId.get(id)) {
      chain.push(node)
      id = node.inputs[0]
      if (chain.some((other) => other.id === id)) break
    }
    const start = (this.columns.get(id) ?? 0) + FORK
    // Behind the output nothing else may lie: the wire goes on.
    const stop = user === null && end === this.graph.output ? Infinity : this.columns.get(user?.id ?? end)!
    const lane = this.#place(start, stop, user ? this.#lanes.get(user.id)! : null)
    for (const node of chain) this.#lanes.set(node.id, lane)
    if (chain.length) this.#wireLanes.set(wireId(chain[chain.length - 1].id, 0), lane)
    if (user) this.#wireLanes.set(wireId(user.id, user.slot), lane)
    for (const node of chain.reverse()) {
      node.inputs.slice(1).forEach((input, i) => this.#follow(input, { id: node.id, slot: i + 1 }))
    }
  }

  #place(start: number, stop: number, above: number | null): number {
    let lane = above === null ? 0 : above + 1
    while (!this.#isFree(lane, start, stop)) lane++
    this.#take(lane, start, stop)
    // On its way back it passes the lanes in between.
    if (above !== null)
      for (let between = above + 1; between < lane; between++) this.#take(between, stop, stop)
    return lane
  }

  #isFree(lane: number, start: number, stop: number): boolean {
    return !(this.#taken[lane] ?? []).some(([from, to]) => from <= stop && start <= to)
  }

  #take(lane: number, start: number, stop: number) {
    ;(this.#taken[lane] ??= []).push([start, stop])
  }
}

/**
 * What tells two forms of a block apart: ids of operations that the second has beyond the first, and of those whose
 * fields differ.
 */
export interface Difference {
  added: Set<string>
  changed: Set<string>
  /** Labels are gone with the operations: these are ids of the first. */
  removed: Set<string>
}

/** An operation whose inputs only moved to what was put in between is the same operation. */
export function differenceOf(before: BlockGraph, after: BlockGraph): Difference {
  const known = new Map(before.nodes.map((node) => [node.id, fieldsText(node)]))
  const now = new Set(after.nodes.map((node) => node.id))
  return {
    added: new Set(after.nodes.filter(({ id }) => !known.has(id)).map(({ id }) => id)),
    changed: new Set(
      after.nodes
        .filter((node) => known.has(node.id) && known.get(node.id) !== fieldsText(node))
        .map(({ id }) => id),
    ),
    removed: new Set([...known.keys()].filter((id) => !now.has(id))),
  }
}

const fieldsText = (node: GraphNode) =>
  JSON.stringify(Object.entries({ ...node, inputs: null }).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Ids of operations that a remedy put into a block or changed in it. */
export function addedNodes(before: BlockGraph, after: BlockGraph): Set<string> {
  const { added, changed } = differenceOf(before, after)
  return new Set([...added, ...changed])
}
