import type { GraphNode } from '../graph'
import { joinMisfit } from './join'
import { withoutTheory } from './no-theory'
import type { Operation } from './operation'

/** Product of two edges, value by value: a gate. */
export const multiply: Operation<Extract<GraphNode, { op: 'multiply' }>> = {
  title: 'product',
  kind: 'join',
  definition: 'Product: both inputs are multiplied value by value, so that one gates the other.',
  symbol: () => '×',
  inputs: 2,
  fields: [],
  shape: (_node, [input]) => input,
  misfit: (_node, inputs, text) => joinMisfit('product', inputs, text),
  parameters: () => [],
  forward: (math, _node, [a, b]) => ({ output: math.multiply(a, b), saved: [a, b] }),
  backward: (math, _node, gradient, [a, b]) => ({
    inputs: [math.multiply(gradient, b), math.multiply(gradient, a)],
    parameters: [],
  }),
  ...withoutTheory('a product of two edges'),
}
