import type { ExportedNode } from '../network'
import type { CodeStyle, LayerCode } from './dialect'
import { areSame, weightedLayer } from './shapes'

/** A function of the layer's input, and of what else it is told. */
export const called = (name: string, ...more: readonly string[]): LayerCode => ({
  module: null,
  value: (_self, [x]) => `${name}(${[x, ...more].join(', ')})`,
})

/** Of what is kept of the layer, and of its input. @param module how that starts */
export const calledWithOwn = (module: string, name: string, ...more: readonly string[]): LayerCode => ({
  module,
  value: (self, [x]) => `${name}(${[self, x, ...more].join(', ')})`,
})

/** The layer's input as it is. */
export const UNCHANGED: LayerCode = { module: null, value: (_self, [x]) => x }

/** Its two inputs, with an operator between them. */
export const infix = (operator: '+' | '*'): LayerCode => ({
  module: null,
  value: (_self, [a, b]) => `${a} ${operator} ${b}`,
})

/** How code is written in which layers with weights are functions of them. */
interface FunctionWords {
  number(value: number): string
  list(values: readonly (number | string)[]): string
  /** A layer's weights as they start. @param sizes in the code */
  drawn(sizes: readonly (number | string)[], factor: number, hasBias: boolean, style: CodeStyle): string
}

/** A layer with weights, by the functions `linear`, `convolution` and `standardised` of the helpers. */
export function weightedFunction(
  node: ExportedNode,
  style: CodeStyle,
  { number, list, drawn }: FunctionWords,
): LayerCode {
  const { slot } = style
  const { window, hasBias, factor, standardised } = weightedLayer(node, style)!
  const sizes = [slot('inputs', node.input.units), slot('units', node.output.units)]
  const module = drawn([...(window?.kernel ?? []), ...sizes], factor, hasBias, style)
  const layer = (self: string) => (standardised ? `standardised(${self}, ${number(standardised)})` : self)
  if (!window) return { module, value: (self, [x]) => `linear(${layer(self)}, ${x})` }
  const { stride, padding } = window
  const step = areSame(stride) ? slot('stride', stride[0], true) : null
  const given = [list(step === null ? stride : stride.map(() => step)), list(padding)].join(', ')
  return { module, value: (self, [x]) => `convolution(${layer(self)}, ${x}, ${given})` }
}
