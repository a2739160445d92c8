import { describe, expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import { seriesGraphs, seriesOf } from '../../../shared/network/series'
import { remedyTitle, seriesLabel, shortTitle } from '../../../shared/network/series-names'
import { networkOf, type TrainedBlock } from '../../../shared/network/trained-weights'
import { defaultExperiment } from '../../../shared/settings/table'

const own = { ...presetNamed('practical'), name: 'own' }
const experiment = {
  ...defaultExperiment(),
  block: ['relu-linear', own],
  remedies: ['none', 'rsqrt2'],
  compare: ['relu-linear', 'practical', own],
}

describe('the curves of an experiment', () => {
  test('blocks × remedies, then what they are compared with, unless it stands there already', () => {
    expect(seriesOf(experiment).map(({ block, remedy }) => `${block.name}/${remedy}`)).toEqual([
      'relu-linear/none',
      'relu-linear/rsqrt2',
      'own/none',
      'own/rsqrt2',
      'practical/none',
    ])
    const remedied = { ...experiment, block: ['relu-linear'], remedies: ['rsqrt2'], compare: ['relu-linear'] }
    expect(seriesOf(remedied).map(({ block, remedy }) => `${block.name}/${remedy}`)).toEqual([
      'relu-linear/rsqrt2',
      'relu-linear/none',
    ])
  })

  test('each with its final graph, and why the remedy left it as it was', () => {
    const [first, second] = seriesGraphs({ ...experiment, skip: 'off' })
    expect(first).toEqual({
      block: 'relu-linear',
      blockTitle: presetNamed('relu-linear').title,
      remedy: 'none',
      note: null,
      graph: expect.objectContaining({ output: 'linear-1' }) as object,
    })
    expect(second!.note).toBe('This network has no sums, so the remedy leaves it as it is.')
  })
})

describe('the name of a curve', () => {
  test('a title without what explains it', () => {
    expect(shortTitle('Type 2: ReLU, then linear')).toBe('Type 2')
    expect(shortTitle('Original (He et al. 2015)')).toBe('Original')
    expect(shortTitle(' own ')).toBe('own')
  })

  test('a remedy by its title, one that nobody knows by its name', () => {
    expect([remedyTitle('rsqrt2'), remedyTitle('x')]).toEqual(['1/√2', 'x'])
  })

  test('the remedy for the first block; for others the block, and its remedy if it has one', () => {
    const named = (block: string, remedy: string) => ({ block, blockTitle: `${block}: more`, remedy })
    const all = [named('a', 'none'), named('a', 'rsqrt2'), named('b', 'none'), named('b', 'fixup')]
    expect(all.map((one) => seriesLabel(one, all))).toEqual(['none', '1/√2', 'b', 'b, Fixup'])
    expect(seriesLabel(all[1]!, [])).toBe('a, 1/√2')
  })
})

test('a trained network’s arrays in float64: one replica, by node', () => {
  const block: TrainedBlock = [{ node: 'a', parameters: [{ shape: [1, 2], values: [3, 4] }] }]
  const array = { shape: [1, 1] as [number, number], values: [5] }
  const { stem, blocks, head, output } = networkOf({
    stem: block,
    blocks: [block, []],
    head: [],
    output: { weight: array, bias: { ...array, values: [6] } },
  })
  for (const one of [stem, blocks[0]!]) {
    expect([...one.keys()]).toEqual(['a'])
    expect(one.get('a')).toEqual([{ shape: [1, 1, 2], values: Float64Array.of(3, 4) }])
  }
  expect([blocks.length, blocks[1]!.size, head.size]).toEqual([2, 0, 0])
  expect([output.weight, output.bias]).toEqual([
    { shape: [1, 1, 1], values: Float64Array.of(5) },
    { shape: [1, 1, 1], values: Float64Array.of(6) },
  ])
})
