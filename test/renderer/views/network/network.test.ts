import { describe, expect, test } from 'vitest'
import { NETWORKS, networkNamed, parameterCounts } from '../../../../shared/experiment/preset-networks'
import { defaultExperiment } from '../../../../shared/settings/table'
import { parseExperiment } from '../../../../shared/experiment/experiment'
import type { Experiment } from '../../../../shared/settings/experiment'
import { seriesGraphs } from '../../../../shared/network/series'
import { mendsOf, problemOf, type Attempt } from '../../../../renderer/state/mends'
import { layersText, outlineOf, stageMarks, workOf } from '../../../../renderer/state/network-outline'
import { drawNetwork } from '../../../../renderer/views/network/picture'

const withNetwork = (name: string): Experiment =>
  parseExperiment({ ...defaultExperiment(), ...networkNamed(name).changes })
const outlines = (experiment: Experiment) =>
  seriesGraphs(experiment).map((series) => outlineOf(experiment, series))
import { theoryRemarks } from '../../../../renderer/views/order/words'

describe('a network part by part', () => {
  test.each([
    [20, 269_722],
    [56, 853_018],
    [110, 1_727_962],
    [1202, 19_421_274],
  ])('ResNet-%i of He et al. 2015 has %i parameters', (layers, parameters) => {
    const [outline] = outlines(withNetwork(`resnet${layers}-cifar`))
    expect(outline.parameters).toBe(parameters)
    expect(layersText(outline)).toBe(`${layers} layers = 6 × ${(layers - 2) / 6} + 2`)
  })

  test('the parts add up to the count of the whole, in every preset network, with every shortcut', () => {
    for (const { name } of NETWORKS) {
      const experiment = withNetwork(name)
      for (const shortcut of ['A', 'B'] as const) {
        const changed = experiment.network
          ? { ...experiment, network: { ...experiment.network, shortcut } }
          : experiment
        expect(outlines(changed).map(({ parameters }) => parameters)).toEqual(parameterCounts(changed))
      }
    }
  })

  test('ResNet-20: shapes, projections and multiplications', () => {
    const experiment = withNetwork('resnet20-cifar')
    const [{ input, parts, multiplications }] = outlines(experiment)
    expect(input).toEqual({ units: 3, rows: 32, columns: 32 })
    expect(parts.map(({ kind, to, projection }) => [kind, to.units, to.rows, projection])).toEqual([
      ['stem', 16, 32, null],
      ['stage', 16, 32, null],
      ['stage', 32, 16, 'A'],
      ['stage', 64, 8, 'A'],
      ['head', 10, 1, null],
    ])
    // 3×3 kernels × channels in × channels out × positions, layer by layer.
    const stage1 = 6 * 9 * 16 * 16 * 1024
    const stage2 = (9 * 16 * 32 + 5 * 9 * 32 * 32) * 256
    const stage3 = (9 * 32 * 64 + 5 * 9 * 64 * 64) * 64
    expect(multiplications).toBe(9 * 3 * 16 * 1024 + stage1 + stage2 + stage3 + 640)
    expect(workOf(experiment)).toBe((stage1 + stage2 + stage3) * experiment.batch * experiment.replicas)
  })

  test('charts are told where stages begin', () => {
    expect(stageMarks(withNetwork('resnet20-cifar'))).toEqual([
      { block: 0, text: 'width 16' },
      { block: 3, text: 'width 32' },
      { block: 6, text: 'width 64' },
    ])
    expect(stageMarks(withNetwork('mlp-lab'))).toEqual([])
  })

  test('one block repeated is one stage', () => {
    const [outline] = outlines(parseExperiment({ blocks: 7, width: 30 }))
    expect(outline.parts.map(({ kind, blocks, parameters }) => [kind, blocks, parameters])).toEqual([
      ['stage', 7, 7 * 30 * 31],
      ['head', 1, 310],
    ])
    expect(layersText(outline)).toBe('8 layers')
  })

  test('its picture has room for every part, and never more than six plates', () => {
    for (const { name } of NETWORKS) {
      const [outline] = outlines(withNetwork(name))
      for (const room of [320, 948, 1600]) {
        const { width, parts, edges } = drawNetwork(outline, room)
        expect(width).toBeGreaterThanOrEqual(room)
        expect(parts).toHaveLength(outline.parts.length + 1)
        expect(edges.every(({ x1, x2 }) => x2 - x1 >= 50)).toBe(true)
        expect(parts.every(({ plates }) => plates.length <= 6)).toBe(true)
        expect(parts[0].x).toBeGreaterThanOrEqual(0)
        const last = parts[parts.length - 1]
        expect(last.x + last.width).toBeLessThanOrEqual(width)
      }
    }
  })
})

describe('what to do about a network that is none', () => {
  const stages = (...widths: number[]) => ({
    stages: widths.map((width, i) => ({ blocks: 2, width, stride: i ? (2 as const) : (1 as const) })),
    shortcut: 'A' as const,
  })
  const image = withNetwork('resnet20-cifar')
  const cases: [string, Attempt, string, string][] = [
    ['narrower with option A', { ...image, network: stages(32, 16) }, 'Stage 2: ', 'Use shortcut B'],
    [
      'a width of nothing',
      { ...image, network: { ...stages(16), stages: [{ blocks: 2, width: 0, stride: 1 }] } },
      'Stage 1: ',
      'Use the nearest numbers that fit',
    ],
    ['images without a stem', { ...image, stem: 'none' }, '', 'Use a linear stem'],
    [
      'linear layers that should halve a grid',
      { ...image, block: ['original'], network: stages(16, 32) },
      'Stage 2: ',
      'Make its layers convolutions',
    ],
    ['convolutions on vectors', { ...image, input: 'normal', network: stages(16) }, '', 'Measure on images'],
  ]

  test.each(cases)('%s: says where, and a change at one press makes it valid', (_, attempt, where, label) => {
    expect(problemOf(attempt)!.startsWith(where)).toBe(true)
    expect(problemOf(attempt)).not.toContain('\n')
    const mends = mendsOf(attempt)
    expect(mends.map((mend) => mend.label)).toContain(label)
    expect(mends.length).toBeLessThanOrEqual(3)
    for (const mend of mends) expect(problemOf(mend.attempt)).toBeNull()
  })

  test('a valid one needs none', () => {
    expect(problemOf(image)).toBeNull()
    expect(mendsOf(image)).toEqual([])
  })
})

test('why measurement leaves the dashed lines is said once, with the orderings that it is about', () => {
  const none = { q: null, v: null, m: null, p: null, note: {} }
  const header = (blockTitle: string, remark: string | null) => ({ blockTitle, theory: { ...none, remark } })
  const remarks = theoryRemarks([
    header('Type 1: linear, then ReLU', 'Outlier.'),
    header('Type 1: linear, then ReLU', 'Outlier.'),
    header('Type 2: ReLU, then linear', null),
    header('Original (He et al. 2015)', 'Outlier.'),
    header('BN after addition', 'Batch.'),
  ])
  expect(remarks).toEqual(['Type 1, Original: Outlier.', 'BN after addition: Batch.'])
})
