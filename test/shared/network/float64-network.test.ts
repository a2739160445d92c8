import { describe, expect, test } from 'vitest'
import { forwardBlock } from '../../../shared/block/interpreter'
import { presetNamed } from '../../../shared/block/presets'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import { drawNetwork, drawPlan, forwardNetwork, forwardPlan } from '../../../shared/network/float64-network'
import { blockParameters, drawNoise, drawParameter } from '../../../shared/network/parameters'
import { planNetwork, stemOf } from '../../../shared/network/plan'
import { array3, float64 } from '../../../shared/numerics/float64'
import { Random } from '../../../shared/numerics/random'
import { STREAM } from '../../../shared/numerics/random-streams'
import { defaultExperiment } from '../../../shared/settings/table'

const experiment = { ...defaultExperiment(), blocks: 3, width: 6, batch: 4, seed: 9 }
const TYPE_2 = presetNamed('relu-linear')

function normals(size: number, ...key: number[]) {
  const values = new Float64Array(size)
  new Random(...key).fillNormal(values, 1)
  return values
}

describe('a network at initialisation', () => {
  test('its input is the replica’s noise, its weights are drawn block by block', () => {
    const { graph, blocks, input } = drawNetwork(TYPE_2, experiment, 2)
    expect(graph).toBe(TYPE_2)
    expect(input).toEqual({ shape: [1, 4, 6], values: normals(24, 9, STREAM.input, 2) })
    expect(blocks).toHaveLength(3)
    blocks.forEach((own, k) => {
      const [weight] = own.get('linear-1')!
      const [place] = blockParameters(TYPE_2, 6, { block: k + 1, depth: 3 })
      const values = drawParameter(new Float64Array(36), place!, k + 1, experiment, 1, undefined, 2)
      expect(weight).toEqual({ shape: [1, 6, 6], values })
      expect(own.get('linear-1')).toHaveLength(2)
    })
  })

  test('what hangs on the block’s number does: a constant of its own', () => {
    const graph = {
      ...TYPE_2,
      nodes: [{ id: 'a', op: 'block-scale', inputs: ['input'], factors: [3, 4, 5], text: '' }],
      output: 'a',
    } as BlockGraph
    const { blocks } = drawNetwork(graph, experiment, 0)
    expect(blocks.map((own) => own.get('a')![0]!.values[0])).toEqual([3, 4, 5])
  })

  test('noise is the measurement’s, of the replica and the block', () => {
    const graph = {
      ...TYPE_2,
      nodes: [{ id: 'a', op: 'dropout', inputs: ['input'], rate: 0.5 }],
      output: 'a',
    } as BlockGraph
    const { blocks } = drawNetwork(graph, experiment, 2)
    blocks.forEach((own, k) => {
      const [place] = blockParameters(graph, 6, { block: k + 1, depth: 3 })
      const index = { seed: 9, block: k + 1, pass: 0, samples: 4 }
      const values = drawNoise(new Float64Array(24), place!, index, 1, 2)
      expect(own.get('a')).toEqual([{ shape: [1, 4, 6], values }])
    })
  })

  test('behind a stem h_0 is what the stem makes of it, He’s whatever the blocks’ initialisation', () => {
    const stemmed = { ...experiment, stem: 'linear', init: 'pytorch', gain: 3 } as const
    const { input } = drawNetwork(TYPE_2, stemmed, 1)
    const { graph, place, shapes } = stemOf(stemmed)!
    const weight = blockParameters(graph, place)[0]!
    const values = drawParameter(
      new Float64Array(36),
      weight,
      0,
      { init: 'he', gain: 1, seed: 9 },
      1,
      STREAM.stem,
      1,
    )
    const parameters = new Map([['stem', [array3([1, 6, 6], values), array3([1, 1, 6])]]])
    const x = array3([1, 4, 6], normals(24, 9, STREAM.input, 1))
    expect(input).toEqual(forwardBlock(float64, graph, parameters, x, undefined, shapes).output)
  })

  test('MNIST-1D is given as samples, or there is no network', () => {
    const data = { ...experiment, input: 'mnist1d', width: 40 } as const
    const x = normals(160, 1)
    expect(drawNetwork(TYPE_2, data, 0, x).input).toEqual({ shape: [1, 4, 40], values: x })
    expect(() => drawNetwork(TYPE_2, data, 0)).toThrow('A data set is the input, but no samples were given')
  })

  test('only one block of one width without positions can be looked at so', () => {
    const refused =
      'network: only networks that repeat one block of one width, without positions, can be looked at so: each ' +
      'block’s derivative is a whole matrix, which with positions has the square of positions × channels entries. ' +
      'Take stages and convolutions out (images then go in as vectors), or use a preset such as "mlp-lab".'
    const stages = (...list: object[]) =>
      ({ ...experiment, network: { stages: list, shortcut: 'A' } }) as unknown as typeof experiment
    const wide = stages({ blocks: 1, width: 6, stride: 1 }, { blocks: 1, width: 12, stride: 1 })
    const own = stages({ blocks: 1, width: 6, stride: 1, block: 'relu-linear' })
    const half = stages(
      { blocks: 1, width: 6, stride: 1 },
      { blocks: 1, width: 6, stride: 1, block: 'relu-linear' },
    )
    for (const other of [wide, own, half, { ...experiment, input: 'sequence', stem: 'linear' } as const])
      expect(() => drawNetwork(TYPE_2, other, 0)).toThrow(refused)
    expect(drawNetwork(TYPE_2, stages({ blocks: 2, width: 6, stride: 1 }), 0).blocks).toHaveLength(2)
  })
})

describe('the batch through all blocks', () => {
  test('each begins with what the one before it gave', () => {
    const network = drawNetwork(TYPE_2, experiment, 0)
    const traces = forwardNetwork(network)
    let h = network.input
    network.blocks.forEach((own, k) => {
      const { output } = forwardBlock(float64, TYPE_2, own, h)
      expect(traces[k]!.output).toEqual(output)
      h = output
    })
    expect(traces).toHaveLength(3)
    const planned = drawPlan(planNetwork({ graph: TYPE_2, remedy: 'none' }, experiment), experiment, 0)
    expect(forwardPlan(planned).map(({ output }) => output)).toEqual(traces.map(({ output }) => output))
  })

  test('of any network, with the shapes of its plan', () => {
    const nodes = [{ id: 'a', op: 'conv-1d', inputs: ['input'], units: 1, kernel: 3, stride: 1, padding: 1 }]
    const graph = { ...TYPE_2, nodes, output: 'a' } as BlockGraph
    const sequence = { ...experiment, input: 'sequence', stem: 'linear' } as const
    const network = drawPlan(planNetwork({ graph, remedy: 'none' }, sequence), sequence, 0, normals(160, 1))
    expect(network.input.shape).toEqual([1, 160, 6])
    const shapes = forwardPlan(network).map(({ output }) => output.shape)
    expect(shapes).toEqual(new Array(3).fill([1, 160, 6]))
  })
})
