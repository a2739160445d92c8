import { describe, expect, test } from 'vitest'
import { activationGain } from '../../../shared/operations/activation-gain'
import { parseBlockGraph } from '../../../shared/block/file'
import { PRESETS, presetNamed, withoutSkip } from '../../../shared/block/presets'
import { networkNamed } from '../../../shared/experiment/preset-networks'
import { branchNodes, isNorm, sumsOf, without } from '../../../shared/block/branches'
import { defaultExperiment } from '../../../shared/settings/table'
import { parseExperiment } from '../../../shared/experiment/experiment'
import { float64, type Array3 } from '../../../shared/numerics/float64'
import type { BlockGraph, GraphNode } from '../../../shared/graph/block-graph'
import { blockParameters, drawParameter } from '../../../shared/network/parameters'
import { backwardBlock, forwardBlock } from '../../../shared/block/interpreter'
import { drawNetwork, forwardNetwork } from '../../../shared/network/float64-network'
import { nodeLabel, shapesOf } from '../../../shared/operations'
import { outputShape, planNetwork } from '../../../shared/network/plan'
import { Random } from '../../../shared/numerics/random'
import {
  REMEDIES,
  REMEDY_NAMES,
  changedRemedies,
  remedyNamed,
  remedyRevisions,
  startsOutputAtZero,
} from '../../../shared/block/remedies'
import { seriesGraphs } from '../../../shared/network/series'
import { placeOf, shapeText } from '../../../shared/numerics/shape'
import { everyNth, judgesMutants } from '../../mutation/judge'
import { normal, randomParameters } from '../random-blocks'

const apply = (graph: BlockGraph, remedy: string, depth = 20) => remedyNamed(remedy).apply(graph, { depth })
const after = (block: string, remedy: string, depth = 20) => apply(presetNamed(block), remedy, depth)
const operations = (graph: BlockGraph) => graph.nodes.map((node) => nodeLabel(graph, node.id)).join(', ')
const nodesOf = <Op extends GraphNode['op']>(graph: BlockGraph, op: Op) =>
  graph.nodes.filter((node): node is Extract<GraphNode, { op: Op }> => node.op === op)
const drawn = (nodes: GraphNode[], output: string): BlockGraph => ({
  name: 'drawn',
  title: '',
  description: '',
  nodes,
  output,
})

/** A skip with an operation, a sum within a branch, two sums in a row, a norm that both sides share. */
const DRAWN: BlockGraph[] = [
  drawn(
    [
      { id: 'projection', op: 'linear', inputs: ['input'], units: 1 },
      { id: 'relu', op: 'relu', inputs: ['input'] },
      { id: 'branch', op: 'linear', inputs: ['relu'], units: 1 },
      { id: 'sum', op: 'sum', inputs: ['projection', 'branch'] },
    ],
    'sum',
  ),
  drawn(
    [
      { id: 'down', op: 'linear', inputs: ['input'], units: 0.5 },
      { id: 'relu', op: 'relu', inputs: ['down'] },
      { id: 'inner', op: 'linear', inputs: ['relu'], units: 0.5 },
      { id: 'nested', op: 'sum', inputs: ['down', 'inner'] },
      { id: 'up', op: 'linear', inputs: ['nested'], units: 1 },
      { id: 'sum', op: 'sum', inputs: ['input', 'up'] },
    ],
    'sum',
  ),
  drawn(
    [
      { id: 'relu', op: 'relu', inputs: ['input'] },
      { id: 'first', op: 'linear', inputs: ['relu'], units: 1 },
      { id: 'sum', op: 'sum', inputs: ['input', 'first'] },
      { id: 'tanh', op: 'tanh', inputs: ['sum'] },
      { id: 'second', op: 'linear', inputs: ['tanh'], units: 1 },
      { id: 'gate', op: 'multiply', inputs: ['second', 'tanh'] },
      { id: 'sum-2', op: 'sum', inputs: ['sum', 'gate'] },
    ],
    'sum-2',
  ),
  drawn(
    [
      { id: 'norm', op: 'group-norm', inputs: ['input'], groups: 2 },
      { id: 'relu', op: 'relu', inputs: ['norm'] },
      { id: 'skip', op: 'conv-2d', inputs: ['relu'], units: 1, kernel: 1, stride: 1, padding: 0 },
      { id: 'conv', op: 'conv-2d', inputs: ['relu'], units: 1, kernel: 3, stride: 1, padding: 1 },
      { id: 'inner', op: 'batch-norm', inputs: ['conv'] },
      { id: 'sum', op: 'sum', inputs: ['skip', 'inner'] },
    ],
    'sum',
  ),
  drawn([{ id: 'sum', op: 'sum', inputs: ['input', 'input'] }], 'sum'),
]

