import { describe, expect, test } from 'vitest'
import { NoTheory, type Gradient, type Moments } from '../../../shared/moments/moments'
import type { GraphNode } from '../../../shared/graph/block-graph'
import { vector, type Shape } from '../../../shared/numerics/shape'
import { closedForms, gradientMoments, streamEdge, type Edge } from '../../../shared/theory/closed-form'
import { alone, visitOf } from '../../../shared/theory/walk'
import { pair } from '../moments/samples'

const HE = alone({ init: 'he', gain: 1 })
const shapes = new Map<string, Shape>(['input', 'a', 'b'].map((id) => [id, vector(4)]))
const visit = (op: string, fields: object = {}, id = 'a') =>
  visitOf({ id, op, inputs: ['input'], ...fields } as unknown as GraphNode, shapes, HE)

const grid = (square: number[], mean: number[], isShared = false) => ({
  square: Float64Array.from(square),
  mean: Float64Array.from(mean),
  isShared,
})
const algebra = gradientMoments(2)
const reading = closedForms(algebra)
const atom = (id: string, moments: Moments): Edge => ({
  parts: new Map([[id, { coefficient: 1, moments }]]),
  moments,
})
const near = (actual: ArrayLike<number>, expected: number[]) =>
  expect(Array.from(actual)).toEqual(expected.map((value) => expect.closeTo(value, 12)))

describe('edges as combinations of atoms', () => {
  const stream = streamEdge(pair(0.5, 5, 2))
  const branch = atom('w', pair(1, 3, 1.5, { sources: new Set(['w']), gaussian: false, normalised: 1 }))

  test('the stream is one Gaussian source, whatever came before', () => {
    expect(streamEdge(pair(0.5, 5, 2)).moments).toMatchObject({
      gaussian: true,
      sources: new Set(['input']),
      grid: undefined,
    })
    const entered = reading.enter(branch)
    expect([...entered.parts.keys()]).toEqual(['input'])
    expect(entered.moments).toEqual({ ...branch.moments, sources: new Set(['input']) })
  })

  test('independent ones add moments, with the products of their means', () => {
    const { moments, parts } = reading.combine([stream, branch], [2, -1], stream)
    near(moments.mean, [0, 0])
    // 4 · 5 + 3 - 2 · 2 · 0.5 · 1, and 4 · 2 + 1.5 - 2.
    near(moments.kernel, [21, 7.5, 7.5, 21])
    expect([moments.gaussian, [...moments.sources]]).toEqual([false, ['input', 'w']])
    expect(moments.normalised).toBeCloseTo(3 / 23, 12)
    expect([...parts].map(([id, { coefficient }]) => [id, coefficient])).toEqual([
      ['input', 2],
      ['w', -1],
    ])
  })

  test('more of the same is the same, and may cancel', () => {
    const twice = reading.combine([stream, stream], [1, 1], stream)
    near(twice.moments.kernel, [20, 8, 8, 20])
    near(twice.moments.mean, [1, 1])
    const nothing = reading.combine([stream, stream], [1, -1], stream)
    expect(nothing.parts.size).toBe(0)
    near(nothing.moments.kernel, [0, 0, 0, 0])
    near(nothing.moments.mean, [0, 0])
    expect(nothing.moments.normalised).toBe(0)
    const back = reading.combine([reading.combine([stream, branch], [1, 1], stream), branch], [1, -1], stream)
    expect(back.moments).toBe(stream.moments)
  })

  test('factors multiply, and Gaussian parts make a Gaussian', () => {
    const six = reading.combine([reading.combine([stream], [2], stream)], [3], stream)
    expect([...six.parts.values()].map(({ coefficient }) => coefficient)).toEqual([6])
    near(six.moments.kernel, [180, 72, 72, 180])
    const other = atom('v', pair(2, 7, 5, { sources: new Set(['v']) }))
    const { mean, kernel, gaussian } = reading.combine([stream, other], [1, 3], stream).moments
    near(mean, [6.5, 6.5])
    // 5 + 9 · 7 + 2 · 0.5 · 3 · 2, and 2 + 9 · 5 + 6.
    near(kernel, [74, 53, 53, 74])
    expect(gaussian).toBe(true)
  })

  test('what is times 0 may be missing', () => {
    expect(reading.combine([stream, undefined], [1, 0], stream).moments).toBe(stream.moments)
    near(reading.combine([undefined], [0], stream).moments.kernel, [0, 0, 0, 0])
  })

  test('atoms of one source have no sum', () => {
    const dependent = new NoTheory('a sum whose sides depend on each other, with no linear layer in between')
    for (const sources of [new Set(['input']), new Set(['w', 'input'])])
      expect(() =>
        reading.combine([stream, atom('relu', pair(0, 1, 0, { sources }))], [1, 1], stream),
      ).toThrow(dependent)
  })

  test('positions add up like moments, where one side or both have them', () => {
    const own = atom('w', pair(0.5, 5, 2, { sources: new Set(['w']), grid: grid([4, 6], [0, 1], true) }))
    const sum = reading.combine([stream, own], [1, -2], stream).moments.grid!
    // 5 + 4 q - 2 · 2 · 0.5 · m.
    near(sum.square, [21, 27])
    near(sum.mean, [0.5, -1.5])
    expect(sum.isShared).toBe(true)
    const other = {
      ...own,
      parts: new Map([['w', { coefficient: 1, moments: { ...own.moments, grid: grid([4, 6], [0, 1]) } }]]),
    }
    expect(reading.combine([stream, other], [1, 1], stream).moments.grid!.isShared).toBe(false)
    expect(reading.combine([stream, branch], [1, 1], stream).moments.grid).toBeUndefined()
  })

  test('beyond float64 nothing is undefined', () => {
    const endless = atom('w', pair(Infinity, Infinity, Infinity, { sources: new Set(['w']), normalised: 1 }))
    const centred = streamEdge(pair(0, 1, 0))
    const { mean, kernel, normalised } = reading.combine([centred, endless], [1, 1], centred).moments
    expect([...mean, ...kernel]).toEqual(new Array(6).fill(Infinity))
    expect(normalised).toBe(0)
  })

  test('through any other operation by its moments: an atom of that name', () => {
    const made = reading.apply(visit('linear', { units: 1 }), [stream])
    near(made.moments.kernel, [10, 4, 4, 10])
    expect(
      [...made.parts].map(([id, part]) => [id, part.coefficient, part.moments === made.moments]),
    ).toEqual([['a', 1, true]])
  })
})

