import { describe, expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import { NoTheory } from '../../../shared/moments/moments'
import { planNetwork } from '../../../shared/network/plan'
import { defaultExperiment } from '../../../shared/settings/table'
import { gradientCorrelation } from '../../../shared/theory/gradient-correlation'
import { dataInput, normalInput, type InputMoments } from '../../../shared/theory/input'
import { PARTICLES, inLimit, type Limit } from '../../../shared/theory/limit'
import { causesOf } from '../../../shared/theory/causes'
import type { Theory } from '../../../shared/theory/series'
import type { FiniteWidth } from '../../../shared/theory/finite-width'
import { theoryOf } from '../../../shared/theory/theory'

const experiment = { ...defaultExperiment(), blocks: 2, width: 8, batch: 100, seed: 1 }
const drawn = (nodes: object[]) =>
  ({
    name: 'drawn',
    title: '',
    description: '',
    nodes,
    output: (nodes.at(-1) as { id: string }).id,
  }) as unknown as BlockGraph
const LAYER = { id: 'w', op: 'linear', inputs: ['input'], units: 1 }
/** A ReLU on the stream: no closed form from the second block on. */
const BENT = drawn([
  LAYER,
  { id: 'sum', op: 'sum', inputs: ['input', 'w'] },
  { id: 'relu', op: 'relu', inputs: ['sum'] },
])
const planOf = (graph: BlockGraph, changes: object = {}) =>
  planNetwork({ graph, remedy: 'none' }, { ...experiment, ...changes })
const ask = <T>(
  graph: BlockGraph,
  question: (limit: Limit) => T,
  input = normalInput('none'),
  changes: object = {},
  size?: typeof PARTICLES,
) => inLimit(planOf(graph, changes), { ...experiment, ...changes }, input, question, size)
const sizeOf = (limit: Limit) => limit.size
const near = (actual: ArrayLike<number>, expected: number[], digits = 10) =>
  expect(Array.from(actual)).toEqual(expected.map((value) => expect.closeTo(value, digits)))

describe('a network in the limit', () => {
  test('in closed form where there is one: h_0..h_L, and gradients from 1 at the top', () => {
    const { states, size, gradients } = ask(presetNamed('relu-linear'), (limit) => limit)
    expect(size).toBeNull()
    near(
      states.map(({ kernel }) => kernel[0]!),
      [1, 2, 4],
    )
    near(gradients(), [4, 2, 1])
  })

  test('past a branch and through it: 1 and 1 for type 2, under what is above', () => {
    const sides = ask(presetNamed('relu-linear'), (limit) => limit.sides(['sum', 'sum']))
    expect(sides.map(({ above, skip, branch, all }) => [above, skip, branch, all])).toEqual([
      [2, 2, 2, 4],
      [1, 1, 1, 2],
    ])
  })

  test('a sum among others: ways through it are above it, not around it', () => {
    const nested = drawn([
      LAYER,
      { id: 'inner', op: 'sum', inputs: ['input', 'w'] },
      { id: 'v', op: 'linear', inputs: ['inner'], units: 1, gain: 0.5 },
      { id: 'outer', op: 'sum', inputs: ['inner', 'v'] },
    ])
    // He's 2 for w, 1/2 for v.
    const at = (sum: string) => ask(nested, (limit) => limit.sides([sum, sum]))[1]!
    near(Object.values(at('outer')), [1, 3, 1.5, 4.5])
    near(Object.values(at('inner')), [1, 1.5, 3, 4.5])
    const beside = drawn([
      LAYER,
      { id: 'first', op: 'sum', inputs: ['input', 'w'] },
      { id: 'u', op: 'linear', inputs: ['input'], units: 1 },
      { id: 'outer', op: 'sum', inputs: ['first', 'u'] },
    ])
    near(Object.values(ask(beside, (limit) => limit.sides(['first', 'first']))[1]!), [1, 3, 2, 5])
  })

  test('on trajectories where there is none, as many samples as the batch has, at least two', () => {
    expect(ask(BENT, sizeOf)).toEqual({ units: 1310, samples: 100 })
    expect(ask(BENT, sizeOf, normalInput('none'), { batch: 1000 })).toEqual(PARTICLES)
    expect(ask(BENT, sizeOf, normalInput('none'), { batch: 1 })).toEqual({ units: 65_536, samples: 2 })
    expect(ask(BENT, sizeOf, normalInput('none'), {}, { units: 48, samples: 40 })).toEqual({
      units: 48,
      samples: 40,
    })
    const sequence = { input: 'sequence', batch: 2 }
    expect(ask(BENT, sizeOf, normalInput('none', { units: 8, rows: 1, columns: 40 }), sequence)).toEqual({
      units: 1638,
      samples: 80,
    })
    const { states, gradients, sides } = ask(BENT, (limit) => limit)
    // 1 + 2, half of it passes.
    near(states.map(({ kernel }) => kernel[0]!).slice(0, 2), [1, 1.5], 1)
    expect(gradients()[2]).toBeCloseTo(1, 12)
    expect(gradients()[1]).toBeGreaterThan(1.2)
    const [, last] = sides(['sum', 'sum'])
    expect(last!.skip + last!.branch).toBeCloseTo(last!.all, 1)
  })

  test('says why it has no answer, in a clause', () => {
    const refusal =
      (graph: BlockGraph, input: InputMoments, changes: object = {}) =>
      () =>
        ask(graph, (limit) => limit.gradients(), input, changes)
    const plain = normalInput('none')
    expect(refusal(BENT, { ...plain, refusal: 'no reason' })).toThrow(new NoTheory('no reason'))
    const data = dataInput(new Float64Array(4), 4, 1)
    expect(refusal(BENT, data, { batch: 513 })).toThrow(
      new NoTheory('theory for a data set is computed for batches up to 512'),
    )
    expect(refusal(BENT, data, { batch: 512 })).toThrow('ReLU of a stream that is not Gaussian')
    expect(refusal(presetNamed('relu-linear'), plain, { batch: 513 })).not.toThrow()
    expect(refusal(BENT, plain, { blocks: 201 })).toThrow(
      new NoTheory(
        'no closed form (ReLU of a stream that is not Gaussian); sampled theory is left out beyond 200 blocks',
      ),
    )
    const image = { input: 'images', stem: 'linear' }
    expect(refusal(BENT, normalInput('linear', { units: 3, rows: 32, columns: 32 }), image)).toThrow(
      new NoTheory(
        'no closed form (ReLU of a stream that is not Gaussian); ' +
          'what is sampled knows no positions, which differ behind a stem',
      ),
    )
  })

  test('200 blocks are sampled; other errors than a missing theory come out as they are', () => {
    expect(ask(BENT, sizeOf, normalInput('none'), { blocks: 200 }, { units: 4, samples: 2 })).toEqual({
      units: 4,
      samples: 2,
    })
    const broken = () => {
      throw new Error('broken')
    }
    expect(() => ask(BENT, broken)).toThrow('broken')
  })
})

describe('correlation between two samples’ gradients', () => {
  const of = (graph: BlockGraph, cross = 0, changes: object = {}) =>
    gradientCorrelation(
      planOf(graph, changes),
      { ...experiment, ...changes },
      {
        ...normalInput('none'),
        kernel: Float64Array.of(1, cross, cross, 1),
      },
    )

  test('a layer shares its weights, a ReLU half of what two independent samples let through', () => {
    expect(of(drawn([LAYER]))).toBeCloseTo(1, 12)
    const plain = drawn([
      { id: 'relu', op: 'relu', inputs: ['input'] },
      { ...LAYER, inputs: ['relu'] },
    ])
    expect(of(plain, 0, { blocks: 1 })).toBeCloseTo(0.5, 12)
    expect(of(plain, 1, { blocks: 1 })).toBeCloseTo(1, 12)
    // κ0(0) κ0(1/π), published as 0.30156 for two layers.
    expect(of(plain, 0, { blocks: 2 })).toBeCloseTo(0.30156, 5)
  })

  test('a skip keeps what it passes: (1 + 1/2)/2 for one block of type 2', () => {
    expect(of(presetNamed('relu-linear'), 0, { blocks: 1 })).toBeCloseTo(0.75, 12)
  })

  test('where nothing comes down there is none', () => {
    const shut = drawn([LAYER, { id: 's', op: 'scale', inputs: ['w'], factor: 0, text: '0' }])
    expect(() => of(shut)).toThrow(new NoTheory('its numbers leave the range of floating point'))
  })
})

describe('q, v, m and p', () => {
  const theory = (graph: BlockGraph, input = normalInput('none'), changes: object = {}) =>
    theoryOf(planOf(graph, changes), { ...experiment, ...changes }, input)

  test('v is what q has over the mean of the batch, counted with positions', () => {
    const { q, v, m, p, note, remark } = theory(presetNamed('relu-linear'), normalInput('none'), {
      batch: 10,
    })
    near(q!, [1, 2, 4])
    near(v!.slice(0, 1), [0.9])
    near(m!, [0, 0, 0])
    near(p!, [4, 2, 1])
    expect([note, remark]).toEqual([{}, null])
    const images = { input: 'images', stem: 'linear', batch: 1, width: 3 }
    const even = normalInput('none', { units: 3, rows: 32, columns: 32 })
    expect(theory(drawn([LAYER]), even, images).v![0]).toBeCloseTo(1 - 1 / 1024, 12)
    const pooled = drawn([
      { id: 'p', op: 'average-pool', inputs: ['input'], kernel: 2, stride: 2, padding: 0 },
    ])
    expect(theory(pooled, even, { ...images, blocks: 1 }).v![1]).toBeCloseTo(0.25 * (1 - 1 / 256), 12)
  })

  test('where there is none each says why', () => {
    const why = 'No theory: no reason.'
    expect(theory(presetNamed('relu-linear'), { ...normalInput('none'), refusal: 'no reason' })).toEqual({
      q: null,
      v: null,
      m: null,
      p: null,
      note: { q: why, v: why, m: why, p: why },
      remark: null,
    })
    const max = drawn([{ id: 'm', op: 'max-pool', inputs: ['input'], kernel: 1, stride: 1, padding: 0 }])
    expect(theory(max).note.q).toBe('No theory: max pooling.')
  })

  test('over branches that are kept or not it is their mean', () => {
    const dropping = drawn([
      LAYER,
      { id: 'drop', op: 'stochastic-depth', inputs: ['w'], survival: 0.5 },
      { id: 'sum', op: 'sum', inputs: ['input', 'drop'] },
    ])
    // Kept with 3/4 and 1/2: 1 + 2 p each.
    const { q, p, remark } = theory(dropping)
    near(q!, [1, 2.5, 5])
    near(p!, [5, 2, 1])
    expect(remark).toBeNull()
    expect(theory(dropping, normalInput('none'), { blocks: 7 }).remark).toMatch(/^Mean over 64 draws/)
  })

  test('what is sampled says with how much, and how well', () => {
    expect(theory(BENT).remark).toBeNull()
    expect(theory(BENT, normalInput('none'), { blocks: 32 }).remark).toBe(
      'Sampled with 1,310 units and 100 samples, no closed form: another draw of them typically moves a curve by ' +
        'up to a few per cent, of deep networks or small batches by more.',
    )
    expect(theoryOf(planOf(BENT), experiment, normalInput('none'), { live: true }).remark).toBe(
      'Sampled with 48 units and 40 samples, no closed form: another draw of them typically moves a curve by ' +
        'up to about a tenth, of deep networks or small batches by more.',
    )
  })

  test('how finite networks leave the limit: a norm on the stream, a ReLU at the end of a branch', () => {
    const STREAM =
      'Batch normalisation of the stream amplifies differences between samples at every block: deep networks follow ' +
      'this curve only when they are much wider than the batch.'
    const OUTLIER =
      'The branch ends in a ReLU: at finite width p grows faster than in the limit, along one outlier direction.'
    const sum = { id: 'sum', op: 'sum', inputs: ['input', 'w'] }
    const norm = { id: 'n', op: 'batch-norm', inputs: ['sum'] }
    const relu = { id: 'r', op: 'relu', inputs: ['w'] }
    const bent = { ...sum, inputs: ['input', 'r'] }
    const causes = (nodes: Parameters<typeof drawn>[0], isOff = true, found: FiniteWidth | null = null) =>
      causesOf(planOf(drawn(nodes)), theory(drawn(nodes)), found, isOff)
    expect(causes([LAYER, sum, norm])).toEqual([STREAM])
    expect(causes([LAYER, relu, bent])).toEqual([OUTLIER])
    expect(causes([LAYER, relu, bent, norm])).toEqual([STREAM, OUTLIER])
    expect(causes([{ ...norm, inputs: ['input'] }, { ...LAYER, inputs: ['n'] }, sum])).toEqual([])
    expect(causes([{ ...norm, inputs: ['input'] }])).toEqual([])
    // Where nothing is off: of a batch that was not drawn, what a norm on the stream does is not known.
    expect(causes([LAYER, relu, bent, norm], false)).toEqual([STREAM])
    // Where there is no limit, and where there is none of p.
    const { q, p } = theory(drawn([LAYER, relu, bent, norm]))
    const without = (curves: object) =>
      causesOf(planOf(drawn([LAYER, relu, bent, norm])), { q, p, ...curves } as unknown as Theory, null, true)
    expect(without({ q: null, p: null })).toEqual([])
    expect(without({ p: null })).toEqual([STREAM])
    const single = (factor: number) => {
      const mean = theory(drawn([LAYER, relu, bent])).p!.map((limit) => factor * limit)
      return { p: { mean } } as unknown as FiniteWidth
    }
    expect(causes([LAYER, sum, norm], false, single(1))).toEqual([])
    expect(causes([LAYER, relu, bent], true, single(1))).toEqual([])
    expect(causes([LAYER, relu, bent], true, single(1.2))).toEqual([OUTLIER])
  })

  test('images behind a stem have few numbers at each position, which a norm shows', () => {
    const norm = { id: 'n', op: 'batch-norm', inputs: ['input'] }
    const NUMBERS =
      'The stem makes h_0 of few numbers at each position, no wide layer: behind batch normalisation p comes out ' +
      'some per cent larger than this curve.'
    const image = { input: 'images', stem: 'linear' }
    const uneven = normalInput('linear', { units: 3, rows: 32, columns: 32 })
    expect(theory(drawn([norm]), uneven, image).remark).toBe(NUMBERS)
    expect(theory(drawn([LAYER]), uneven, image).remark).toBeNull()
  })

  test('a data set has three of the four where the gradient has no theory', () => {
    const data = dataInput([1, 2, -1, 0, 0.5, 3, -2, 1], 8, 1)
    const norm = drawn([
      { id: 'n', op: 'batch-norm', inputs: ['input'] },
      { ...LAYER, inputs: ['n'] },
    ])
    const { q, p, note } = theory(norm, data, { batch: 8 })
    expect(q).toHaveLength(3)
    expect(p).toBeNull()
    expect(note).toEqual({ p: 'No theory: over a data set’s batch, units differ in their variance.' })
  })
})