describe.each(
  [...PRESETS, ...DRAWN, withoutSkip(PRESETS[1])].map((graph, i) => ({ i, name: graph.name, graph })),
)('on $name ($i)', ({ graph }) => {
  test.each(REMEDY_NAMES)('%s gives a valid block that a file can hold, or says why not', (remedy) => {
    const before = JSON.stringify(graph)
    const { graph: changed, note } = apply(graph, remedy)
    expect(JSON.stringify(graph)).toBe(before)
    expect(parseBlockGraph(JSON.parse(JSON.stringify(changed)), 'file').nodes).toEqual(changed.nodes)
    if (remedy !== 'none' && JSON.stringify(changed) === before) expect(note).not.toBeNull()
    // Nothing that was put in lies beside the way from the input to the output.
    const used = new Set([changed.output, ...changed.nodes.flatMap((node) => node.inputs)])
    expect(changed.nodes.filter((node) => !used.has(node.id))).toEqual([])
  })

  test.each(REMEDY_NAMES)('%s can be applied to its own result', (remedy) => {
    const once = apply(graph, remedy).graph
    const twice = apply(once, remedy).graph
    expect(new Set(twice.nodes.map((node) => node.id)).size).toBe(twice.nodes.length)
    expect(() => parseBlockGraph(JSON.parse(JSON.stringify(twice)), 'file')).not.toThrow()
  })
})

test('the order of the table is the order of the contract', () => {
  expect(REMEDY_NAMES.join(' ')).toBe(
    'none rsqrt2 rsqrt2-skip batch-norm layer-norm rsqrt-depth fixup skipinit rezero layerscale deepnorm nf',
  )
  for (const { definition } of REMEDIES) expect(definition).toMatch(/\.$/)
})

