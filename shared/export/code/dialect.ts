import type { Experiment } from '../../settings/experiment'
import type { ExportedNetwork, ExportedNode, ExportedPart } from '../network'

/**
 * A number that may differ from block to block of one class: how it is written there. All are asked for when a layer is
 * made, in the same order in every block.
 * @param isInForward it is read where values are computed, not where the layer is made
 */
export type Slot = (kind: string, value: number, isInForward?: boolean) => string

/** How the layers of a part are written. */
export interface CodeStyle {
  /** Along how many axes samples have positions. */
  axes: 0 | 1 | 2
  /** What draws the weights, and the factor on their standard deviation. */
  init: Experiment['init']
  gain: number
  /** Whether some layer of the network computes another value in training, and whether one draws random numbers. */
  trains: boolean
  draws: boolean
  /** Names of layers for those who want them in plain letters, by the id of the node. */
  names: ReadonlyMap<string, string>
  slot: Slot
}

/** A layer in a framework's code. */
export interface LayerCode {
  /** What is kept of it under its name; null: it has no state of its own. */
  module: string | null
  /** Its value, of what is kept and the names of its inputs. */
  value(self: string, inputs: readonly string[]): string
  /** What stands behind the line. */
  comment?: string
}

/** A part's text before it is written: its class, and the numbers that its parts are told. */
export interface PartText {
  name: string
  part: ExportedPart
  style: Omit<CodeStyle, 'slot'>
  /** Of its nodes, in their order. */
  layers: readonly LayerCode[]
  /** Names of the numbers that differ from part to part. */
  given: readonly string[]
  /** Those of them that are read where values are computed. */
  kept: readonly string[]
}

/** How a framework's code is written: what all frameworks have in common is in `networkText`. */
export interface CodeDialect {
  /** What networks need beside the framework's own layers, by name, in the order in which it is written. */
  helpers: Readonly<Record<string, string>>
  number(value: number): string
  /** A name for what is another of its kind: "width_2". @param index counts from 2 */
  again(word: string, index: number): string
  /** "Block2" of the second kind of block. @param index counts from 1; null: there is only one */
  className(base: 'Stem' | 'Block' | 'Head', index: number | null): string
  /** A number that a class was told, where values are computed. */
  keptNumber(word: string): string
  layer(node: ExportedNode, style: CodeStyle): LayerCode
  part(text: PartText): string
  /** The network's own text. @param made how a part is made */
  network(network: ExportedNetwork, made: (part: ExportedPart) => string, outer: CodeStyle): string
  /** Blank lines between functions, as people leave them in this language. */
  blankLines: 1 | 2
  /** What comes before the code that is given, and what comes behind it. */
  preamble(network: ExportedNetwork, code: string): string
  ending(network: ExportedNetwork, outer: CodeStyle): readonly string[]
}
