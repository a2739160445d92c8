import { describe, expect, test } from 'vitest'
import { presetNamed, withoutSkip, centred } from '../../../../shared/block/presets'
import { openingExperiment } from '../../../../shared/experiment/experiment'
import type { ShatterSeries } from '../../../../shared/shatter/results'
import type { BlockRegions } from '../../../../shared/shatter/line-regions'
import { openingShatter } from '../../../../shared/settings/shatter'
import { shatterExperiment } from '../../../../shared/shatter/shatter'
import { badgeOf } from '../../../../renderer/views/shatter/badge'
import { placeOf } from '../../../../shared/charts/line-picture'
import { checkDerivative, drawSlice, findRegions } from '../../../../renderer/compute/shatter'

const settings = { ...openingShatter(), points: 64 }
const experiment = { ...shatterExperiment(openingExperiment()), width: 12, blocks: 4 }
const graph = centred(withoutSkip(presetNamed('relu-linear')))

describe('the badge', () => {
  const { check, slope } = checkDerivative({ graph, experiment, settings })
  const series = { curve: { y: [], slope: [...slope] } } as unknown as ShatterSeries

  test('says how well derivatives agree, how many points are out, and that the curve is this network’s', () => {
    const badge = badgeOf({ state: 'done', ...check, slope }, series, settings)
    expect(badge.text).toMatch(/^check [\d.]+e−\d+, \d of 64 out$/)
    expect(badge.isAlarm).toBe(false)
    expect(badge.definition).toContain('the step 1.0e−6 (3.2e−8 where an activation switches within that)')
    expect(badge.definition).toContain('within 0.1 % of that scale at 64 of 64 points')
  })

  test('warns of a derivative that is wrong, or not finite', () => {
    for (const largest of [0.01, NaN])
      expect(badgeOf({ state: 'done', ...check, largest, slope }, series, settings).isAlarm).toBe(true)
    const other = { curve: { y: [], slope: slope.map((x) => -x) } } as unknown as ShatterSeries
    expect(badgeOf({ state: 'done', ...check, slope }, other, settings).definition).toContain('at 0 of 64')
  })

  test('waits, computes, fails', () => {
    const texts = (['waiting', 'running'] as const).map((state) => badgeOf({ state }, series, settings).text)
    expect(texts).toEqual(['check: waits', 'check: computing…'])
    expect(badgeOf({ state: 'failed', message: 'No memory.' }, series, settings)).toEqual({
      text: 'check failed',
      definition: 'No memory. Press Measure to try again.',
      isAlarm: true,
    })
  })
})

test('of many points only some are checked, and the badge says so', () => {
  const many = { ...settings, points: 1000 }
  const { check, slope } = checkDerivative({ graph, experiment, settings: many })
  expect(check.points).toBe(500)
  const series = { curve: { y: [], slope: [...slope] } } as unknown as ShatterSeries
  const { text, definition } = badgeOf({ state: 'done', ...check, slope }, series, many)
  expect(text).toMatch(/of 500 out$/)
  expect(definition).toContain('500 of the 1000 points are checked.')
})

test('work reports on its way: blocks of the line, rows of the plane in order', () => {
  const found: BlockRegions[] = []
  const { counts, breaks } = findRegions({ graph, experiment, settings, replica: 0 }, (one) =>
    found.push(one),
  )
  expect(counts).toEqual([1, ...found.map(({ count }) => count)])
  expect(breaks).toEqual(found.map((one) => one.breaks))
  expect(counts).toHaveLength(5)
  const rows: [number, number][] = []
  drawSlice({ graph, experiment, square: { size: 20, reach: 2 } }, (part) => {
    rows.push([part.from, part.rows])
    expect(part.bits).toHaveLength(4 * part.rows * 20)
  })
  expect(rows).toEqual([
    [0, 8],
    [8, 8],
    [16, 4],
  ])
})

test('what would fill the page’s memory is refused', () => {
  const huge = { graph, experiment: { ...experiment, width: 2000, blocks: 100 }, settings }
  expect(() => checkDerivative(huge)).toThrow(
    'size: this network needs about 2.98 GiB in float64, too much for the page. Lower the depth or the width.',
  )
  const deep = { graph, experiment: { ...experiment, blocks: 2000 }, square: { size: 400, reach: 2 } }
  expect(() => drawSlice(deep)).toThrow(
    'points: 400 × 400 points are too many for 2000 blocks. Draw fewer points, or lower the depth.',
  )
})

test('all pictures have the same place for the same x', () => {
  const line = [-2, 0, 2]
  expect(line.map((x) => placeOf(x, line, { left: 10, width: 104 }))).toEqual([12, 62, 112])
})