describe('what each remedy adds to type 2 in 16 blocks', () => {
  const lines = ({ nodes, output }: BlockGraph) => [
    ...nodes.map(({ id, op, inputs, ...fields }) => {
      const values = Object.entries(fields).map(([key, value]) => `${key} ${value}`)
      return `${id} = ${[`${op}(${inputs.join()})`, ...values].join(' ')}`
    }),
    output,
  ]
  const betas = Array.from({ length: 16 }, (_, k) => 1 / Math.sqrt(1 + k * 0.2 ** 2))
  const [relu, linear] = ['relu-1 = relu(input)', 'linear-1 = linear(relu-1) units 1']

  test.each<[string, string[]]>([
    ['none', [relu, linear, 'sum = sum(input,linear-1)', 'sum']],
    [
      'rsqrt2',
      [
        relu,
        linear,
        'sum = sum(input,linear-1)',
        `rsqrt2-1 = scale(sum) factor ${Math.SQRT1_2} text 1/√2`,
        'rsqrt2-1',
      ],
    ],
    [
      'rsqrt2-skip',
      [
        relu,
        linear,
        `skip-scale-1 = scale(input) factor ${Math.SQRT1_2} text 1/√2`,
        'sum = sum(skip-scale-1,linear-1)',
        'sum',
      ],
    ],
    ...['batch-norm', 'layer-norm'].map((norm): [string, string[]] => [
      norm,
      [
        `branch-norm-1 = ${norm}(input)`,
        'relu-1 = relu(branch-norm-1)',
        linear,
        'sum = sum(input,linear-1)',
        'sum',
      ],
    ]),
    [
      'rsqrt-depth',
      [
        relu,
        linear,
        'branch-scale-1 = scale(linear-1) factor 0.25 text 1/√16',
        'sum = sum(input,branch-scale-1)',
        'sum',
      ],
    ],
    [
      'fixup',
      [
        'shift-1 = shift(input) initial 0',
        'relu-1 = relu(shift-1)',
        'shift-2 = shift(relu-1) initial 0',
        'linear-1 = linear(shift-2) units 1 gain 0',
        'branch-scale-1 = gain(linear-1) initial 1',
        'sum = sum(input,branch-scale-1)',
        'sum',
      ],
    ],
    ...['skipinit', 'rezero'].map((name): [string, string[]] => [
      name,
      [relu, linear, 'branch-scale-1 = gain(linear-1) initial 0', 'sum = sum(input,branch-scale-1)', 'sum'],
    ]),
    [
      'layerscale',
      [
        relu,
        linear,
        'branch-scale-1 = diagonal(linear-1) initial 0.1',
        'sum = sum(input,branch-scale-1)',
        'sum',
      ],
    ],
    [
      'deepnorm',
      [
        relu,
        `${linear} gain ${64 ** -0.25}`,
        `skip-scale-1 = scale(input) factor 2 text ∜16`,
        'sum = sum(skip-scale-1,linear-1)',
        'stream-norm-1 = layer-norm(sum)',
        'stream-norm-1',
      ],
    ],
    [
      'nf',
      [
        `start-scale-1 = block-scale(input) factors ${betas} text 1/β`,
        'relu-1 = relu(start-scale-1)',
        `${linear} standardised ${activationGain({ id: 'a', op: 'relu', inputs: ['input'] })}`,
        'branch-scale-1 = scale(linear-1) factor 0.2 text 0.2',
        'sum = sum(input,branch-scale-1)',
        'sum',
      ],
    ],
  ])('%s', (remedy, expected) => {
    expect(lines(after('relu-linear', remedy, 16).graph)).toEqual(expected)
  })

  test('a network without sums gets one norm, where it begins, unless it has one', () => {
    for (const norm of ['batch-norm', 'layer-norm']) {
      const { graph, note } = apply(withoutSkip(presetNamed('relu-linear')), norm)
      expect(lines(graph)).toEqual([
        `branch-norm-1 = ${norm}(input)`,
        'relu-1 = relu(branch-norm-1)',
        linear,
        'linear-1',
      ])
      expect(note).toBeNull()
      const normalised = withoutSkip(presetNamed('original'))
      expect(apply(normalised, norm)).toEqual({
        graph: normalised,
        note: 'The branch already has a normalisation, so the remedy leaves it as it is.',
      })
    }
  })
})

test('the layer to the classes starts at 0 with Fixup alone, where there is a branch', () => {
  const zero = (remedy: string, skip: 'on' | 'off') =>
    startsOutputAtZero(seriesGraphs({ ...defaultExperiment(), remedies: [remedy], skip })[0])
  expect(REMEDY_NAMES.filter((remedy) => zero(remedy, 'on'))).toEqual(['fixup'])
  expect(REMEDY_NAMES.filter((remedy) => zero(remedy, 'off'))).toEqual([])
})

test('what a remedy meant at another time is told', () => {
  const now = remedyRevisions(REMEDY_NAMES)
  expect(now).toEqual({ fixup: 2, skipinit: 2, rezero: 2, deepnorm: 2, nf: 2 })
  expect(changedRemedies(['none', 'skipinit'], now)).toEqual([])
  expect(changedRemedies(['none', 'skipinit', 'fixup'], { fixup: 2 })).toEqual(['SkipInit'])
})

test('a name that no remedy has is told with the nearest', () => {
  expect(() => remedyNamed('fixupp')).toThrow(
    '--remedies: there is no remedy "fixupp". Did you mean "fixup"?',
  )
  expect(() => remedyNamed('x', 'file.remedies')).toThrow(/^file\.remedies: there is no remedy "x"\./)
})

