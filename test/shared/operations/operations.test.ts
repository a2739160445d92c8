import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PRESETS, centred, withoutSkip } from '../../../shared/block/presets'
import { erf } from '../../../shared/numerics/erf'
import { float64, array3, type Array3 } from '../../../shared/numerics/float64'
import { ancestors, type BlockGraph, type GraphNode } from '../../../shared/graph/block-graph'
import { blockParameters, drawParameter } from '../../../shared/network/parameters'
import { backwardBlock, forwardBlock, statisticsOf } from '../../../shared/block/interpreter'
import { OPERATION_NAMES, operationOf } from '../../../shared/operations'
import { isLearned } from '../../../shared/graph/parameter-shape'
import { Random } from '../../../shared/numerics/random'
import { REMEDIES } from '../../../shared/block/remedies'
import { placeOf, positions, shapeText, type BlockPlace } from '../../../shared/numerics/shape'
import type { Window } from '../../../shared/numerics/window'
import { everyNth, judgesMutants } from '../../mutation/judge'
import { normal, randomBlocks, randomParameters, shapesIn, type RandomBlock } from '../random-blocks'

const [R, B, N] = [2, 5, 8]

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

/** Of `loss` with respect to a few of the values, by differences. */
function expectDerivative({ values, shape }: Array3, gradient: Array3, loss: () => number) {
  expect(gradient.shape).toEqual(shape)
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

const cases = [...PRESETS, centred(PRESETS[1]), centred(PRESETS[8])].flatMap((preset, at) =>
  [preset, withoutSkip(preset)].flatMap((base) =>
    REMEDIES.map((remedy) => ({
      name:
        `${preset.name}${at < PRESETS.length ? '' : ', centred'}${base === preset ? '' : ', no skip'} / ` +
        `${remedy.name}`,
      graph: remedy.apply(base, { depth: 20 }).graph,
    })),
  ),
)

describe.each(everyNth(131, cases))('$name', ({ graph }) => {
  test.each([false, true])(
    'derivatives equal finite differences in float64; statistics frozen: %j',
    (frozen) => {
      const h = normal([R, B, N], 1)
      const top = normal([R, B, N], 2)
      const parameters = parametersOf(graph, 'pytorch', 3)
      const trace = forwardBlock(float64, graph, parameters, h)
      const statistics = frozen ? statisticsOf(graph, trace) : undefined
      const loss = () => dot(forwardBlock(float64, graph, parameters, h, statistics).output, top)
      const back = backwardBlock(float64, graph, parameters, trace, top, frozen)
      expectDerivative(h, back.input, loss)
      const constant = new Set(graph.nodes.filter(({ op }) => op === 'block-scale').map(({ id }) => id))
      parameters.forEach((own, node) => {
        if (constant.has(node)) return
        own.forEach((parameter, i) => expectDerivative(parameter, back.parameters.get(node)![i], loss))
      })
    },
  )
})

const blocks = randomBlocks(9, 150)

describe.each(everyNth(23, blocks))('$name', (block) => {
  const { graph, place } = block
  const samples = 5
  /** Computed in each test, so that what a test runs is that test's own. */
  const setUp = () => {
    const shapes = shapesIn(block)
    const { parameters, learned } = randomParameters(block, R, samples)
    const h = normal([R, samples * positions(place.input), place.input.units], 11)
    return {
      shapes,
      parameters,
      learned,
      h,
      trace: forwardBlock(float64, graph, parameters, h, undefined, shapes),
    }
  }

  test('every edge has the shape that was inferred', () => {
    const { shapes, trace } = setUp()
    for (const [id, shape] of shapes)
      expect(trace.values.get(id)!.shape).toEqual([R, samples * positions(shape), shape.units])
  })

  test.each([false, true])('derivatives equal finite differences; statistics frozen: %j', (frozen) => {
    const { shapes, parameters, learned, h, trace } = setUp()
    const top = normal(trace.output.shape, 12)
    const statistics = frozen ? statisticsOf(graph, trace) : undefined
    const loss = () => dot(forwardBlock(float64, graph, parameters, h, statistics, shapes).output, top)
    const back = backwardBlock(float64, graph, parameters, trace, top, frozen)
    if (back.input) expectDerivative(h, back.input, loss)
    const used = ancestors(graph, graph.output)
    for (const [id, list] of learned) {
      if (!used.has(id)) continue
      expect(back.parameters.get(id)).toHaveLength(list.length)
      list.forEach((parameter, i) => expectDerivative(parameter, back.parameters.get(id)![i], loss))
    }
    for (const id of back.parameters.keys()) expect(learned.has(id)).toBe(true)
  })
})

test('every operation is among them, on vectors, sequences and images', () => {
  for (const op of OPERATION_NAMES) {
    const own = blocks.filter(({ graph }) => graph.nodes.some((node) => node.op === op))
    for (const rows of [1, 5]) expect(own.some(({ place }) => place.input.rows === rows)).toBe(true)
    expect(own.some(({ place }) => positions(place.input) === 1)).toBe(true)
  }
})

describe('operations by known answers', () => {
  const grid = (rows: number, columns: number, units = 1) => ({ units, rows, columns })
  const block = (node: Record<string, unknown>, place: BlockPlace): RandomBlock => ({
    name: '',
    place,
    graph: {
      name: '',
      title: '',
      description: '',
      output: 'node',
      nodes: [{ id: 'node', inputs: ['input'], ...node } as unknown as GraphNode],
    },
  })
  /** Forward, then backward from ones; one network. */
  function run(own: RandomBlock, samples: number, values: number[], parameters: Array3[] = []) {
    const { units, ...rest } = own.place.input
    const x = array3([1, samples * positions({ units, ...rest }), units], values)
    const shapes = shapesIn(own)
    const byId = new Map([['node', parameters]])
    const trace = forwardBlock(float64, own.graph, byId, x, undefined, shapes)
    const ones = array3(
      trace.output.shape,
      trace.output.values.map(() => 1),
    )
    const back = backwardBlock(float64, own.graph, byId, trace, ones)
    return { output: [...trace.output.values], shape: trace.output.shape, input: [...back.input.values] }
  }

  test('1-D convolution: a kernel of 3 with padding 1 is a sliding inner product', () => {
    const conv = block(
      { op: 'conv-1d', units: 1, kernel: 3, stride: 1, padding: 1, bias: false },
      { input: grid(1, 4), width: 1 },
    )
    const weight = array3([1, 3, 1], [1, 10, 100])
    const { output, input } = run(conv, 1, [1, 2, 3, 4], [weight])
    expect(output).toEqual([210, 321, 432, 43])
    expect(input).toEqual([11, 111, 111, 110])
  })

  test('2-D convolution: stride 2 sees every second place; samples and units do not mix', () => {
    const conv = block(
      { op: 'conv-2d', units: 1, kernel: 2, stride: 2, padding: 0, bias: false },
      { input: grid(2, 4), width: 1 },
    )
    const weight = array3([1, 4, 1], [1, 10, 100, 1000])
    const { output } = run(conv, 2, [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 1, 0, 0, 0, 0, 0], [weight])
    expect(output).toEqual([6521, 8743, 0, 1])
  })

  test('convolution: one input for networks with weights of their own, and the other way round', () => {
    const window = { grid: [1, 3], kernel: [1, 2], stride: [1, 1], padding: [0, 1] } satisfies Window
    const one = array3([1, 3, 1], [1, 2, 3])
    const two = array3([2, 2, 1], [1, 10, 2, 20])
    expect([...float64.convolve(one, two, window).values]).toEqual([10, 21, 32, 3, 20, 42, 64, 6])
    const gradient = array3([2, 4, 1], [1, 0, 0, 0, 0, 0, 0, 1])
    expect([...float64.convolveWeights(one, gradient, window).values]).toEqual([0, 1, 3, 0])
    expect([...float64.convolveBack(array3([1, 4, 1], [0, 1, 0, 0]), two, window).values]).toEqual([
      1, 10, 0, 2, 20, 0,
    ])
  })

  test('max pooling: of equal values the first gets the gradient', () => {
    const pool = block({ op: 'max-pool', kernel: 2, stride: 2, padding: 0 }, { input: grid(1, 6), width: 1 })
    const { output, input } = run(pool, 1, [0, 0, 1, 2, 5, 5])
    expect(output).toEqual([0, 2, 5])
    expect(input).toEqual([1, 0, 0, 1, 1, 0])
  })

  test('max pooling: the margin never wins, even over negative values', () => {
    const pool = block({ op: 'max-pool', kernel: 3, stride: 1, padding: 1 }, { input: grid(1, 3), width: 1 })
    expect(run(pool, 1, [-1, -2, -3]).output).toEqual([-1, -1, -2])
  })

  test('average pooling counts the zeros of its margin; a stride beyond the kernel leaves values out', () => {
    const padded = block(
      { op: 'average-pool', kernel: 2, stride: 2, padding: 1 },
      { input: grid(1, 2), width: 1 },
    )
    expect(run(padded, 1, [2, 4]).output).toEqual([1, 2])
    const sparse = block(
      { op: 'average-pool', kernel: 1, stride: 3, padding: 0 },
      { input: grid(1, 5), width: 1 },
    )
    expect(run(sparse, 1, [1, 2, 3, 4, 5])).toMatchObject({ output: [1, 4], input: [1, 0, 0, 1, 0] })
  })

  test('the shortcut keeps every second row and column and adds channels of zeros', () => {
    const skip = block({ op: 'shortcut', stride: 2 }, { input: grid(3, 3), width: 2 })
    const { output, shape } = run(skip, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9], [array3([1, 1, 2])])
    expect(shape).toEqual([1, 4, 2])
    expect(output).toEqual([1, 0, 3, 0, 7, 0, 9, 0])
  })

  test('group norm: each group of units over all positions, by itself', () => {
    const norm = block({ op: 'group-norm', groups: 2 }, { input: grid(1, 2, 4), width: 4 })
    const affine = [array3([1, 1, 4], [1, 1, 1, 2]), array3([1, 1, 4], [0, 0, 0, 5])]
    const { output } = run(norm, 1, [1, 1, 10, 30, 3, 3, 30, 10], affine)
    const expected = [-1, -1, -1, 7, 1, 1, 1, 3]
    output.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 4))
  })

  test('layer norm is over all positions of a sample', () => {
    const norm = block({ op: 'layer-norm' }, { input: grid(1, 2, 2), width: 2 })
    const affine = [array3([1, 1, 2], [1, 1]), array3([1, 1, 2])]
    const { output } = run(norm, 2, [0, 0, 2, 2, 5, 9, 5, 9], affine)
    const expected = [-1, -1, 1, 1, -1, 1, -1, 1]
    output.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 4))
  })

  test('activations at 1 and -1', () => {
    const at = (op: string, fields = {}) => {
      const { output, input } = run(block({ op, ...fields }, placeOf(2)), 1, [1, -1])
      return [...output, ...input]
    }
    const expected = {
      gelu: [0.8413447460685429, -0.15865525393145707, 1.0833154705876864, -0.08331547058768628],
      silu: [0.7310585786300049, -0.2689414213699951, 0.9276705118714867, 0.07232948812851327],
      tanh: [0.7615941559557649, -0.7615941559557649, 0.41997434161402614, 0.41997434161402614],
    }
    for (const [op, values] of Object.entries(expected))
      at(op).forEach((value, i) => expect(value).toBeCloseTo(values[i], 14))
    expect(at('leaky-relu', { slope: 0.25 })).toEqual([1, -0.25, 1, 0.25])
  })

  test('scaled weight standardisation: each output unit’s weights have mean 0 and variance γ²/fan-in', () => {
    const own = block({ op: 'linear', units: 1, bias: false, standardised: 1.7 }, placeOf(50))
    const weight = normal([1, 50, 50], 5)
    weight.values.forEach((w, i) => (weight.values[i] = 3 + 0.01 * w))
    const basis = array3([1, 50, 50])
    for (let i = 0; i < 50; i++) basis.values[i * 51] = 1
    const { output } = run(own, 50, [...basis.values], [weight])
    for (let unit = 0; unit < 50; unit++) {
      const column = output.filter((_, i) => i % 50 === unit)
      expect(column.reduce((sum, w) => sum + w, 0)).toBeCloseTo(0, 8)
      expect(column.reduce((sum, w) => sum + w * w, 0)).toBeCloseTo(1.7 ** 2, 5)
    }
  })

  test('stochastic depth: mean depth 40.25 of 54 blocks with p_L = 1/2', () => {
    const { graph } = block({ op: 'stochastic-depth', survival: 0.5 }, placeOf(4))
    const keep = Array.from({ length: 54 }, (_, i) => {
      const [place] = blockParameters(graph, 4, { block: i + 1, depth: 54 })
      return place.noise!.keep
    })
    expect(keep[53]).toBe(0.5)
    expect(keep.reduce((sum, p) => sum + p, 0)).toBeCloseTo(40.25, 12)
  })

  test('a constant of the block’s own: the k-th, and after the last the first again', () => {
    const { graph } = block({ op: 'block-scale', factors: [3, 4], text: '' }, placeOf(4))
    const values = [1, 2, 3].map((at) => blockParameters(graph, 4, { block: at, depth: 3 })[0].initial)
    expect(values).toEqual([3, 4, 3])
  })

  test('norms start at gamma 1 and beta 0, whatever the initialisation', () => {
    for (const op of ['batch-norm', 'layer-norm', 'group-norm']) {
      const { graph } = block({ op, groups: 2 }, placeOf(4))
      const starts = blockParameters(graph, 4).map((place) => {
        const values = new Float64Array(4)
        return [...drawParameter(values, place, 1, { init: 'pytorch', gain: 2, seed: 1 }, 1)]
      })
      expect(starts).toEqual([
        [1, 1, 1, 1],
        [0, 0, 0, 0],
      ])
    }
  })

  test('layers count their parameters as frameworks do', () => {
    const count = (node: Record<string, unknown>, place: BlockPlace) =>
      blockParameters(block(node, place).graph, place)
        .filter(isLearned)
        .reduce((sum, { shape }) => sum + shape[0] * shape[1], 0)
    const image = { input: grid(32, 32, 16), width: 16 }
    const window = { kernel: 3, stride: 1, padding: 1 }
    expect(count({ op: 'conv-2d', units: 1, ...window, bias: false }, image)).toBe(2304)
    expect(count({ op: 'conv-1d', units: 2, ...window }, image)).toBe(3 * 16 * 32 + 32)
    expect(count({ op: 'batch-norm' }, image)).toBe(32)
    expect(count({ op: 'shortcut', stride: 2 }, image)).toBe(0)
  })

  test.each([
    [
      { op: 'conv-2d', units: 1, kernel: 7, stride: 1, padding: 1 },
      'the 2-D convolution’s kernel of 7 is larger than 1 × 4 × 9 with padding 1',
      'Use a kernel of at most 6, or a padding of 2.',
    ],
    [
      { op: 'max-pool', kernel: 2, stride: 1, padding: 2 },
      'a padding of 2 lets the max pooling’s kernel of 2 see nothing at the edges',
      'Use a padding of at most 1.',
    ],
    [{ op: 'group-norm', groups: 3 }, '3 groups do not divide 1 units', 'Use 1 group.'],
  ])('what does not fit says how to mend it: %j', (node, problem, hint) => {
    const { graph, place } = block(node, { input: grid(4, 9), width: 1 })
    const misfit = operationOf(graph.nodes[0]).misfit!(graph.nodes[0], [place.input], shapeText)
    expect(misfit).toEqual({ problem, hint })
  })

  test('inferred shape = executed shape for any window that fits, and the misfit’s hints fit', () => {
    const size = (most: number, least = 1) => fc.integer({ min: least, max: most })
    fc.assert(
      fc.property(
        fc.constantFrom('conv-1d', 'conv-2d', 'average-pool', 'max-pool'),
        size(6),
        size(6),
        size(7),
        size(4),
        size(3, 0),
        (op, rows, columns, kernel, stride, padding) => {
          const own = block(
            { op, units: 1, kernel, stride, padding },
            { input: grid(rows, columns, 2), width: 3 },
          )
          const [node] = own.graph.nodes
          const { misfit } = operationOf(node)
          const found = misfit!(node, [own.place.input], shapeText)
          if (found) {
            const [first, second] = [...found.hint.matchAll(/\d+/g)].map(([digits]) => Number(digits))
            const isFarPadding = found.problem.startsWith('a padding')
            const changes = isFarPadding ? [{ padding: first }] : [{ kernel: first }, { padding: second }]
            for (const change of changes) {
              const next = misfit!({ ...node, ...change } as GraphNode, [own.place.input], shapeText)
              // With less padding the kernel may be too large for the grid; the next message says so.
              if (isFarPadding) expect(next?.problem).not.toBe(found.problem)
              else expect(next).toBeNull()
            }
            return
          }
          const parameters = randomParameters(own, 1, 2).parameters
          const x = normal([1, 2 * rows * columns, 2], 3)
          const shape = shapesIn(own).get('node')!
          const { output } = forwardBlock(float64, own.graph, parameters, x, undefined, shapesIn(own))
          expect(output.shape).toEqual([1, 2 * positions(shape), shape.units])
          expect(output.values.every((value) => Math.abs(value) < 1e6)).toBe(true)
        },
      ),
      { numRuns: judgesMutants ? 20 : 400 },
    )
  })
})

test('the error function, to the last digits', () => {
  const known: [number, number][] = [
    [0, 0],
    [1e-10, 1.1283791670955126e-10],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2.5, 0.999593047982555],
    [3, 0.9999779095030014],
    [7, 1],
  ]
  for (const [x, value] of known) {
    expect(Math.abs(erf(x) - value)).toBeLessThan(3e-16)
    expect(erf(-x) + erf(x)).toBe(0)
  }
  expect(erf(NaN)).toBeNaN()
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
