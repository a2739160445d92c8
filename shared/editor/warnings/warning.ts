import type { Experiment } from '../../settings/experiment'
import type { GraphNode } from '../../graph/block-graph'
import { operationOf } from '../../operations'
import { removeNodes } from '../actions'
import { labelOf, type Draft } from '../../block/draft'
import { faultsOf } from '../faults'
import type { Mend } from '../problems'
import type { shapesAt, Structure } from '../structure'

/** What a block does that its maker may not expect, and why. */
export interface Warning {
  kind: WarningKind
  /** The node it is about; '' for the whole block. */
  node: string
  text: string
  /** The best first; none where it is the experiment that should change. */
  mends: Mend[]
}

export type WarningKind =
  /** It does not fit the experiment's shapes, so it cannot be measured with these settings. */
  | 'unfit'
  | 'no-positions'
  | 'adds-only'
  | 'no-linear'
  | 'no-sum'
  | 'dies'
  | 'explodes'
  | 'batch-of-one'
  | 'repeated-activation'
  | 'repeated-linear'
  | 'norm-before-sum'
  | 'on-the-skip'

/** What a warning takes from the experiment. */
export type Settings = Pick<Experiment, 'blocks' | 'width' | 'input' | 'batch' | 'init' | 'gain' | 'network'>

/** What all kinds of warnings look at. */
export interface Context {
  draft: Draft
  experiment: Settings
  structure: Structure
  /** Those that the output depends on, in order. */
  nodes: GraphNode[]
  /** What fits in the experiment's network, and in which shape. */
  here: ReturnType<typeof shapesAt>
}

/** A node that the output depends on, or none; for `flatMap` over an order. */
export const usedNode =
  ({ byId, used }: Structure) =>
  (id: string) =>
    used.has(id) ? [byId.get(id)!] : []

export const kindOf = (node: GraphNode) => operationOf(node).kind
export const isJoin = (node: GraphNode | undefined) => node !== undefined && node.inputs.length > 1

/** Taking a node out, where a block is left. */
export function removing(draft: Draft, id: string, label = `Remove the ${labelOf(draft, id)}`): Mend[] {
  const isGood = !faultsOf(removeNodes(draft, [id])).length || faultsOf(draft).length > 0
  return isGood ? [{ label, apply: (d) => removeNodes(d, [id]) }] : []
}