describe('a network at initialisation', () => {
  const experiment = { ...defaultExperiment(), blocks: 5, width: 12, batch: 8, replicas: 1 }

  test.each(
    ['linear-relu', 'relu-linear', 'practical', 'bottleneck', 'relu-before-addition'].flatMap((block) =>
      ['fixup', 'skipinit', 'rezero'].map((remedy) => ({ block, remedy })),
    ),
  )('is the identity, exactly: $block / $remedy, whatever the initialisation', ({ block, remedy }) => {
    for (const init of ['he', 'pytorch'] as const) {
      const { graph } = after(block, remedy, experiment.blocks)
      const network = drawNetwork(graph, { ...experiment, init }, 0)
      const top = forwardNetwork(network).at(-1)!.output
      expect([...top.values]).toEqual([...network.input.values])
    }
  })

  test.skipIf(judgesMutants)(
    'nf: q grows by 0.04 from block to block, type 2 at width 500',
    () => {
      const [blocks, networks] = [8, 6]
      const size = { ...experiment, blocks, width: 500, batch: 16 }
      const { graph, note } = after('relu-linear', 'nf', blocks)
      expect(note).toBeNull()
      const q = Array.from({ length: blocks + 1 }, () => 0)
      const meanSquare = (values: Float64Array) => values.reduce((sum, x) => sum + x * x, 0) / values.length
      for (let replica = 0; replica < networks; replica++) {
        const network = drawNetwork(graph, size, replica)
        const streams = [network.input, ...forwardNetwork(network).map(({ output }) => output)]
        streams.forEach(({ values }, k) => (q[k] += meanSquare(values) / networks))
      }
      for (let k = 1; k <= blocks; k++)
        expect(Math.abs(q[k] - q[0] - 0.04 * k)).toBeLessThan(0.004 * Math.sqrt(k))
    },
    60_000,
  )
})

