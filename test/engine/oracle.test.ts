import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { tensorMath } from '../../main/trainer/engine/tensor-math'
import type { Tensor } from '../../main/trainer/engine/tensor'
import { PRESETS } from '../../shared/block/presets'
import { float64, type Array3 } from '../../shared/numerics/float64'
import { blockParameters, drawParameter } from '../../shared/network/parameters'
import { backwardBlock, forwardBlock } from '../../shared/block/interpreter'
import { REMEDIES } from '../../shared/block/remedies'
import { positions } from '../../shared/numerics/shape'
import type { Window } from '../../shared/numerics/window'
import { normal, randomBlocks, randomParameters, shapesIn } from '../shared/random-blocks'
import { expectAgreement } from './agreement'
import { testBackend } from './backend'

const [R, B, N] = [2, 16, 12]
let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

const cases = PRESETS.flatMap((preset) =>
  REMEDIES.map((remedy) => ({
    name: `${preset.name} / ${remedy.name}`,
    graph: remedy.apply(preset, { depth: 5 }).graph,
  })),
)

describe.each(cases)('$name', ({ graph }) => {
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
    expectAgreement(backend, graph, parameters, normal([R, B, N], 1), new Map(), false, 2e-5)
  })
})

describe.each(randomBlocks(6, 60))('$name', (block) => {
  test.each([false, true])('agrees, as written and compiled; statistics frozen: %j', (frozen) => {
    const { input } = block.place
    const samples = 5
    const { parameters } = randomParameters(block, R, samples)
    const h = normal([R, samples * positions(input), input.units], 1)
    expectAgreement(backend, block.graph, parameters, h, shapesIn(block), frozen, 1e-4)
  })
})

test('convolution shares one input, or one set of weights, between replicas', () => {
  const { tf } = backend
  const math = tensorMath(tf)
  const window: Window = { grid: [4, 5], kernel: [3, 2], stride: [2, 1], padding: [1, 0] }
  const shapes = { input: [2 * 20, 3], weight: [3 * 2 * 3, 4], gradient: [2 * 2 * 4, 4] } as const
  const draw = (replicas: number, [rows, columns]: readonly [number, number], key: number) =>
    normal([replicas, rows, columns], key)
  const onDevice = ({ values, shape }: Array3): Tensor => tf.tensor(Float32Array.from(values), shape)
  tf.tidy(() => {
    for (const [a, b] of [
      [1, 3],
      [3, 1],
    ]) {
      const [input, weight] = [draw(a, shapes.input, 1), draw(b, shapes.weight, 2)]
      const [shared, gradient] = [draw(a, shapes.gradient, 3), draw(b, shapes.gradient, 4)]
      const pairs: [Tensor, Array3][] = [
        [math.convolve(onDevice(input), onDevice(weight), window), float64.convolve(input, weight, window)],
        [
          math.convolveBack(onDevice(shared), onDevice(weight), window),
          float64.convolveBack(shared, weight, window),
        ],
        [
          math.convolveWeights(onDevice(input), onDevice(gradient), window),
          float64.convolveWeights(input, gradient, window),
        ],
      ]
      for (const [tensor, expected] of pairs) {
        expect(tensor.shape).toEqual(expected.shape)
        expect(farthest(tensor, expected)).toBeLessThan(1e-5)
      }
    }
  })
})

const farthest = (tensor: Tensor, { values }: Array3) =>
  Math.max(...[...(tensor.dataSync() as Float32Array)].map((x, i) => Math.abs(x - values[i])))

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