describe('gradients of one origin', () => {
  const one = { gradient: { square: Float64Array.of(3, 3), uniform: true }, coefficient: 1 }
  const stream = streamEdge(pair(0, 1, 0))
  const scaled = (factor: number, part = one) => reading.scale(part, factor, visit('sum'), stream, stream)

  test('add up with their signs, and their mean squares with the square of that', () => {
    const less = reading.add(one, scaled(-0.25))
    expect(less.coefficient).toBe(0.75)
    expect(reading.isNothing(less)).toBe(false)
    expect(reading.isNothing(reading.add(one, scaled(-1)))).toBe(true)
    near(reading.total([less], stream).gradient.square, [3 * 0.5625, 3 * 0.5625])
    near(reading.total([less, one], stream).gradient.square, [3 * 1.5625, 3 * 1.5625])
    expect(reading.total([less, one], stream).coefficient).toBe(1)
    expect(reading.zero(stream)).toEqual({ gradient: algebra.zero, coefficient: 1 })
  })

  test('what a norm above has removed is, at a part, as much as the part has of the variance', () => {
    const whole = streamEdge(pair(0, 4, 0))
    const spent = { ...one, gradient: { ...one.gradient, spent: 0.6 } }
    const at = (factor: number) => reading.scale(spent, factor, visit('sum'), stream, whole).gradient.spent
    expect(at(1)).toBeCloseTo(0.15, 12)
    expect(at(-0.5)).toBeCloseTo(0.6 / 16, 12)
    expect(at(2)).toBe(0.6)
  })

  test('what combines values hands them on; everything else is an origin', () => {
    expect(reading.isOrigin(visit('scale', { factor: 2, text: '' }), stream)).toBe(false)
    expect(reading.isOrigin(visit('relu'), stream)).toBe(true)
    const [pulled] = reading.pull(visit('linear', { units: 1 }), { ...one, coefficient: 7 }, [stream], stream)
    expect(pulled!.coefficient).toBe(1)
    near(pulled!.gradient.square, [6, 6])
  })
})