describe('fixup', () => {
  test('one layer: only the zero applies', () => {
    const { graph, note } = after('relu-linear', 'fixup')
    expect(operations(graph)).toBe('learned shift 1, ReLU, learned shift 2, linear, learned scale, sum')
    expect(nodesOf(graph, 'linear').map((node) => node.gain)).toEqual([0])
    expect(nodesOf(graph, 'gain')[0].initial).toBe(1)
    expect(nodesOf(graph, 'shift').every((node) => node.initial === 0)).toBe(true)
    expect(note).toBeNull()
  })

  test('m layers: all but the last start at L^(-1/(2m-2)) of their size', () => {
    const { graph } = after('bottleneck', 'fixup', 16)
    expect(nodesOf(graph, 'linear').map((node) => node.gain)).toEqual([0.5, 0.5, 0])
    const two = after('practical', 'fixup', 16)
    expect(nodesOf(two.graph, 'linear').map((node) => node.gain)).toEqual([0.25, 0])
  })

  test('L counts branches: two sums in each of 8 blocks make 16', () => {
    const nodes: GraphNode[] = []
    const layer = (id: string, input: string) => nodes.push({ id, op: 'linear', inputs: [input], units: 1 })
    for (const [i, input] of ['input', 'sum-1'].entries()) {
      layer(`a${i}`, input)
      layer(`b${i}`, `a${i}`)
      nodes.push({ id: `sum-${i + 1}`, op: 'sum', inputs: [input, `b${i}`] })
    }
    const { graph } = apply(drawn(nodes, 'sum-2'), 'fixup', 8)
    expect(nodesOf(graph, 'linear').map((node) => node.gain)).toEqual([0.25, 0, 0.25, 0])
  })

  test('a sum inside a branch has a branch of its own', () => {
    const { graph } = apply(DRAWN[1], 'fixup', 16)
    const gains = Object.fromEntries(nodesOf(graph, 'linear').map((node) => [node.id, node.gain]))
    expect(gains.inner).toBe(0)
    expect(gains.up).toBe(0)
    expect(gains.down).toBeCloseTo(32 ** -0.5, 12)
  })

  test('shifts come before all layers and activations of the block', () => {
    const shiftedBy = (graph: BlockGraph) =>
      nodesOf(graph, 'shift').map(({ id }) => graph.nodes.find((node) => node.inputs[0] === id)!.id)
    expect(shiftedBy(apply(DRAWN[0], 'fixup').graph).sort()).toEqual(['branch', 'projection', 'relu'])
    const { graph } = apply(
      drawn(
        [
          { id: 'layer', op: 'linear', inputs: ['input'], units: 1 },
          { id: 'half', op: 'scale', inputs: ['layer'], factor: 0.5, text: '1/2' },
          { id: 'sum', op: 'sum', inputs: ['input', 'half'] },
          { id: 'after', op: 'relu', inputs: ['sum'] },
        ],
        'after',
      ),
      'fixup',
    )
    expect(shiftedBy(graph)).toEqual(['layer', 'after'])
  })

  test('one branch of two that cannot learn is enough to say so', () => {
    const { note } = apply(
      drawn(
        [
          { id: 'dead', op: 'linear', inputs: ['input'], units: 1 },
          { id: 'relu', op: 'relu', inputs: ['dead'] },
          { id: 'sum-1', op: 'sum', inputs: ['input', 'relu'] },
          { id: 'alive', op: 'linear', inputs: ['sum-1'], units: 1 },
          { id: 'sum-2', op: 'sum', inputs: ['sum-1', 'alive'] },
        ],
        'sum-2',
      ),
      'fixup',
    )
    expect(note).toMatch(/^Behind the layer that starts at 0 comes a ReLU/)
  })

  test('says where a branch cannot learn, and that it takes norms out', () => {
    expect(after('linear-relu', 'fixup').note).toBe(
      'Behind the layer that starts at 0 comes a ReLU, which passes no gradient at 0: the branch stays 0 ' +
        'while training.',
    )
    const { graph, note } = after('original', 'fixup')
    expect(note).toBe('Fixup takes the block’s normalisations out.')
    expect(nodesOf(graph, 'batch-norm')).toEqual([])
    expect(after('relu-before-addition', 'fixup').note).toBe(
      'Fixup takes the block’s normalisations out. Behind the layer that starts at 0 comes a ReLU, which ' +
        'passes no gradient at 0: the branch stays 0 while training.',
    )
  })

  test.each([
    ['linear-relu', true],
    ['relu-before-addition', true],
    ['relu-linear', false],
    ['practical', false],
  ])('and it is so: the zero layer of %s gets no gradient: %j', (block, isDead) => {
    const { graph } = after(block, 'fixup')
    const network = drawNetwork(graph, { ...defaultExperiment(), blocks: 1, width: 8, batch: 4 }, 0)
    const [trace] = forwardNetwork(network)
    const top = normal(trace.output.shape, 8)
    const back = backwardBlock(float64, graph, network.blocks[0], trace, top)
    const zero = nodesOf(graph, 'linear').find((node) => node.gain === 0)!
    expect(back.parameters.get(zero.id)![0].values.every((g) => g === 0)).toBe(isDead)
  })
})

describe('rezero', () => {
  test('is SkipInit where there is no norm, and takes norms out where there are', () => {
    expect(after('practical', 'rezero').graph).toEqual(after('practical', 'skipinit').graph)
    const { graph, note } = after('full-preactivation', 'rezero')
    expect(operations(graph)).toBe('ReLU 1, linear 1, ReLU 2, linear 2, learned scale, sum')
    expect(note).toBe('ReZero takes the block’s normalisations out.')
  })

  test.each(['skipinit', 'rezero', 'fixup', 'nf'])(
    '%s leaves no norm behind, on the stream neither',
    (remedy) => {
      for (const { name } of PRESETS) expect(after(name, remedy).graph.nodes.filter(isNorm)).toEqual([])
      expect(operations(after('bn-after-addition', 'rezero').graph)).toBe(
        'linear 1, ReLU 1, linear 2, learned scale, sum, ReLU 2',
      )
    },
  )
})

test.each([
  [1, 0.1],
  [18, 0.1],
  [19, 1e-5],
  [24, 1e-5],
  [25, 1e-6],
  [1000, 1e-6],
])('layerscale in %i blocks starts at %d', (depth, initial) => {
  const { graph } = after('relu-linear', 'layerscale', depth)
  expect(nodesOf(graph, 'diagonal').map((node) => node.initial)).toEqual([initial])
  expect(operations(graph)).toBe('ReLU, linear, learned scale per unit, sum')
})

