import { describe, expect, test } from 'vitest'
import type { GraphNode } from '../../../shared/graph/block-graph'
import { particleMoments, type Particles } from '../../../shared/moments/trajectories'
import { vector, type Shape } from '../../../shared/numerics/shape'
import {
  TRAJECTORIES,
  evenAmplitudes,
  streamParticles,
  type Amplitudes,
} from '../../../shared/theory/sampled-theory'
import { backwardBlock, forwardEdges } from '../../../shared/theory/traversal'
import { alone, visitOf } from '../../../shared/theory/walk'

const shapes = new Map<string, Shape>(['input', 'a', 'b', 'c'].map((id) => [id, vector(4)]))
const rest = { ...alone({ init: 'he', gain: 1 }), batch: 10 }
const visit = (op: string, fields: object = {}, id = 'a') =>
  visitOf({ id, op, inputs: ['input'], ...fields } as unknown as GraphNode, shapes, rest)
const particles = (units: number, values: number[], source = 'input'): Particles => ({
  units,
  samples: values.length / units,
  values: Float64Array.from(values),
  sources: new Set([source]),
})
const amplitudes = (values: number[], centred = 0, spent = 0): Amplitudes => ({
  values: Float64Array.from(values),
  centred,
  spent,
})
const near = (actual: ArrayLike<number>, expected: number[], digits = 10) =>
  expect(Array.from(actual)).toEqual(expected.map((value) => expect.closeTo(value, digits)))
/** Two units of two samples. */
const X = particles(2, [1, 3, -2, 0])

test('the stream and the gradient that trajectories begin with', () => {
  const stream = streamParticles({ units: 20, samples: 4 }, Float64Array.of(3, 1, 1, 3), 1)
  const { square, cross } = particleMoments(stream)
  near([square, cross], [3, 1])
  expect([...stream.sources]).toEqual(['input'])
  expect(evenAmplitudes({ units: 2, samples: 3 })).toEqual(amplitudes([1, 1, 1, 1, 1, 1]))
  expect([...TRAJECTORIES.enter({ ...X, sources: new Set(['w']) }).sources]).toEqual(['input'])
})

describe('values', () => {
  test('in combination: times their coefficients, without what is times 0', () => {
    const { combine } = TRAJECTORIES
    const once = combine([X], [1], X)
    expect(once).toBe(X)
    near(combine([X, X, undefined], [1, -0.5, 0], X).values, [0.5, 1.5, -1, 0])
    const nothing = combine([undefined], [0], X)
    near(nothing.values, [0, 0, 0, 0])
    expect([nothing.units, nothing.samples, nothing.sources.size]).toEqual([2, 2, 0])
  })

  test('through an operation, by its own reading', () => {
    near(TRAJECTORIES.apply(visit('relu'), [X]).values, [1, 3, 0, 0])
  })
})

