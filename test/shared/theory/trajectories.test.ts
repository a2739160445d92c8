import { describe, expect, test } from 'vitest'
import type { GraphNode } from '../../../shared/graph/block-graph'
import { particleMoments, type Particles } from '../../../shared/moments/trajectories'
import { vector, type Shape } from '../../../shared/numerics/shape'
import { TRAJECTORIES, streamParticles, topParticles } from '../../../shared/theory/sampled-theory'
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
const gradient = (values: number[], source = 'top') => particles(2, values, source)
const near = (actual: ArrayLike<number>, expected: number[], digits = 10) =>
  expect(Array.from(actual)).toEqual(expected.map((value) => expect.closeTo(value, digits)))
/** Two units of two samples. */
const X = particles(2, [1, 3, -2, 0])

test('the stream and the gradient that trajectories begin with', () => {
  const stream = streamParticles({ units: 20, samples: 4 }, Float64Array.of(3, 1, 1, 3), 1)
  const { square, cross } = particleMoments(stream)
  near([square, cross], [3, 1])
  expect([...stream.sources]).toEqual(['input'])
  const top = topParticles({ units: 20, samples: 4 }, 1)
  near([particleMoments(top).square, particleMoments(top).cross], [1, 0])
  expect(top.values).not.toEqual(
    streamParticles({ units: 20, samples: 4 }, Float64Array.of(1, 0, 0, 1), 1).values,
  )
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
  test('of one origin add up with their signs', () => {
    const { add, scale, zero, isNothing } = TRAJECTORIES
    expect(add(gradient([1, 2, 0, 5]), gradient([3, -2, 1, -5]))).toEqual(gradient([4, 0, 1, 0]))
    const one = gradient([1, -2, 3, 0])
    const by = (factor: number) => scale(one, factor, visit('sum'), X, X)
    expect(by(1)).toBe(one)
    near(by(-2).values, [-2, 4, -6, 0])
    near(zero(X).values, [0, 0, 0, 0])
    expect(isNothing(gradient([0, 0, 0, 0]))).toBe(false)
  })

  test('of different origin add up too, but their mean squares do, whatever correlates them by chance', () => {
    const one = gradient([3, 0, 1, 1])
    expect(TRAJECTORIES.total([one], X)).toBe(one)
    // Squares of 14 and of 24; of their sum, 2 (12 + 4) more.
    const both = TRAJECTORIES.total([gradient([3, 0, 1, 2]), gradient([4, 2, 0, 2], 'w')], X)
    near(
      both.values,
      [7, 2, 1, 4].map((value) => value * Math.sqrt(38 / 70)),
    )
    const cancelled = TRAJECTORIES.total([gradient([1, 2, 0, 0]), gradient([-1, -2, 0, 0], 'w')], X)
    near(cancelled.values, [0, 0, 0, 0])
  })

  test('a fresh layer is an origin of its own', () => {
    const { isOrigin } = TRAJECTORIES
    expect(isOrigin(visit('linear', { units: 1 }), particles(1, [1], 'a'))).toBe(true)
    expect(isOrigin(visit('relu'), X)).toBe(false)
  })

  describe('through an operation', () => {
    const pull = (op: string, one: Particles, fields: object = {}, input: Particles = X) => {
      const own = visit(op, fields)
      return TRAJECTORIES.pull(own, one, [input], TRAJECTORIES.apply(own, [input]))[0]!
    }

    test('by its own reading, still of its origin', () => {
      expect(pull('relu', gradient([1, 2, 3, 4]))).toEqual(gradient([1, 2, 0, 0]))
    })

    test('a layer hands on the second moments, in an origin of its own', () => {
      const own = streamParticles({ units: 200, samples: 3 }, Float64Array.of(1, 0, 0, 1), 5)
      const arriving = { ...streamParticles({ units: 200, samples: 3 }, Float64Array.of(2, -1, -1, 2), 6) }
      const back = pull('linear', arriving, { units: 1 }, own)
      const { square, cross } = particleMoments(back)
      near([square, cross], [4, -2])
      expect([...back.sources]).toEqual(['a'])
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
    const top = gradient([1, 1, 1, 1])
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
    near(backwardBlock('a', shut, edges, gradient([1, 1, 1, 1]), TRAJECTORIES).values, [0, 0, 0, 0])
  })
})