describe('deepnorm', () => {
  test('200 sums are N = 100 layers of two: α = 3.76060, β = 0.188030', () => {
    const { graph } = after('relu-linear', 'deepnorm', 200)
    expect(operations(graph)).toBe('ReLU, linear, scale by ∜200, sum, layer norm')
    expect(nodesOf(graph, 'scale')[0].factor).toBeCloseTo(3.7606, 5)
    expect(nodesOf(graph, 'linear')[0].gain).toBeCloseTo(0.18803, 6)
    const sum = nodesOf(graph, 'sum')[0]
    expect(graph.nodes.find((node) => node.id === sum.inputs[0])!.op).toBe('scale')
    expect(graph.output).toBe(nodesOf(graph, 'layer-norm')[0].id)
  })

  test('every layer of a branch once, also where sums are nested; those of the skip not', () => {
    const nested = nodesOf(apply(DRAWN[1], 'deepnorm', 2).graph, 'linear')
    for (const layer of nested) expect(layer.gain).toBeCloseTo(0.5, 12)
    const [projection, branch] = nodesOf(apply(DRAWN[0], 'deepnorm', 4).graph, 'linear')
    expect(projection.gain).toBeUndefined()
    expect(branch.gain).toBeCloseTo(0.5, 12)
  })

  test('a branch with a norm: the factor on its weights is undone', () => {
    expect(after('original', 'deepnorm').note).toBe(
      'The branch’s own normalisation undoes the smaller start of the weights before it.',
    )
    // Not where all layers come behind the norm.
    const { graph } = apply(presetNamed('relu-linear'), 'batch-norm', 2)
    expect(apply(graph, 'deepnorm', 2).note).toBeNull()
  })
})

