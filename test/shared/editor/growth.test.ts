import { describe, expect, it } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import { remedyNamed } from '../../../shared/block/remedies'
import { estimatedGrowth } from '../../../shared/editor/growth'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import { drawNetwork, forwardNetwork } from '../../../shared/network/float64-network'
import { planNetwork } from '../../../shared/network/plan'
import type { Array3 } from '../../../shared/numerics/float64'
import { shapesOf } from '../../../shared/operations'
import { placeOf, type BlockPlace } from '../../../shared/numerics/shape'
import { defaultExperiment } from '../../../shared/settings/table'
import { streamInput } from '../../../shared/theory/input'
import { theoryOf } from '../../../shared/theory/theory'

const growth = (graph: BlockGraph, depth: number, init: 'he' | 'glorot' | 'pytorch', place: BlockPlace) =>
  estimatedGrowth(graph.nodes, graph.output, depth, { init, gain: 1 }, shapesOf(graph, place))

const squareOf = ({ values }: Array3) => values.reduce((sum, x) => sum + x * x, 0) / values.length

describe('estimatedGrowth', () => {
  const blocks = 3
  for (const block of ['linear-relu', 'relu-linear', 'practical', 'bottleneck'])
    for (const remedy of ['none', 'rsqrt2', 'fixup', 'nf', 'layer-norm'])
      for (const init of ['he', 'glorot', 'pytorch'] as const)
        it(`is theory's mean square: ${block}, ${remedy}, ${init}`, () => {
          const { graph } = remedyNamed(remedy).apply(presetNamed(block), { depth: blocks })
          const experiment = { ...defaultExperiment(), blocks, width: 64, init, gain: 1 }
          const plan = planNetwork({ graph, remedy: 'none' }, experiment)
          const { q } = theoryOf(plan, experiment, streamInput(experiment, null))
          expect(growth(graph, blocks, init, placeOf(64)).last / (q![blocks] / q![0])).toBeCloseTo(1, 3)
        })

  it('counts what a convolution sees at the border', () => {
    const fields = { kernel: 3, stride: 1, padding: 1, units: 1 }
    const graph: BlockGraph = {
      name: 'convolution',
      title: '',
      description: '',
      nodes: [{ id: 'c', op: 'conv-2d', inputs: ['input'], ...fields }],
      output: 'c',
    }
    const place = { input: { units: 8, rows: 4, columns: 4 }, width: 8 }
    expect(growth(graph, 1, 'he', place).last).toBeCloseTo(2 * (10 / 12) ** 2, 12)
  })

  it('is near what float64 networks have where an activation sits on the stream', () => {
    const graph = presetNamed('original')
    const experiment = { ...defaultExperiment(), blocks, width: 64, batch: 64, init: 'he' as const, gain: 1 }
    const network = drawNetwork(graph, experiment, 0)
    const outputs = forwardNetwork(network).map(({ output }) => output)
    const measured = squareOf(outputs[blocks - 1]) / squareOf(network.input)
    const { last } = growth(graph, blocks, 'he', placeOf(64))
    expect(Math.abs(Math.log(last / measured))).toBeLessThan(0.3)
  })

  it('passes through what does not fit', () => {
    const graph = presetNamed('relu-linear')
    const last = estimatedGrowth(graph.nodes, graph.output, 1, { init: 'he', gain: 1 }, new Map()).last
    expect(last).toBe(2)
  })
})
