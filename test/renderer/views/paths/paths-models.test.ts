import { describe, expect, test } from 'vitest'
import { LengthsModel } from '../../../../renderer/views/paths/lengths-model.svelte'
import { Pointing } from '../../../../renderer/views/paths/pointing.svelte'
import { UnravelledModel } from '../../../../renderer/views/paths/unravelled-model.svelte'
import type { OverlaidCurve } from '../../../../renderer/state/overlays.svelte'
import type { PathsResult } from '../../../../renderer/state/paths-state.svelte'
import { summarisePaths } from '../../../../shared/paths/measure'
import {
  pathsOfReplica,
  seriesAlone,
  theoryOfSeries,
  type PathRequest,
} from '../../../../shared/paths/series-paths'
import { defaultPaths, type PathSettings } from '../../../../shared/settings/paths'
import { defaultExperiment } from '../../../../shared/settings/table'

/** What the page's worker would answer. */
function measured(
  blocks: number,
  listing: PathRequest['listing'] = 'all',
  block = 'relu-linear',
): PathsResult {
  const document = { ...defaultExperiment(), block: [block], remedies: ['none'], replicas: 3 }
  const request = { experiment: seriesAlone(document, 0, { blocks, width: 8 }), listing }
  const networks = [0, 1, 2].map((replica) => pathsOfReplica(request, replica))
  const theory = theoryOfSeries(request.experiment)
  const keeping = { run: null, problem: null }
  return { request, measured: summarisePaths(networks, blocks), ...theory, trained: null, keeping }
}

/** What a page reads of the view's model. */
function page(blocks: number, result: PathsResult | null, changes: Partial<PathSettings> = {}) {
  return {
    settings: { ...defaultPaths(), blocks, ...changes },
    blocks,
    result,
    pinned: [] as OverlaidCurve[],
    missing: { text: 'Expanding the paths…' },
    pointing: new Pointing(() => blocks),
    document: { ...defaultExperiment(), replicas: 3 },
  }
}

describe('paths by length', () => {
  test('counts of any depth: exact while they have few digits, a power of ten beyond', () => {
    const few = new LengthsModel(page(14, null))
    expect([few.length, few.row!.count, few.totalLatex]).toEqual([7, 3432n, '2^{14} = 16\\,384'])
    expect(few.rowLatex).toBe('\\binom{14}{7} = 3\\,432')
    expect(few.hasDigits).toBe(false)
    const many = new LengthsModel(page(100, null))
    expect(many.hasDigits).toBe(true)
    expect(many.totalLatex).toMatch(/^2\^\{100\} \\approx 1\.27\d* \\times 10\^\{30\}$/)
  })

  test('a length that is written is taken if there is one; what is under the pointer goes first', () => {
    const model = new LengthsModel(page(14, null))
    for (const text of ['15', '-1', '1.5', 'three']) model.pick(text)
    expect(model.length).toBe(7)
    model.pick('2')
    expect(model.length).toBe(2)
    expect(model.shares).toBe('0.555 % of the paths')
    model.hovered = 14
    expect(model.length).toBe(14)
  })

  test('all terms of many blocks cannot be listed', () => {
    expect(new LengthsModel(page(13, null, { terms: 'all' })).isTooMany).toBe(true)
    expect(new LengthsModel(page(12, null, { terms: 'all' })).isTooMany).toBe(false)
    expect(new LengthsModel(page(13, null, { terms: 'length' })).isTooMany).toBe(false)
  })

  test('energies are shares, and the words say how they were found', () => {
    const model = new LengthsModel(page(4, measured(4)))
    expect(model.totals.reduce((sum, { value }) => sum + value!, 0)).toBeCloseTo(1, 12)
    expect(model.counts.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(1, 12)
    expect(model.cloud).toHaveLength(16)
    expect(model.cloud.reduce((sum, { value }) => sum + value, 0) / 16).toBeCloseTo(1, 12)
    expect(model.method).toMatch(/^Every path counted exactly in 3 networks; lines: 5–95 % of networks\./)
    expect(model.finding).toMatch(/All terms add up to ∂y\/∂x: relative error [\d.]+e−1\d\./)
  })

  test('a pinned run is a line of shares, and of what one path has of the energy', () => {
    const values = {
      x: [0, 1, 2],
      mean: [0.25, 0.5, 0.25],
      median: null,
      low: null,
      high: null,
      networks: null,
      n: 1,
    }
    const series = { key: 'fern-1/a', settings: { remedy: 'none', skip: 'on' } }
    const pinned = [{ values, series, label: 'fern-1', run: {} }] as unknown as OverlaidCurve[]
    const { totals, singles } = new LengthsModel({ ...page(4, measured(4)), pinned }).others
    expect(totals[0].points).toEqual([
      { length: 0, value: 0.25 },
      { length: 1, value: 0.5 },
      { length: 2, value: 0.25 },
    ])
    // Shares as of a binomial of two blocks: every path has as much as any other.
    expect(singles[0].points.map(({ value }) => value)).toEqual([1, 1, 1])
  })

  test('theory of more blocks than the width bears is said to stray', () => {
    const model = new LengthsModel(page(6, measured(6, 'length')))
    expect(model.method).toContain('6 blocks of width 8 stray from it.')
    expect(model.cloud).toEqual([])
  })

  test('while nothing is measured the finding says what is waited for', () => {
    const model = new LengthsModel(page(4, null))
    expect([model.finding, model.method]).toEqual(['Expanding the paths…', ''])
    expect(model.singles.every(({ value }) => value === null)).toBe(true)
  })
})

describe('the unravelled network', () => {
  test('has a term for each path, or for each path through the first block', () => {
    const all = new UnravelledModel(page(3, measured(3), { formula: 'x' }))
    expect(all.terms.map(({ path }) => path).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(all.terms.find(({ path }) => path === 5)).toMatchObject({ text: '∂f1/∂x ∂f3/∂f1', length: 2 })
    const first = new UnravelledModel(page(3, measured(3), { formula: 'f1' }))
    expect(first.terms).toHaveLength(4)
    expect(first.terms.every(({ path }) => path % 2 === 1)).toBe(true)
    expect(first.finding).toMatch(/^The 4 terms add up to ∂y\/∂f1/)
  })

  test('lights the length of what is pointed at, and says what that is', () => {
    const shown = page(3, measured(3))
    const model = new UnravelledModel(shown)
    expect([model.litLength, model.detail]).toEqual([null, expect.stringMatching(/^Point at a path/)])
    shown.pointing.hover({ kind: 'path', path: 5 })
    expect(model.litLength).toBe(2)
    expect(model.detail).toContain('x → f1 → f3 → y')
    shown.pointing.hover({ kind: 'length', length: 3 })
    expect(model.litLength).toBe(3)
  })

  test('says of how many networks its norms are the mean', () => {
    expect(new UnravelledModel(page(3, null)).normNote).toBe('mean of n = 3, lines 5–95 %')
    expect(new UnravelledModel(page(3, null)).finding).toBe('Expanding the paths…')
  })
})