describe('nf', () => {
  test('divides by the expected deviation, standardises, and adds a fifth', () => {
    const { graph } = after('practical', 'nf', 3)
    expect(operations(graph)).toBe('scale by block, ReLU 1, linear 1, ReLU 2, linear 2, scale by 0.2, sum')
    const [start] = nodesOf(graph, 'block-scale')
    expect(start.factors.map((factor) => factor ** -2)).toEqual(
      [1, 1.04, 1.08].map((v) => expect.closeTo(v, 12)),
    )
    for (const layer of nodesOf(graph, 'linear')) expect(layer.standardised).toBeCloseTo(1.71286, 5)
  })

  test('what follows no activation keeps its size', () => {
    const [layer] = nodesOf(after('linear-relu', 'nf').graph, 'linear')
    expect(layer.standardised).toBe(1)
    expect(after('linear-relu', 'nf').note).toBe(
      'The branch ends in an activation, whose mean no standardised weights take away: means still add up ' +
        'from block to block.',
    )
  })

  test('one branch of two that ends in an activation is enough to say so', () => {
    const { note } = apply(
      drawn(
        [
          { id: 'a', op: 'linear', inputs: ['input'], units: 1 },
          { id: 'sum-1', op: 'sum', inputs: ['input', 'a'] },
          { id: 'b', op: 'linear', inputs: ['sum-1'], units: 1 },
          { id: 'relu', op: 'relu', inputs: ['b'] },
          { id: 'sum-2', op: 'sum', inputs: ['sum-1', 'relu'] },
        ],
        'sum-2',
      ),
      'nf',
    )
    expect(note).toMatch(/^The branch ends in an activation/)
  })

  test('γ is that of the last activation, seen through identity and dropout but not through a layer', () => {
    const { graph } = apply(
      drawn(
        [
          { id: 'tanh', op: 'tanh', inputs: ['input'] },
          { id: 'first', op: 'linear', inputs: ['tanh'], units: 1 },
          { id: 'relu', op: 'relu', inputs: ['first'] },
          { id: 'same', op: 'identity', inputs: ['relu'] },
          { id: 'drop', op: 'dropout', inputs: ['same'], rate: 0.1 },
          { id: 'second', op: 'linear', inputs: ['drop'], units: 1 },
          { id: 'third', op: 'linear', inputs: ['second'], units: 1 },
          { id: 'sum', op: 'sum', inputs: ['input', 'third'] },
        ],
        'sum',
      ),
      'nf',
    )
    const gammas = nodesOf(graph, 'linear').map((layer) => layer.standardised!)
    expect(gammas[0]).toBeCloseTo(1.5926, 3)
    expect(gammas[1]).toBeCloseTo(Math.sqrt(2 / (1 - 1 / Math.PI)), 6)
    expect(gammas[2]).toBe(1)
  })

  test('a sum inside a branch starts from variance 1 again: only the main branch is divided by β', () => {
    expect(nodesOf(apply(DRAWN[1], 'nf', 2).graph, 'block-scale').length).toBe(1)
  })

  test('two sums in a block add to the variance each', () => {
    const { graph } = apply(DRAWN[2], 'nf', 2)
    const factors = nodesOf(graph, 'block-scale').map((node) => node.factors.map((factor) => factor ** -2))
    expect(factors[0]).toEqual([1, 1.08].map((v) => expect.closeTo(v, 12)))
    expect(factors[1]).toEqual([1.04, 1.12].map((v) => expect.closeTo(v, 12)))
  })

  test('stands in for the norms of the branch', () => {
    const { graph, note } = after('full-preactivation', 'nf')
    expect(graph.nodes).toEqual(after('practical', 'nf').graph.nodes)
    expect(note).toBe('NF takes the block’s normalisations out.')
  })

  test('the gains of activations: closed forms, and the published ones (from samples) to 0.2 %', () => {
    const gain = (op: string, fields = {}) =>
      activationGain({ id: 'a', inputs: ['input'], op, ...fields } as unknown as GraphNode)
    expect(gain('relu')).toBeCloseTo(Math.sqrt(2 / (1 - 1 / Math.PI)), 6)
    expect(gain('tanh')).toBeCloseTo(1 / Math.sqrt(0.394294), 5)
    expect(gain('gelu')).toBeCloseTo(1 / Math.sqrt(0.42522 - 0.28209 ** 2), 4)
    expect(gain('linear')).toBe(1)
    const published = { gelu: 1.7015, silu: 1.7881, tanh: 1.5939 }
    for (const [op, value] of Object.entries(published))
      expect(Math.abs(gain(op) / value - 1)).toBeLessThan(0.002)
  })
})

test.each(['A', 'B'] as const)('every remedy fits where stages change the shape; shortcut %s', (shortcut) => {
  const { changes } = networkNamed('resnet20-cifar')
  const network = { ...changes.network!, shortcut }
  for (const remedy of REMEDY_NAMES) {
    const experiment = parseExperiment({ ...defaultExperiment(), ...changes, network, remedies: [remedy] })
    const plan = planNetwork(seriesGraphs(experiment)[0], experiment)
    expect(plan.map((block) => shapeText(outputShape(block)))).toEqual(
      ['16 × 32 × 32', '32 × 16 × 16', '64 × 8 × 8'].flatMap((shape) => [shape, shape, shape]),
    )
  }
})

describe('norms at the start of a branch', () => {
  test('go where the branch begins, also when the skip has operations', () => {
    const { graph } = apply(DRAWN[0], 'batch-norm')
    const [norm] = nodesOf(graph, 'batch-norm')
    expect(norm.inputs).toEqual(['input'])
    expect(graph.nodes.find((node) => node.id === 'relu')!.inputs).toEqual([norm.id])
    expect(graph.nodes.find((node) => node.id === 'projection')!.inputs).toEqual(['input'])
  })
})

