import { expect } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createProgram } from '../../main/trainer/compile'
import { tensorMath } from '../../main/trainer/engine/tensor-math'
import type { Tensor } from '../../main/trainer/engine/tensor'
import { float64, type Array3 } from '../../shared/numerics/float64'
import type { BlockGraph } from '../../shared/graph/block-graph'
import { backwardBlock, forwardBlock } from '../../shared/block/interpreter'
import type { Shape } from '../../shared/numerics/shape'
import { normal } from '../shared/random-blocks'

/** Forward and backward, every parameter's gradient included; the compiled step's as well. */
export function expectAgreement(
  backend: Backend,
  graph: BlockGraph,
  parameters: Map<string, Array3[]>,
  h: Array3,
  shapes: ReadonlyMap<string, Shape>,
  frozen: boolean,
  // Norms over few values amplify rounding.
  tolerance: number,
) {
  const { tf } = backend
  const trace = forwardBlock(float64, graph, parameters, h, undefined, shapes)
  const top = normal(trace.output.shape, 2)
  const expected = backwardBlock(float64, graph, parameters, trace, top, frozen)
  const gradients = [...expected.parameters].flatMap(([id, list]) =>
    list.map((value, i) => ({ id, i, value })),
  )
  const wanted = [
    trace.output,
    ...(expected.input ? [expected.input] : []),
    ...gradients.map(({ value }) => value),
  ]

  const program = createProgram(backend)
  tf.tidy(() => {
    const onDevice = ({ values, shape }: Array3): Tensor => tf.tensor(Float32Array.from(values), shape)
    const flat = [...parameters].flatMap(([id, list]) =>
      list.map((value) => ({ id, tensor: onDevice(value) })),
    )
    const step = ([x, g, ...own]: Tensor[]) => {
      const byId = new Map<string, Tensor[]>()
      own.forEach((tensor, i) => byId.set(flat[i].id, [...(byId.get(flat[i].id) ?? []), tensor]))
      const math = tensorMath(tf)
      const passed = forwardBlock(math, graph, byId, x, undefined, shapes)
      const back = backwardBlock(math, graph, byId, passed, g, frozen)
      const ofParameters = gradients.map(({ id, i }) => back.parameters.get(id)![i])
      return [passed.output, ...(back.input ? [back.input] : []), ...ofParameters]
    }
    const inputs = [onDevice(h), onDevice(top), ...flat.map(({ tensor }) => tensor)]
    const compiled = program.define('a block', step)
    // The first call of a compiled step runs as written, the second as a graph.
    for (const results of [step(inputs), compiled(inputs), compiled(inputs)]) {
      expect(results).toHaveLength(wanted.length)
      results.forEach((tensor, i) => close(tensor, wanted[i], tolerance))
    }
  })
  program.dispose()
}

function close(tensor: Tensor, { shape, values }: Array3, tolerance: number) {
  expect(tensor.shape).toEqual(shape)
  const size = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length)
  const result = tensor.dataSync() as Float32Array
  const worst = Math.max(...values.map((x, i) => Math.abs(result[i] - x) / (1 + size + Math.abs(x))))
  expect(worst).toBeLessThan(tolerance)
}