describe('mean squared gradients', () => {
  const gradient = (square: number, rest: Partial<Gradient> = {}): Gradient => ({
    square: Float64Array.of(square, square),
    uniform: true,
    ...rest,
  })

  test('uncorrelated ones add; what norms have removed is weighed by size', () => {
    const sum = algebra.add(gradient(3, { centred: 1, spent: 0.5 }), gradient(1, { spent: 1 }))
    near(sum.square, [4, 4])
    expect([sum.centred, sum.spent, sum.uniform]).toEqual([0.75, 0.625, true])
    expect(algebra.add(gradient(1), gradient(1, { uniform: false })).uniform).toBe(false)
    expect(algebra.add(gradient(1, { uniform: false }), gradient(1)).uniform).toBe(false)
    const none = algebra.add(gradient(0, { centred: 1 }), gradient(0))
    expect([none.centred, none.spent]).toEqual([0, 0])
    near(algebra.add(gradient(3, { grid: Float64Array.of(2, 4) }), gradient(1)).grid!, [3, 5])
    expect(algebra.add(gradient(3, { grid: Float64Array.of(2, 4), centred: 1 }), gradient(1))).toMatchObject({
      uniform: true,
      centred: 0.75,
      spent: 0,
    })
    near(algebra.add(gradient(1), gradient(3, { grid: Float64Array.of(2, 4) })).square, [4, 4])
    expect(sum.grid).toBeUndefined()
  })

  test('are multiplied, position by position too; by one they stay what they are', () => {
    const own = gradient(3, { grid: Float64Array.of(2, 4), spent: 0.5 })
    expect(algebra.scale(own, 1)).toBe(own)
    expect(algebra.scale(own, 2)).toEqual(gradient(6, { grid: Float64Array.of(4, 8), spent: 0.5 }))
    expect(algebra.scale(gradient(3), 2)).toEqual(gradient(6, { grid: undefined }))
    near(algebra.zero.square, [0, 0])
    expect([algebra.zero.uniform, gradientMoments(3).zero.square.length]).toEqual([true, 3])
  })

  describe('through an operation', () => {
    const x = pair(0, 2, 0.5)
    const pull = (op: string, own: Gradient, fields: object = {}, input: Moments = x) =>
      algebra.pull(visit(op, fields), own, [input])[0]!

    test('a norm takes the sum over the batch away, a layer keeps what is left of it, an activation its share', () => {
      expect(pull('batch-norm', gradient(1)).centred).toBe(1)
      expect(pull('linear', gradient(1, { centred: 0.6 }), { units: 1 }).centred).toBe(0.6)
      expect(pull('linear', gradient(1), { units: 1 }).centred).toBe(0)
      // Both samples on one side of a ReLU: 1/2 + asin(1/4)/π.
      const share = 0.5 + Math.asin(0.25) / Math.PI
      expect(pull('relu', gradient(1, { centred: 0.6 })).centred).toBeCloseTo(0.6 * share, 12)
      expect(pull('relu', gradient(1)).centred).toBe(0)
      expect(pull('dropout', gradient(1, { centred: 0.6 }), { rate: 0.5 }).centred).toBe(0)
    })

    test('what a norm’s own direction has lost is known to the next norm', () => {
      expect(pull('batch-norm', gradient(1, { spent: 0.3 }), {}, { ...x, normalised: 1 }).spent).toBe(1)
      expect(pull('relu', gradient(1, { spent: 0.3 })).spent).toBe(0.3)
      expect(pull('linear', gradient(1, { spent: 0.3 }), { units: 1 }).spent).toBe(0)
      expect(pull('linear', gradient(1, { centred: 0.8 }), { units: 1 }).spent).toBeCloseTo(0.8 / 4, 12)
      expect(pull('relu', gradient(1)).spent).toBe(0)
      // A gradient with everything removed above: nothing more of a batch of ten is lost, nor gained.
      const ten = { ...visit('batch-norm'), context: { ...visit('batch-norm').context, batch: 10 } }
      const removed = gradient(1, { centred: 1, spent: 1 })
      const variance = 2 - (0.5 + 1.5 / 10) + 1e-5
      near(algebra.pull(ten, removed, [{ ...x, normalised: 1 }])[0]!.square, [1 / variance, 1 / variance])
      near(algebra.pull(ten, gradient(1), [{ ...x, normalised: 1 }])[0]!.square, [
        0.8 / variance,
        0.8 / variance,
      ])
    })

    test('positions that one factor treats alike keep their proportions', () => {
      const own = gradient(3, { grid: Float64Array.of(2, 4) })
      near(pull('relu', own).grid!, [1, 2])
      near(pull('dropout', own, { rate: 0.5 }).grid!, [4, 8])
      near(pull('relu', gradient(0, { grid: Float64Array.of(0, 0) })).grid!, [0, 0])
      expect(pull('relu', gradient(3)).grid).toBeUndefined()
      const bent = pair(0, 2, 0.5, { grid: grid([1, 3], [0, 0]) })
      const slopes = pull('tanh', own, {}, bent).grid!
      expect(slopes[1]! / slopes[0]!).not.toBeCloseTo(2, 2)
    })
  })
})
