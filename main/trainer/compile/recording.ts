import type { DataId, OpAttribute, Variable } from './native'

/** The output of a node, as TensorFlow writes it ("n12:0"). */
export type Ref = string

/** A value in the graph: where it comes from, TensorFlow's number of its type, and its shape. */
export interface Value {
  ref: Ref
  dtype: number
  shape: number[]
}

/**
 * One operation of the graph, or a tensor whose value it holds (all elements' bytes, or one element's where
 * all are equal).
 */
export type Node =
  | { kind: 'op'; name: string; op: string; attributes: OpAttribute[]; inputs: Ref[] }
  | { kind: 'constant'; name: string; shape: number[]; dtype: number; bytes: Uint8Array }

/** An input of the graph. */
export interface Source {
  name: string
  dtype: number
  shape: number[]
}

/** What one run of a step did: all that a graph of it needs. */
export interface Recording {
  nodes: Node[]
  inputs: Source[]
  /** The variables whose value at the start is used. */
  reads: { variable: Variable; ref: Ref }[]
  /** The variables that have another value at the end. */
  writes: { variable: Variable; ref: Ref }[]
  outputs: { ref: Ref; dtype: number }[]
  /**
   * Tensors from outside whose values were copied into the graph; when one is disposed the recording is out
   * of date.
   */
  captured: DataId[]
  /**
   * Whether the step made variables that outlive it. Then their first values are part of the record, and it
   * must not be replayed.
   */
  madeVariables: boolean
}

/** The name of the node that a reference points into. */
export const nodeOf = (ref: Ref): string => ref.slice(0, ref.indexOf(':'))

/** Names of the nodes that these values depend on. */
export function reachable(nodes: Node[], wanted: Ref[]): Set<string> {
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const found = new Set<string>()
  const stack = wanted.map(nodeOf)
  for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
    const node = byName.get(name)
    if (!node || found.has(name)) continue
    found.add(name)
    if (node.kind === 'op') stack.push(...node.inputs.map(nodeOf))
  }
  return found
}
