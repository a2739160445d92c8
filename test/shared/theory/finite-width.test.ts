import { describe, expect, test } from 'vitest'
import { backwardBlock } from '../../../shared/block/interpreter'
import { dataBatch, isVectorData } from '../../../shared/data/batch'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import { presetNamed } from '../../../shared/block/presets'
import { drawPlan, forwardPlan } from '../../../shared/network/float64-network'
import { planNetwork } from '../../../shared/network/plan'
import { seriesGraphs } from '../../../shared/network/series'
import { array3, float64, type Array3 } from '../../../shared/numerics/float64'
import { Random } from '../../../shared/numerics/random'
import type { Experiment } from '../../../shared/settings/experiment'
import { defaultExperiment } from '../../../shared/settings/table'
import { FewSamples, finiteWidth, type FiniteWidth } from '../../../shared/theory/finite-width'
import { finiteWidthRemark, leavesDoubt, undrawnRemark } from '../../../shared/theory/finite-width-remark'
import { normalInput } from '../../../shared/theory/input'
import { ImpliedWeight } from '../../../shared/theory/implied-weights'
import type { LogSpread } from '../../../shared/theory/spreads'
import { theoryOf } from '../../../shared/theory/theory'

/** Far more than any of these takes: as many networks as are ever drawn. */
const TIME = 1e6

const experimentOf = (changes: Partial<Experiment>): Experiment => ({
  ...{ ...defaultExperiment(), compare: [], remedies: ['none'], replicas: 1 },
  ...changes,
})

function planOf(experiment: Experiment) {
  const [series] = seriesGraphs(experiment)
  return planNetwork(series!, experiment)
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0)
const row = ({ values, shape }: Array3, s: number) => values.subarray(s * shape[2], (s + 1) * shape[2])

describe('weights that nobody draws', () => {
  test.each([
    ['fewer samples than units', 3, 7, 5],
    ['more samples than units', 6, 4, 5],
  ])('go back as the same weights that went up, of %s', (_, samples, inputs, outputs) => {
    const random = new Random(1, 2)
    const normals = (units: number) => {
      const values = array3([1, samples, units])
      random.fillNormal(values.values, 1)
      return values
    }
    const weight = new ImpliedWeight(outputs, inputs, 0.5, random)
    const [x, g] = [normals(inputs), normals(outputs)]
    const [u, back] = [weight.forward(x), weight.backward(g)]
    // (G W') x = G (W' x), for every pair of samples.
    for (let s = 0; s < samples; s++)
      for (let t = 0; t < samples; t++)
        expect(dot(row(back, s), row(x, t))).toBeCloseTo(dot(row(g, s), row(u, t)), 9)
  })

  test('have the covariances of drawn ones', () => {
    const random = new Random(3, 4)
    const x = array3([1, 2, 3], [1, 2, 2, -2, 0, 1])
    const [outputs, deviation] = [20000, 0.5]
    const u = new ImpliedWeight(outputs, 3, deviation, random).forward(x)
    const [a, b] = [row(u, 0), row(u, 1)]
    // x x' = [[9, 0], [0, 5]], times 1/4. A variance's standard error is √(2/20000), 1 %.
    expect(dot(a, a) / outputs / 2.25).toBeCloseTo(1, 1)
    expect(dot(b, b) / outputs / 1.25).toBeCloseTo(1, 1)
    expect(Math.abs(dot(a, b) / outputs)).toBeLessThan(0.06)
  })
})

/** Mean and variance over drawn networks, float64: of ln q_L, ln v_L, m_L and ln p_0. */
function measured(experiment: Experiment, networks: number) {
  const plan = planOf(experiment)
  const data = isVectorData(experiment) ? dataBatch(experiment).x : null
  const found: Record<'q' | 'v' | 'm' | 'p', number[]> = { q: [], v: [], m: [], p: [] }
  for (let replica = 0; replica < networks; replica++) {
    const network = drawPlan(plan, experiment, replica, data)
    const traces = forwardPlan(network)
    const { output } = traces[traces.length - 1]!
    const top = array3(output.shape)
    new Random(7, 7, replica).fillNormal(top.values, 1)
    const gradient = traces.reduceRight(
      (g, trace, k) => backwardBlock(float64, plan[k]!.graph, network.blocks[k]!, trace, g).input,
      top,
    )
    const square = ({ values }: Array3) => dot(values, values) / values.length
    found.q.push(Math.log(square(output)))
    found.v.push(Math.log(square(float64.subtract(output, float64.mean(output, 1)))))
    found.m.push(output.values.reduce((sum, x) => sum + x, 0) / output.values.length)
    found.p.push(Math.log(square(gradient) / square(top)))
  }
  const { q, v, m, p } = found
  return { q: momentsOf(q), v: momentsOf(v), m: momentsOf(m), p: momentsOf(p) }
}

