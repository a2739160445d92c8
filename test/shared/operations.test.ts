import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PRESETS, centred, withoutSkip } from '../../shared/blocks'
import { float64, array3, type Array3 } from '../../shared/float64'
import type { BlockGraph } from '../../shared/graph'
import { blockParameters, drawParameter } from '../../shared/initialisation'
import { backwardBlock, forwardBlock } from '../../shared/interpreter'
import { Random } from '../../shared/random'
import { REMEDIES } from '../../shared/remedies'

const [R, B, N] = [2, 5, 8]

function normal(shape: Array3['shape'], ...key: number[]): Array3 {
  const result = array3(shape)
  new Random(...key).fillNormal(result.values, 1)
  return result
}

/** Parameters by node; gates get a value other than 0, so that something is to be differentiated. */
function parametersOf(graph: BlockGraph, init: 'he' | 'pytorch', seed: number): Map<string, Array3[]> {
  const result = new Map<string, Array3[]>()
  for (const place of blockParameters(graph, N)) {
    const shape: Array3['shape'] = [R, ...place.shape]
    const filled = place.role === 'gain' || place.role === 'shift' ? { ...place, initial: 0.7 } : place
    const values = drawParameter(
      new Float64Array(shape[0] * shape[1] * shape[2]),
      filled,
      1,
      { init, gain: 1, seed },
      R,
    )
    result.set(place.node, [...(result.get(place.node) ?? []), { shape, values }])
  }
  return result
}

const dot = (a: Array3, b: Array3) => a.values.reduce((sum, x, i) => sum + x * b.values[i], 0)

const cases = [...PRESETS, centred(PRESETS[1]), centred(PRESETS[8])].flatMap((preset, at) =>
  [preset, withoutSkip(preset)].flatMap((base) =>
    REMEDIES.map((remedy) => ({
      name: `${preset.name}${at < PRESETS.length ? '' : ', centred'}${base === preset ? '' : ', no skip'} / ${remedy.name}`,
      graph: remedy.apply(base, { depth: 20 }).graph,
    })),
  ),
)

describe.each(cases)('$name', ({ graph }) => {
  test.each([false, true])(
    'derivatives equal finite differences in float64; statistics frozen: %j',
    (frozen) => {
      const h = normal([R, B, N], 1)
      const top = normal([R, B, N], 2)
      const parameters = parametersOf(graph, 'pytorch', 3)
      const trace = forwardBlock(float64, graph, parameters, h)
      const statistics = frozen ? trace : undefined
      const loss = () => dot(forwardBlock(float64, graph, parameters, h, statistics).output, top)
      const back = backwardBlock(float64, graph, parameters, trace, top, frozen)
      const check = (values: Float64Array, gradient: Array3) => {
        const random = new Random(4, values.length)
        for (let trial = 0; trial < 6; trial++) {
          const i = random.below(values.length)
          const [before, step] = [values[i], 1e-6]
          values[i] = before + step
          const above = loss()
          values[i] = before - step
          const below = loss()
          values[i] = before
          const numeric = (above - below) / (2 * step)
          expect(Math.abs(gradient.values[i] - numeric)).toBeLessThan(1e-5 * (1 + Math.abs(numeric)))
        }
      }
      check(h.values, back.input)
      parameters.forEach((own, node) =>
        own.forEach((parameter, i) => check(parameter.values, back.parameters.get(node)![i])),
      )
    },
  )
})

test('Euler’s invariant: without norms and biases h_k · g_k is the same for all k, to 1e-9', () => {
  for (const name of ['linear-relu', 'relu-linear', 'practical', 'bottleneck']) {
    const graph = PRESETS.find((preset) => preset.name === name)!
    const parameters = [1, 2, 3, 4, 5, 6].map((seed) => parametersOf(graph, 'he', seed))
    const streams = [normal([R, B, N], 5)]
    for (const own of parameters) streams.push(forwardBlock(float64, graph, own, streams.at(-1)!).output)
    let gradient = normal([R, B, N], 6)
    const invariant = dot(streams.at(-1)!, gradient)
    for (let k = parameters.length - 1; k >= 0; k--) {
      const trace = forwardBlock(float64, graph, parameters[k], streams[k])
      gradient = backwardBlock(float64, graph, parameters[k], trace, gradient).input
      expect(Math.abs(dot(streams[k], gradient) / invariant - 1)).toBeLessThan(1e-9)
    }
  }
})

describe('plain float64 arithmetic', () => {
  test('NaN and infinity are not swallowed by zeros', () => {
    const zeros = array3([1, 1, 2])
    const broken = array3([1, 2, 1], [Infinity, 1])
    expect(float64.matMul(zeros, broken).values[0]).toBeNaN()
  })

  test('shapes that do not fit are refused', () => {
    expect(() => float64.add(array3([1, 2, 3]), array3([1, 2, 4]))).toThrow(
      'shapes 1 × 2 × 3 and 1 × 2 × 4 do not fit together',
    )
  })

  test('transposed products agree with explicit sums', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (a, b, c) => {
          const x = normal([2, b, a], a, b)
          const y = normal([2, c, b], b, c)
          const product = float64.matMul(x, y, true, true)
          expect(product.shape).toEqual([2, a, c])
          let sum = 0
          for (let k = 0; k < b; k++) sum += x.values[k * a] * y.values[k]
          expect(product.values[0]).toBeCloseTo(sum, 12)
        },
      ),
    )
  })
})
