import { expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import { curvesOf } from '../../../shared/runs/curves'
import { runCommand } from '../../../shared/runs/command'
import { summaryOf } from '../../../shared/runs/summary'
import { openingShatter } from '../../../shared/settings/shatter'
import { defaultExperiment } from '../../../shared/settings/table'
import {
  REGION_NETWORKS,
  checkFloat64Size,
  checkOnePair,
  countRegions,
  lineOfResult,
  regionsExperiment,
  regionsNetworks,
  regionsResult,
} from '../../../shared/shatter/regions'
import { refusal } from '../refusal'

const settings = { ...openingShatter(), points: 32 }
const drawn = { ...presetNamed('practical'), name: 'mine' }
const given = {
  ...{ ...defaultExperiment(), blocks: 3, width: 8, compare: [drawn], remedies: ['none', 'rsqrt2'] },
  skip: 'off' as const,
}
const experiment = regionsExperiment(given, { block: 'relu-linear', remedy: 'rsqrt2' }, settings)
const networks = regionsNetworks(experiment, settings)
const pairs = countRegions(experiment, settings)
const result = regionsResult(networks, pairs, true)

test('one block and one remedy are counted, without the skip connection and with it', () => {
  expect(experiment).toMatchObject({ block: ['relu-linear'], compare: [], remedies: ['rsqrt2'] })
  expect(regionsExperiment(given, { block: 'mine', remedy: 'none' }, settings).block).toEqual([drawn])
  expect(networks.plain.graph.nodes.some(({ op }) => op === 'sum')).toBe(false)
  expect(networks.residual.graph.nodes.some(({ op }) => op === 'sum')).toBe(true)
  expect(pairs).toHaveLength(REGION_NETWORKS)
  expect(new Set(pairs.map(({ plain }) => plain.counts.join())).size).toBeGreaterThan(1)
})

test('what is kept is what is drawn again, but for the places in further networks', () => {
  const line = lineOfResult(JSON.parse(JSON.stringify(result)))!
  for (const side of ['plain', 'residual'] as const) {
    expect(line[side][0]).toEqual(pairs[0][side])
    expect(line[side].slice(1)).toEqual(pairs.slice(1).map((pair) => ({ ...pair[side], breaks: [] })))
  }
  for (const none of [null, {}, { series: [] }, { series: [result.series[0]] }])
    expect(lineOfResult(none)).toBeNull()
})

test('a run’s curves are counts by depth, each network’s own', () => {
  const curves = curvesOf('regions', result, 1)
  expect(curves.map(({ name }) => name)).toEqual(['1/√2, plain', '1/√2, residual'])
  const counts = pairs.map(({ plain }) => plain.counts)
  expect(curves[0]).toMatchObject({ quantity: 'regions', axis: 'block', x: [0, 1, 2, 3], n: REGION_NETWORKS })
  expect(curves[0].networks).toEqual([0, 1, 2, 3].map((k) => counts.map((own) => own[k])))
  expect(curves[0].mean[3]).toBeCloseTo((counts[0][3] + counts[1][3] + counts[2][3]) / 3, 10)

  // As far as all networks were counted.
  const [plain] = result.series
  const cut = { ...plain, networks: [plain.networks[0], { ...plain.networks[1], counts: [1, 4] }] }
  expect(curvesOf('regions', { series: [cut] }, 1)[0]).toMatchObject({ x: [0, 1], n: 2 })

  const summary = summaryOf({ kind: 'regions', experiment, result })
  expect(summary).toMatchObject({ title: 'Type 2, L = 3, width 8', varied: 'skip connection: on, off' })
  expect(summary.figures[0]).toMatchObject({ label: '1/√2, plain: regions at block 3', n: REGION_NETWORKS })
  expect(summary.thumbnail).toMatchObject({ x: [0, 1, 2, 3], curves: [{}, {}] })
})

test('the command line counts the same, a drawn block out of its file', () => {
  expect(runCommand('regions', experiment, {})).toBe(
    'npx residual-lab shatter --block relu-linear --remedies rsqrt2 --blocks 3 --width 8 --points 32 ' +
      '--center on --regions',
  )
  const own = regionsExperiment(given, { block: 'mine', remedy: 'none' }, settings)
  expect(runCommand('regions', own, {})).toMatch(
    /^npx residual-lab shatter --experiment experiment\.json .*--center on .*--remedies none --regions$/,
  )
})

test('several blocks or remedies, and networks that fill the memory, are refused', () => {
  const check = (over: object) => refusal(() => checkOnePair({ ...given, ...over }, (key) => `--${key}`))
  expect(check({})).toBe(
    '--remedies: linear regions are counted of one block with one remedy, and here are 2. Give one remedy.',
  )
  expect(check({ block: ['original', 'practical'] })).toMatch(/^--block: .*here are 2\. Give one block\.$/)
  expect(() => checkOnePair(experiment, (key) => key)).not.toThrow()
  const large = () => checkFloat64Size(networks.plain.graph, { blocks: 100, width: 2000 }, 'one thread')
  expect(refusal(large)).toContain('GiB in float64, too much for one thread.')
})