function momentsOf(values: number[]) {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  return { mean, variance: values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1) }
}

const DROPPING: BlockGraph = {
  ...presetNamed('relu-linear'),
  name: 'dropping',
  nodes: [
    { id: 'w', op: 'linear', inputs: ['input'], units: 1 },
    { id: 'd', op: 'dropout', inputs: ['w'], rate: 0.1 },
    { id: 'sum', op: 'sum', inputs: ['input', 'd'] },
  ],
  output: 'sum',
}

const LEAVING_OUT = {
  ...DROPPING,
  name: 'leaving-out',
  nodes: DROPPING.nodes.map((node) =>
    node.id === 'd' ? { ...node, op: 'stochastic-depth', survival: 0.5 } : node,
  ),
} as BlockGraph

/** h + 10 W tanh(h): where few units are not saturated, one sample has most of the gradient. */
const SATURATED: BlockGraph = {
  ...presetNamed('relu-linear'),
  name: 'saturated',
  nodes: [
    { id: 'tanh', op: 'tanh', inputs: ['input'] },
    { id: 'w', op: 'linear', inputs: ['tanh'], units: 1 },
    { id: 'ten', op: 'scale', inputs: ['w'], factor: 10, text: '10' },
    { id: 'sum', op: 'sum', inputs: ['input', 'ten'] },
  ],
  output: 'sum',
}

describe('single networks of finite width', () => {
  test.each([
    ['relu-linear', {}],
    ['relu-linear', { remedies: ['rsqrt2'], stem: 'linear' }],
    ['linear-relu', {}],
    ['relu-linear', { skip: 'off', init: 'he' }],
    ['practical', { init: 'pytorch' }],
    ['relu-after-addition', { remedies: ['rsqrt2'], batch: 24 }],
    [DROPPING, {}],
    ['relu-linear', { remedies: ['batch-norm'], batch: 64 }],
    ['original', { batch: 4 }],
    ['full-preactivation', { batch: 4 }],
    ['bn-after-addition', { batch: 4 }],
    ['practical', { remedies: ['nf'] }],
    ['linear-relu', { remedies: ['nf'], init: 'pytorch' }],
    [SATURATED, { batch: 64 }],
    ['relu-linear', { input: 'mnist1d', stem: 'linear' }],
    ['relu-linear', { remedies: ['batch-norm'], input: 'mnist1d', stem: 'linear', batch: 16 }],
  ])('%s %o scatter as those that are drawn', (block, changes) => {
    const experiment = experimentOf({
      block: [block],
      blocks: 6,
      width: 16,
      batch: 6,
      ...changes,
    } as Partial<Experiment>)
    const networks = 400
    const drawn = measured(experiment, networks)
    const law = finiteWidth(planOf(experiment), experiment, { seconds: TIME })
    const compare = (name: 'q' | 'v' | 'p', spread: LogSpread, k: number) => {
      const [mean, variance] = [Math.log(spread.median[k]!), spread.logVariance[k]!]
      const error = Math.sqrt((drawn[name].variance + 1e-9) * (1 / networks + 1 / law.networks))
      expect(Math.abs(mean - drawn[name].mean), `${name}: ${mean} for ${drawn[name].mean}`).toBeLessThan(
        4.5 * error,
      )
      // A variance is known to √(2/48) = 20 %, more where tails are heavy.
      if (drawn[name].variance > 0.01) {
        expect(variance / drawn[name].variance, `variance of ${name}`).toBeGreaterThan(0.4)
        expect(variance / drawn[name].variance, `variance of ${name}`).toBeLessThan(2.2)
      }
    }
    compare('q', law.q, 6)
    compare('v', law.v, 6)
    compare('p', law.p, 0)
    const error = Math.hypot(Math.sqrt(drawn.m.variance / networks), law.m.meanError[6]!)
    expect(Math.abs(law.m.mean[6]! - drawn.m.mean), 'm').toBeLessThanOrEqual(4.5 * error)
  })

  test('the variance of ln q of a plain He network is 5 L/N', () => {
    const experiment = experimentOf({ block: ['relu-linear'], skip: 'off', blocks: 40, width: 200, batch: 1 })
    const { q } = finiteWidth(planOf(experiment), experiment, { seconds: TIME })
    // Relative variance of relu(z)²: E[relu⁴]/E[relu²]² - 1 = (3/2)/(1/4) - 1.
    expect(q.logVariance[40]! / ((5 * 40) / 200)).toBeGreaterThan(0.5)
    expect(q.logVariance[40]! / ((5 * 40) / 200)).toBeLessThan(1.7)
    expect(q.logVariance[0]! / (2 / 200)).toBeGreaterThan(0.5)
  })

  test('are the same each time', () => {
    const experiment = experimentOf({ block: ['relu-linear'], blocks: 3, width: 8, batch: 4 })
    expect(finiteWidth(planOf(experiment), experiment, { seconds: TIME })).toEqual(
      finiteWidth(planOf(experiment), experiment, { seconds: TIME }),
    )
  })

  test.each([
    ['convolutions', { block: [presetNamed('relu-linear')], input: 'images' }, 'positions'],
    ['blocks left out', { block: [LEAVING_OUT] }, 'keep'],
    ['too little time', { block: ['relu-linear'], blocks: 1000, width: 1000 }, 'too large'],
  ])('there are none of %s', (_, changes, reason) => {
    const experiment = experimentOf({ width: 16, blocks: 4, batch: 4, ...changes } as Partial<Experiment>)
    expect(() => finiteWidth(planOf(experiment), experiment, { seconds: 0.1 })).toThrow(reason)
  })
})

