import { describe, expect, test } from 'vitest'
import { forwardBlock } from '../../../shared/block/interpreter'
import { centred, presetNamed } from '../../../shared/block/presets'
import { drawNetwork } from '../../../shared/network/float64-network'
import {
  drawFrozen,
  enter,
  leave,
  lineInputs,
  passBlock,
  slopeOf,
  switching,
  type FrozenNetwork,
} from '../../../shared/network/frozen-network'
import { array3, float64, type Array3 } from '../../../shared/numerics/float64'
import { Random } from '../../../shared/numerics/random'
import { STREAM } from '../../../shared/numerics/random-streams'
import { defaultExperiment } from '../../../shared/settings/table'

const experiment = { ...defaultExperiment(), blocks: 3, width: 9, batch: 4, seed: 9 }
const points = Array.from({ length: 7 }, (_, i) => i / 3 - 1.1 + i * i * 0.05)

function outer(rows: number, columns: number, variance: number, stream: number, replica: number): Array3 {
  const one = array3([1, rows, columns])
  new Random(9, stream, replica, 0, 0).fillNormal(one.values, Math.sqrt(variance))
  return one
}

function through(network: FrozenNetwork, x: Array3) {
  const traces = []
  let h = enter(network, x)
  for (let k = 1; k <= network.blocks.length; k++) {
    const trace = passBlock(network, k, h)
    traces.push(trace)
    h = trace.output
  }
  return { traces, y: leave(network, h) }
}

describe.each(['practical', 'full-preactivation'])('a network of one input: %s', (name) => {
  const graph = name === 'practical' ? centred(presetNamed(name)) : presetNamed(name)
  const draw = () => drawFrozen(graph, experiment, lineInputs(points), 2)

  test('its stem and readout are He’s without bias, its blocks those of the trainer’s network', () => {
    const frozen = draw()
    expect(frozen.stem).toEqual(outer(1, 9, 2, STREAM.stem, 2))
    expect(frozen.head).toEqual(outer(9, 1, 2 / 9, STREAM.head, 2))
    const other = drawNetwork(graph, { ...experiment, batch: 1 }, 2).blocks
    expect(frozen.blocks).toEqual(other)
    const stemmed = { ...experiment, input: 'mnist1d', stem: 'linear' } as const
    expect(drawFrozen(graph, stemmed, lineInputs(points), 2).blocks).toEqual(other)
    expect(drawFrozen(graph, experiment, lineInputs(points)).stem).toEqual(outer(1, 9, 2, STREAM.stem, 0))
  })

  test('over the inputs that its statistics are of it is the network itself', () => {
    const frozen = draw()
    let h = float64.matMul(lineInputs(points), frozen.stem)
    for (const own of frozen.blocks) h = forwardBlock(float64, graph, own, h).output
    const expected = float64.matMul(h, frozen.head).values
    const { y } = through(frozen, lineInputs(points))
    expect([...y]).toEqual([...expected].map((value) => expect.closeTo(value, 12)))
  })

  test('elsewhere too each point goes its own way, with the statistics held', () => {
    const frozen = draw()
    const all = through(frozen, lineInputs(points)).y
    points.forEach((x, i) => expect(through(frozen, lineInputs([x])).y[0]).toBeCloseTo(all[i]!, 12))
  })

  test('dy/dx equals finite differences', () => {
    const frozen = draw()
    const slope = slopeOf(frozen, through(frozen, lineInputs(points)).traces)
    const step = 1e-6
    const [above, below] = [step, -step].map((d) => through(frozen, lineInputs(points.map((x) => x + d))).y)
    expect([...slope]).toEqual(
      [...slope].map((_, i) => expect.closeTo((above![i]! - below![i]!) / (2 * step), 5)),
    )
  })

  test('keeps nothing of the pass but what has one value for the whole batch', () => {
    const frozen = draw()
    for (const own of frozen.statistics) {
      const kept = [...own.values()].flat()
      expect(kept.length).toBeGreaterThan(0)
      for (const one of kept) expect(one.shape[1]).toBe(1)
    }
  })
})

test('several inputs, of which some are 0, give what plain arithmetic gives', () => {
  const over = array3([1, 3, 6], [1, 0, 2, 0, 0, 3, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6])
  const frozen = drawFrozen(presetNamed('relu-linear'), experiment, over)
  const expected = float64.matMul(over, frozen.stem)
  const entered = enter(frozen, over)
  expect(entered.shape).toEqual([1, 3, 9])
  expect([...entered.values]).toEqual([...expected.values].map((value) => expect.closeTo(value, 12)))
  expect(frozen.stem.shape).toEqual([1, 6, 9])
})

test('what switches: ReLUs, leaky ones too', () => {
  const nodes = ['relu', 'tanh', 'leaky-relu', 'linear'].map((op) => ({ id: op, op, inputs: ['input'] }))
  const graph = { ...presetNamed('relu-linear'), nodes } as unknown as Parameters<typeof switching>[0]
  expect(switching(graph).map(({ id }) => id)).toEqual(['relu', 'leaky-relu'])
})

test('points of a line as inputs', () => {
  expect(lineInputs([1, 2])).toEqual({ shape: [1, 2, 1], values: Float64Array.of(1, 2) })
})
