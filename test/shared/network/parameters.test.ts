import { describe, expect, test } from 'vitest'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import {
  blockParameters,
  drawNoise,
  drawParameter,
  expectedNoise,
  noiseShape,
  outerInitialisation,
  startsConstant,
  type ParameterPlace,
} from '../../../shared/network/parameters'
import { Random } from '../../../shared/numerics/random'
import { STREAM } from '../../../shared/numerics/random-streams'

const place = (changes: Partial<ParameterPlace> = {}): ParameterPlace => ({
  role: 'weight',
  shape: [2, 3],
  fanIn: 2,
  node: 'a',
  ordinal: 1,
  ...changes,
})
const HE = { init: 'he', gain: 1, seed: 7 } as const
const PYTORCH = { init: 'pytorch', gain: 1, seed: 7 } as const

const drawn = (
  one: ParameterPlace,
  experiment: Parameters<typeof drawParameter>[3],
  replicas = 1,
  ...rest: number[]
) => [...drawParameter(new Float64Array(6 * replicas), one, 3, experiment, replicas, ...(rest as []))]

/** Standard normals of one replica’s stream, times a deviation. */
function normals(deviation: number, ...key: number[]) {
  const values = new Float64Array(6)
  new Random(...key).fillNormal(values, deviation)
  return [...values]
}
function uniforms(reach: number, ...key: number[]) {
  const values = new Float64Array(6)
  new Random(...key).fillUniform(values, reach)
  return [...values]
}
const closely = (values: number[]) => values.map((value) => expect.closeTo(value, 12))

test('around the blocks everything is He’s, with the experiment’s seed', () => {
  expect(outerInitialisation({ seed: 5 })).toEqual({ init: 'he', gain: 1, seed: 5 })
})

test('a block’s parameters in the order of its nodes, numbered among their like', () => {
  const graph = {
    name: '',
    title: '',
    description: '',
    output: 'c',
    nodes: [
      { id: 'a', op: 'linear', inputs: ['input'], units: 0.5 },
      { id: 'n', op: 'batch-norm', inputs: ['a'] },
      { id: 'b', op: 'linear', inputs: ['n'], units: 1, bias: false },
      { id: 'c', op: 'block-scale', inputs: ['b'], factors: [3, 4], text: '' },
    ],
  } as unknown as BlockGraph
  const found = blockParameters(graph, 4, { block: 2, depth: 2 })
  expect(found.map(({ node, ordinal, role, shape }) => [node, ordinal, role, ...shape])).toEqual([
    ['a', 0, 'weight', 4, 2],
    ['a', 0, 'bias', 1, 2],
    ['n', 0, 'gain', 1, 2],
    ['n', 0, 'shift', 1, 2],
    ['b', 1, 'weight', 2, 4],
    ['c', 0, 'constant', 1, 1],
  ])
  expect(found.at(-1)!.initial).toBe(4)
  expect(blockParameters(graph, 4).at(-1)!.initial).toBe(3)
})

describe('where parameters start', () => {
  test('gains, shifts and constants at their number, biases at 0 but for PyTorch’s, and what is times 0 at 0', () => {
    expect(
      (['gain', 'shift', 'constant', 'bias', 'weight'] as const).map((role) =>
        startsConstant(place({ role }), HE),
      ),
    ).toEqual([true, true, true, true, false])
    expect(startsConstant(place({ role: 'bias' }), PYTORCH)).toBe(false)
    expect(startsConstant(place({ factor: 0 }), HE)).toBe(true)
    for (const role of ['gain', 'shift', 'constant'] as const) {
      expect(drawn(place({ role, initial: 0.3 }), PYTORCH)).toEqual(new Array(6).fill(0.3))
      expect(drawn(place({ role }), HE)).toEqual(new Array(6).fill(0))
    }
    expect(drawn(place({ role: 'bias', initial: 9 }), HE)).toEqual(new Array(6).fill(0))
    expect(drawn(place({ factor: 0, initial: 9 }), HE)).toEqual(new Array(6).fill(0))
  })

  test('weights: normal, with variance 2/fan-in times the squares of gain and factor', () => {
    expect(drawn(place(), HE)).toEqual(closely(normals(1, 7, STREAM.weight, 0, 3, 1)))
    const both = drawn(place({ fanIn: 8, factor: 3 }), { ...HE, gain: 0.5 })
    expect(both).toEqual(closely(normals(0.5 * 3 * 0.5, 7, STREAM.weight, 0, 3, 1)))
  })

  test('Glorot counts the fan-out: the columns, or what is said', () => {
    const glorot = { ...HE, init: 'glorot' } as const
    expect(drawn(place(), glorot)).toEqual(
      closely(normals(Math.sqrt(2 / (2 + 3)), 7, STREAM.weight, 0, 3, 1)),
    )
    expect(drawn(place({ fanOut: 6 }), glorot)).toEqual(
      closely(normals(Math.sqrt(2 / (2 + 6)), 7, STREAM.weight, 0, 3, 1)),
    )
  })

  test('PyTorch: uniform up to 1/√fan-in, weights and biases', () => {
    const pytorch = { ...PYTORCH, gain: 2 }
    expect(drawn(place({ fanIn: 16, factor: 3 }), pytorch)).toEqual(
      closely(uniforms((3 * 2) / 4, 7, STREAM.weight, 0, 3, 1)),
    )
    expect(drawn(place({ role: 'bias', fanIn: 16 }), pytorch)).toEqual(
      closely(uniforms(2 / 4, 7, STREAM.bias, 0, 3, 1)),
    )
  })

  test('every replica from its own stream, from whichever is the first', () => {
    const two = drawn(place(), HE, 2)
    expect(two.slice(6)).toEqual(closely(normals(1, 7, STREAM.weight, 1, 3, 1)))
    expect([...drawParameter(new Float64Array(6), place(), 3, HE, 1, STREAM.stem, 4)]).toEqual(
      closely(normals(1, 7, STREAM.stem, 4, 3, 1)),
    )
  })
})

describe('noise', () => {
  const noise = (changes: object = {}) =>
    place({ role: 'noise', shape: [2, 3], noise: { keep: 0.6, scale: 0.5, perSample: true, ...changes } })
  const index = { seed: 7, block: 3, pass: 2, samples: 4 }

  test('rows for every sample, or one draw for all', () => {
    expect(noiseShape(noise(), 4)).toEqual([8, 3])
    expect(noiseShape(noise({ perSample: false }), 4)).toEqual([2, 3])
  })

  test('is 0, or one over its scale, as the stream of replica, block, place, pass and columns says', () => {
    const values = [...drawNoise(new Float64Array(48), noise(), index, 2, 5)]
    const expected = [5, 6].flatMap((replica) => {
      const random = new Random(7, STREAM.noise, replica, 3, 1, 2, 3)
      return Array.from({ length: 24 }, () => (random.uniform() < 0.6 ? 2 : 0))
    })
    expect(values).toEqual(expected)
    expect([...drawNoise(new Float64Array(24), noise(), index, 1)]).not.toEqual(values.slice(0, 24))
    expect(new Set(values)).toEqual(new Set([0, 2]))
  })

  test('has the mean keep/scale', () => expect(expectedNoise(noise())).toBeCloseTo(1.2, 12))
})