test('few samples that do not stand for their batch are told apart from too little time', () => {
  const experiment = experimentOf({ block: [SATURATED], blocks: 20, width: 100, batch: 128 })
  const plan = planOf(experiment)
  expect(() => finiteWidth(plan, experiment, { seconds: 0.5 })).toThrow(FewSamples)
  expect(() => finiteWidth(plan, experiment, { seconds: 0.001 })).toThrow('too large')
  const smaller = { ...experiment, batch: 8 }
  expect(finiteWidth(plan, smaller, { seconds: 0.5, isWhole: true }).networks).toBeGreaterThan(7)
})

test('weights of a standardised layer that are all 0 leave the network the identity', () => {
  const experiment = experimentOf({ block: ['relu-linear'], remedies: ['nf'], gain: 0, width: 16, blocks: 4 })
  const { q, p } = finiteWidth(planOf(experiment), experiment, { seconds: TIME })
  expect(q.median[4]!).toBeCloseTo(q.median[0]!, 6)
  expect(p.median[0]!).toBeCloseTo(1, 6)
  expect(
    finiteWidthRemark(theoryOf(planOf(experiment), experiment, normalInput('none')), {
      ...finiteWidth(planOf(experiment), experiment, { seconds: TIME }),
    }),
  ).toBeNull()
})

test('where single networks are not drawn, a remark says what ReLU networks of this shape would scatter by', () => {
  const remarkOf = (changes: Partial<Experiment>) => {
    const experiment = experimentOf({ block: ['practical'], ...changes })
    const plan = planOf(experiment)
    return undrawnRemark(theoryOf(plan, experiment, normalInput('none')), plan, 'for a reason')
  }
  // exp(1.645 √(5.44 · 40/100)); 2 at 30.6 units a layer.
  expect(remarkOf({ blocks: 20, width: 100 })).toBe(
    'Networks of 100 units and 40 layers in a row may leave the limit: ones of ReLUs without norms scatter, 90 % ' +
      'within a factor of 11 of the median in q (5.44 layers/units in the variance of ln q); how far these do is not ' +
      'drawn (for a reason).',
  )
  expect(remarkOf({ blocks: 5, width: 306 })).toContain('a factor of 2 ')
  expect(remarkOf({ blocks: 5, width: 307 })).toBeNull()
})

