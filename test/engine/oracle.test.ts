import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { tensorMath, type Tensor } from '../../main/trainer/engine/tensor-math'
import { PRESETS } from '../../shared/blocks'
import { array3, float64, type Array3 } from '../../shared/float64'
import { blockParameters, drawParameter } from '../../shared/initialisation'
import { backwardBlock, forwardBlock } from '../../shared/interpreter'
import { Random } from '../../shared/random'
import { REMEDIES } from '../../shared/remedies'
import { testBackend } from './backend'

const [R, B, N] = [2, 16, 12]
let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

function normal(shape: Array3['shape'], key: number): Array3 {
  const result = array3(shape)
  new Random(key).fillNormal(result.values, 1)
  return result
}

const cases = PRESETS.flatMap((preset) =>
  REMEDIES.map((remedy) => ({
    name: `${preset.name} / ${remedy.name}`,
    graph: remedy.apply(preset, { depth: 5 }).graph,
  })),
)

describe.each(cases)('$name', ({ graph }) => {
  test('TensorFlow’s float32 agrees with the float64 oracle, forward and backward', () => {
    const { tf } = backend
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
    const [h, top] = [normal([R, B, N], 1), normal([R, B, N], 2)]
    const expected = backwardBlock(
      float64,
      graph,
      parameters,
      forwardBlock(float64, graph, parameters, h),
      top,
    )
    const output = forwardBlock(float64, graph, parameters, h).output

    tf.tidy(() => {
      const onDevice = ({ values, shape }: Array3): Tensor => tf.tensor(Float32Array.from(values), shape)
      const own = new Map([...parameters].map(([id, list]) => [id, list.map(onDevice)]))
      const math = tensorMath(tf)
      const trace = forwardBlock(math, graph, own, onDevice(h))
      const back = backwardBlock(math, graph, own, trace, onDevice(top))
      const close = (tensor: Tensor, { shape, values }: Array3) => {
        expect(tensor.shape).toEqual(shape)
        const size = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length)
        tensor
          .dataSync()
          .forEach((x, i) =>
            expect(Math.abs(x - values[i])).toBeLessThan(2e-5 * (1 + size + Math.abs(values[i]))),
          )
      }
      close(trace.output, output)
      close(back.input, expected.input)
      expected.parameters.forEach((list, id) =>
        list.forEach((value, i) => close(back.parameters.get(id)![i], value)),
      )
    })
  })
})

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