describe('gradients', () => {
  test('of one origin add up with their signs; they are centred as little as the less centred', () => {
    const { add, scale, zero, isNothing } = TRAJECTORIES
    expect(add(amplitudes([1, 2], 0.5, 0.2), amplitudes([3, -2], 0.1, 0.9))).toEqual(
      amplitudes([4, 0], 0.1, 0.2),
    )
    const one = amplitudes([1, -2], 0.5, 0.2)
    expect(scale(one, 1)).toBe(one)
    expect(scale(one, -2)).toEqual(amplitudes([-2, 4], 0.5, 0.2))
    expect(zero(X)).toEqual(amplitudes([0, 0, 0, 0]))
    expect(isNothing(amplitudes([0, 0]))).toBe(false)
  })

  test('of different origin add their squares; what norms have removed is weighed by size', () => {
    const one = amplitudes([3, 0, 1, 1])
    expect(TRAJECTORIES.total([one], X)).toBe(one)
    const both = TRAJECTORIES.total([amplitudes([3, 0, 1, 2], 0, 1), amplitudes([4, 2, 0, 2], 0, 0.5)], X)
    near(both.values, [5, 2, 1, Math.sqrt(8)])
    // Squares of 14 and of 24.
    near([both.spent, both.centred], [(14 + 0.5 * 24) / 38, 0])
    const none = TRAJECTORIES.total([amplitudes([0, 0, 0, 0], 1, 1), amplitudes([0, 0, 0, 0], 1, 1)], X)
    expect(none).toEqual(amplitudes([0, 0, 0, 0]))
  })

  test('how far a sum is centred whose parts are so far', () => {
    // Even amplitudes: all that two samples have they share. Half of the squares is centred wholly, half not.
    const even = (centred: number) => amplitudes([1, 1, 1, 1], centred)
    expect(TRAJECTORIES.total([even(1), even(0)], X).centred).toBeCloseTo(0.5, 12)
    expect(TRAJECTORIES.total([even(1), even(1)], X).centred).toBeCloseTo(1, 12)
    // (1, 0) and (0, 1) share nothing by themselves; of their sum, all is shared, and nothing wanted.
    const apart = [amplitudes([1, 0, 1, 0], 1), amplitudes([0, 1, 0, 1], 1)]
    expect(TRAJECTORIES.total(apart, X).centred).toBe(0)
    // (2, 1): products of 2 over squares of 5/2 are shared to 4/5, and the Gaussian's share of a half makes 2/5.
    const uneven = TRAJECTORIES.total([amplitudes([2, 1, 2, 1], 0.5), amplitudes([2, 1, 2, 1], 0.5)], X)
    expect(uneven.centred).toBeCloseTo(0.5, 12)
  })

  test('a fresh layer is an origin of its own', () => {
    const { isOrigin } = TRAJECTORIES
    expect(isOrigin(visit('linear', { units: 1 }), particles(1, [1], 'a'))).toBe(true)
    expect(isOrigin(visit('relu'), X)).toBe(false)
  })

  describe('through an operation', () => {
    const pull = (op: string, one: Amplitudes, fields: object = {}, input: Particles = X) => {
      const own = visit(op, fields)
      return TRAJECTORIES.pull(own, one, [input], TRAJECTORIES.apply(own, [input]))[0]!
    }

    test('by its own reading, and what was centred stays so where amplitudes still tell', () => {
      const back = pull('relu', amplitudes([1, 2, 3, 4], 0.5, 0.25))
      expect(back).toEqual(amplitudes([1, 2, 0, 0], 0.5, 0.25))
    })

    test('a layer hands on what two samples share of it', () => {
      // Products of 2 over mean squares of 5/2.
      const back = pull('linear', amplitudes([2, 1, 2, 1], 0.5, 0.25), { units: 1 })
      near(back.values, new Array<number>(4).fill(Math.sqrt(5)))
      near([back.centred, back.spent], [0.4, 0])
      expect(pull('linear', amplitudes([2, 1, 2, 1]), { units: 1 }).centred).toBe(0)
      expect(pull('linear', amplitudes([0, 0, 0, 0], 1), { units: 1 }).centred).toBe(0)
    })

    test('a norm takes the sum away: as far as the amplitudes it leaves can make up for', () => {
      const own = particles(2, [1, 2, 3, 4, 4, 3, 2, 1])
      const centred = pull('center', amplitudes(new Array<number>(8).fill(1)), {}, own)
      near(centred.values, new Array<number>(8).fill(Math.sqrt(3 / 4)))
      expect(centred.centred).toBe(1)
      const uneven = pull('center', amplitudes([1, 2, 1, 2, 1, 2, 1, 2]), {}, own)
      // A unit's sum is 6, its squares 10: products (36 - 10)/3 over 10.
      expect(uneven.centred).toBeCloseTo(30 / 26, 12)
      expect(pull('center', amplitudes([1, -1, 1, -1, 1, -1, 1, -1]), {}, own).centred).toBe(0)
      // A norm that has been spent below takes its own direction from what a norm above has left.
      const norm = pull(
        'batch-norm',
        amplitudes(new Array<number>(8).fill(1)),
        {},
        { ...own, normalised: 0.75 },
      )
      expect(norm.spent).toBe(0.75)
      expect(norm.centred).toBeGreaterThan(0.9)
    })
  })
})

describe('a block, there and back', () => {
  const nodes = [
    visitOf({ id: 'a', op: 'scale', inputs: ['input'], factor: 0.5, text: '' }, shapes, rest),
    visitOf({ id: 'b', op: 'relu', inputs: ['a'] }, shapes, rest),
    visitOf({ id: 'c', op: 'sum', inputs: ['input', 'b'] }, shapes, rest),
  ]

  test('every edge by its name; parts of one origin meet again with their signs', () => {
    const edges = forwardEdges(nodes, X, TRAJECTORIES)
    expect([...edges.keys()]).toEqual(['input', 'a', 'b', 'c'])
    near(edges.get('c')!.values, [1.5, 4.5, -2, 0])
    const top = amplitudes([1, 1, 1, 1])
    near(backwardBlock('c', nodes, edges, top, TRAJECTORIES).values, [1.5, 1.5, 1, 1])
    near(backwardBlock('b', nodes, edges, top, TRAJECTORIES).values, [0.5, 0.5, 0, 0])
    const past = backwardBlock(
      'c',
      nodes,
      edges,
      top,
      TRAJECTORIES,
      ({ id }, slot) => id !== 'c' || slot === 0,
    )
    near(past.values, [1, 1, 1, 1])
    const nowhere = backwardBlock('c', nodes, edges, top, TRAJECTORIES, () => false)
    near(nowhere.values, [0, 0, 0, 0])
  })

  test('a way that is multiplied by 0 is not taken', () => {
    const shut = [visitOf({ id: 'a', op: 'scale', inputs: ['input'], factor: 0, text: '' }, shapes, rest)]
    const edges = forwardEdges(shut, X, TRAJECTORIES)
    expect(backwardBlock('a', shut, edges, amplitudes([1, 1, 1, 1], 0.5, 0.5), TRAJECTORIES)).toEqual(
      amplitudes([0, 0, 0, 0]),
    )
  })
})