describe('the remark', () => {
  const remarkOf = (changes: Partial<Experiment>) => {
    const experiment = experimentOf({ block: ['relu-linear'], ...changes })
    const plan = planOf(experiment)
    const law = finiteWidth(plan, experiment, { seconds: TIME })
    return finiteWidthRemark(theoryOf(plan, experiment, normalInput('none')), law)
  }

  test('says how far single networks are from the limit', () => {
    const remark = remarkOf({ remedies: ['rsqrt2'], blocks: 200, width: 32, batch: 8 })
    const [, median, factor] =
      /q at h_200: the median is (\S+) of this curve, and 90 % lie within a factor of (\S+) of the median/.exec(
        remark ?? '',
      )!
    // ln q: about -1.9 L/N in the median, a variance of 5.5 L/N.
    expect(Math.log(Number(median))).toBeLessThan(-5)
    expect(Math.log(Number(median))).toBeGreaterThan(-20)
    expect(Number(factor)).toBeGreaterThan(1e3)
  })

  test('is silent where they follow it', () => {
    expect(remarkOf({ remedies: ['rsqrt2'], blocks: 3, width: 1000, batch: 8 })).toBe(null)
  })

  /** Of p alone, at h_0: its median over the limit, the variance and the error of its logarithm. */
  const saidOf = (
    median: number,
    logVariance: number,
    medianError: number,
    smaller: number | null = null,
  ) => {
    const theory = { q: null, v: null, m: null, p: [1, 1], note: {}, remark: null }
    const spread = { median: [median, 1], logVariance: [logVariance, 0], medianError: [medianError, 0] }
    const law = { networks: 48, q: spread, p: spread } as unknown as FiniteWidth
    return finiteWidthRemark(theory, law, smaller)
  }

  test('speaks where their mean is a tenth off, though median and spread are not', () => {
    expect(saidOf(1.08, 0.08, 0.01)).toBe(
      'Networks of this width leave the limit: p at h_0: the median is 1.08 of this curve, and 90 % lie ' +
        'within a factor of 1.6 of the median (law of 48 networks drawn layer by layer).',
    )
    expect(saidOf(1.02, 0.01, 0.01)).toBeNull()
  })

  test('of scatter speaks where it hides one block that doubles: 90 % within a factor of 2', () => {
    const scatter = (factor: number) => (Math.log(factor) / 1.6449) ** 2
    // Means as in the limit: medians are e^(-variance/2) of them.
    const spread = (factor: number) => saidOf(Math.exp(-scatter(factor) / 2), scatter(factor), 0.001)
    expect(spread(2.02)).toContain('90 % lie within a factor of 2 of the median')
    expect(saidOf(1, scatter(1.3), 0.001)).toBeNull()
  })

  test('networks that leave a doubt are to be more', () => {
    const law = (medianError: number) =>
      ({
        networks: 48,
        p: { median: [1.01], logVariance: [0], medianError: [medianError] },
      }) as unknown as FiniteWidth
    const theory = { q: null, v: null, m: null, p: [1], note: {}, remark: null }
    expect([0.04, 0.02].map((error) => leavesDoubt(theory, law(error)))).toEqual([true, false])
    // Another quantity that is off makes the remark speak, whatever more networks would say of p.
    const off = { median: [2], logVariance: [0], medianError: [0.01] }
    expect(leavesDoubt({ ...theory, q: [1] }, { ...law(0.04), q: off } as FiniteWidth)).toBe(false)
  })

  test('speaks where a tenth cannot be ruled out', () => {
    expect(saidOf(1.01, 0, 0.04)).toBe(
      'Networks of this width may be a tenth off this curve on average: p at h_0: the median is known to ±8 % (law ' +
        'of 48 networks drawn layer by layer).',
    )
  })

  test('of a smaller batch, where there is no time for theirs, it speaks sooner', () => {
    expect(saidOf(1.06, 0, 0.005, 32)).toBe(
      'Networks of this width with batches of 32, the largest that there is time to draw, leave their limit: p at ' +
        'h_0: the median is 1.06 of their limit, and 90 % lie within a factor of 1 of the median (law of 48 networks ' +
        'drawn layer by layer).',
    )
    expect(saidOf(1.06, 0, 0.005)).toBeNull()
  })

  /** Of m alone: limits over blocks, of a mean square of 1, and the mean over networks with its error. */
  const saidOfMean = (limit: number[], mean: number[], meanError: number[]) => {
    const theory = { q: limit.map(() => 1), v: null, m: limit, p: null, note: {}, remark: null }
    const none = limit.map(() => 0)
    const q = { median: limit.map(() => 1), logVariance: none, medianError: none }
    return finiteWidthRemark(theory, { networks: 48, q, m: { mean, meanError } } as unknown as FiniteWidth)
  }

  test('says of m where its mean over networks is off, and nothing of a limit of 0', () => {
    expect(saidOfMean([0.5, 0.5], [0.5, 0.4], [0.01, 0.01])).toBe(
      'Networks of this width leave the limit: m at h_1: the mean over networks is 0.8 of this curve (law of 48 ' +
        'networks drawn layer by layer).',
    )
    expect(saidOfMean([0, 1e-17], [0.1, -0.2], [0.1, 0.1])).toBeNull()
    expect(saidOfMean([-0.5], [-0.48], [0.001])).toBeNull()
  })

  test('v of ReLUs on the stream is above its limit, by less in wider networks', () => {
    const speak = (width: number) =>
      Number(
        /v at h_20: the median is (\S+) of this curve/.exec(
          remarkOf({ block: ['relu-after-addition'], remedies: ['rsqrt2'], blocks: 20, width, batch: 32 }) ??
            '',
        )?.[1],
      )
    // Measured with 20 networks: means of 6.4 and 3.3 times theory.
    expect(speak(100)).toBeGreaterThan(2)
    expect(speak(400)).toBeLessThan(speak(100))
  })
})