describe('random graphs of sums, layers, gates and norms', () => {
  const graphs = everyNth(
    5,
    Array.from({ length: 150 }, (_, i) => randomGraph(i)),
  )

  test('every remedy gives a valid block that can be computed', () => {
    for (const graph of graphs) {
      for (const remedy of REMEDY_NAMES) {
        const changed = apply(graph, remedy, 5).graph
        expect(parseBlockGraph(JSON.parse(JSON.stringify(changed)), 'file').nodes).toEqual(changed.nodes)
        expect(run(changed).values.every(Number.isFinite)).toBe(true)
      }
    }
  })

  test('with SkipInit every sum is its skip', () => {
    for (const graph of graphs) {
      const skips = graph.nodes.map((node): GraphNode =>
        node.op === 'sum' ? { id: node.id, op: 'identity', inputs: [node.inputs[0]] } : node,
      )
      const result = run(apply(graph, 'skipinit').graph)
      const bare = sumsOf(graph).length ? without({ ...graph, nodes: skips }, isNorm) : graph
      expect([...result.values]).toEqual([...run(bare).values])
    }
  })

  test('where a branch had no norm, everything that enters it now goes through one', () => {
    for (const graph of graphs) {
      const bare = sumsOf(graph).filter((sum) => !branchNodes(graph, sum).some(isNorm))
      const { graph: changed } = apply(graph, 'layer-norm')
      for (const { id } of bare) {
        const inside = branchNodes(changed, changed.nodes.find((node) => node.id === id) as never)
        const ids = inside.map((node) => node.id)
        const entries = inside.filter((node) => node.inputs.some((input) => !ids.includes(input)))
        expect(entries.filter((node) => !isNorm(node))).toEqual([])
        for (const norm of inside.filter(isNorm))
          expect(inside.some((node) => isNorm(node) && node.inputs[0] === norm.id)).toBe(false)
      }
    }
  })

  /** All edges have one shape; parameters where they start, weights drawn. */
  function run(graph: BlockGraph) {
    const parameters = new Map<string, Array3[]>()
    for (const place of blockParameters(graph, 6, { block: 1, depth: 5 })) {
      const values = new Float64Array(place.shape[0] * place.shape[1])
      drawParameter(values, place, 1, { init: 'he', gain: 1, seed: 1 }, 1)
      parameters.set(place.node, [
        ...(parameters.get(place.node) ?? []),
        { shape: [1, ...place.shape], values },
      ])
    }
    return forwardBlock(float64, graph, parameters, normal([1, 5, 6], 3)).output
  }

  function randomGraph(seed: number): BlockGraph {
    const random = new Random(31, seed)
    const ops = ['sum', 'sum', 'linear', 'relu', 'tanh', 'layer-norm', 'multiply', 'identity'] as const
    const nodes: GraphNode[] = []
    for (let i = 0, count = 3 + random.below(8); i < count; i++) {
      const ids = ['input', ...nodes.map((node) => node.id)]
      const pick = () => ids[Math.max(0, ids.length - 1 - random.below(3))]
      // Without sums there is nothing to see.
      const op = i === count - 1 ? 'sum' : ops[random.below(seed % 3 ? ops.length : 5)]
      const inputs = op === 'sum' || op === 'multiply' ? [pick(), pick()] : [pick()]
      nodes.push({ id: `n${i}`, op, inputs, ...(op === 'linear' ? { units: 1 } : {}) } as GraphNode)
    }
    return drawn(nodes, nodes.at(-1)!.id)
  }
})

test('networks without sums are left alone by what acts on sums, with a note', () => {
  const plain = withoutSkip(presetNamed('relu-linear'))
  for (const remedy of [
    'rsqrt2',
    'rsqrt-depth',
    'fixup',
    'skipinit',
    'rezero',
    'layerscale',
    'deepnorm',
    'nf',
  ]) {
    expect(apply(plain, remedy)).toEqual({
      graph: plain,
      note: 'This network has no sums, so the remedy leaves it as it is.',
    })
  }
})

test('every remedy on every drawn block can be computed', () => {
  for (const graph of DRAWN) {
    for (const remedy of REMEDY_NAMES) {
      const block = { name: '', graph: apply(graph, remedy, 5).graph, place: placeOf(6) }
      const { parameters } = randomParameters(block, 1, 4)
      const x = normal([1, 4, 6], 9)
      const shapes = shapesOf(block.graph, block.place)
      const { output } = forwardBlock(float64, block.graph, parameters, x, undefined, shapes)
      expect(output.shape).toEqual([1, 4, 6])
      expect(output.values.every(Number.isFinite)).toBe(true)
    }
  }
})
