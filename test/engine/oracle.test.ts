import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createProgram } from '../../main/trainer/compile'
import { tensorMath, type Tensor } from '../../main/trainer/engine/tensor-math'
import { PRESETS } from '../../shared/blocks'
import { float64, type Array3 } from '../../shared/float64'
import type { BlockGraph } from '../../shared/graph'
import { blockParameters, drawParameter } from '../../shared/initialisation'
import { backwardBlock, forwardBlock } from '../../shared/interpreter'
import { REMEDIES } from '../../shared/remedies'
import { positions, type Shape } from '../../shared/shape'
import { normal, randomBlocks, randomParameters, shapesIn } from '../shared/random-blocks'
import { testBackend } from './backend'

const [R, B, N] = [2, 16, 12]
let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

const cases = PRESETS.flatMap((preset) =>
  REMEDIES.map((remedy) => ({
    name: `${preset.name} / ${remedy.name}`,
    // Batch normalisation of a layer that starts at 0 multiplies gradients, and their rounding, by 1/√eps = 316.
    tolerance: remedy.name === 'fixup' ? 1e-4 : 2e-5,
    graph: remedy.apply(preset, { depth: 5 }).graph,
  })),
)

describe.each(cases)('$name', ({ graph, tolerance }) => {
  test('TensorFlow’s float32 agrees with the float64 oracle, forward and backward', () => {
    const parameters = new Map<string, Array3[]>()
    for (const place of blockParameters(graph, N)) {
      const shape: Array3['shape'] = [R, ...place.shape]
      const experiment = { init: 'pytorch', gain: 1, seed: 1 } as const
      const values = drawParameter(
        new Float64Array(shape[0] * shape[1] * shape[2]),
        { ...place, initial: 0.5 },
        1,
        experiment,
        R,
      )
      parameters.set(place.node, [...(parameters.get(place.node) ?? []), { shape, values }])
    }
    expectAgreement(graph, parameters, normal([R, B, N], 1), new Map(), false, tolerance)
  })
})

describe.each(randomBlocks(6, 60))('$name', (block) => {
  test.each([false, true])('agrees, as written and compiled; statistics frozen: %j', (frozen) => {
    const { input } = block.place
    const samples = 5
    const { parameters } = randomParameters(block, R, samples)
    const h = normal([R, samples * positions(input), input.units], 1)
    expectAgreement(block.graph, parameters, h, shapesIn(block), frozen, 1e-4)
  })
})

/** Forward and backward, every parameter's gradient included; the compiled step's as well. */
function expectAgreement(
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

test('Euler’s invariant holds in float32 to 1e-4: h_k · g_k is the same for all k', () => {
  const { tf } = backend
  const math = tensorMath(tf)
  const graph = PRESETS.find((preset) => preset.name === 'practical')!
  tf.tidy(() => {
    const onDevice = ({ values, shape }: Array3): Tensor => tf.tensor(Float32Array.from(values), shape)
    const blocks = Array.from({ length: 10 }, (_, k) => {
      const own = new Map<string, Tensor[]>()
      for (const place of blockParameters(graph, 64)) {
        const shape: Array3['shape'] = [1, ...place.shape]
        const values = new Float32Array(shape[1] * shape[2])
        drawParameter(values, place, k + 1, { init: 'he', gain: 1, seed: 1 }, 1)
        own.set(place.node, [...(own.get(place.node) ?? []), tf.tensor(values, shape)])
      }
      return own
    })
    const streams = [onDevice(normal([1, B, 64], 1))]
    for (const own of blocks) streams.push(forwardBlock(math, graph, own, streams.at(-1)!).output)
    const inner = (a: Tensor, b: Tensor) => {
      const [x, y] = [a.dataSync(), b.dataSync()] as [Float32Array, Float32Array]
      return x.reduce((sum, value, i) => sum + value * y[i], 0)
    }
    let gradient = onDevice(normal([1, B, 64], 2))
    const invariant = inner(streams.at(-1)!, gradient)
    for (let k = blocks.length - 1; k >= 0; k--) {
      const trace = forwardBlock(math, graph, blocks[k], streams[k])
      gradient = backwardBlock(math, graph, blocks[k], trace, gradient).input
      expect(Math.abs(inner(streams[k], gradient) / invariant - 1)).toBeLessThan(1e-4)
    }
  })
})
