import { describe, expect, test } from 'vitest'
import { ExperimentState } from '../../../renderer/state/experiment-state.svelte'
import { areRatios, experimentOf, keptSweep, missing, ownSweep } from '../../../shared/runs/shown-sweep'
import type { RunEntry } from '../../../shared/runs/run'
import { withSwept } from '../../../shared/settings/sweep'
import { defaultExperiment } from '../../../shared/settings/table'
import { screenSweep } from '../../../shared/sweep/screen-plan'

describe('a range in a number control', () => {
  test('makes the setting swept, one number takes it back, and both are undone', () => {
    const state = new ExperimentState()
    state.set('gain', '0.5..2:7')
    expect(state.errors).toEqual({})
    expect(state.shown('gain')).toBe('0.5..2:7')
    expect(state.document).toMatchObject({ gain: 1, sweep: { swept: { gain: '0.5..2:7' } } })
    state.undo()
    expect(state.document.sweep).toBeUndefined()
    state.redo()
    state.set('blocks', '1,2')
    state.set('gain', 3)
    expect(state.document).toMatchObject({ gain: 3, sweep: { swept: { blocks: '1,2' } } })
    expect(state.document.sweep!.swept.gain).toBeUndefined()
    state.undo()
    expect(state.document.sweep!.swept).toEqual({ gain: '0.5..2:7', blocks: '1,2' })
  })

  test('that is none, or a third one, stays in its control with the reason', () => {
    const state = new ExperimentState()
    state.set('gain', '2..1')
    expect(state.errors.gain).toContain('does not rise')
    expect(state.document.sweep).toBeUndefined()
    expect(state.shown('gain')).toBe('2..1')
    state.set('gain', '1,2')
    state.set('blocks', '1,2')
    state.set('width', '4,8')
    expect(state.errors.width).toContain('are swept already')
    expect(Object.keys(state.document.sweep!.swept)).toEqual(['blocks', 'gain'])
  })
})

describe('a sweep of the library', () => {
  const document = withSwept(withSwept(defaultExperiment(), 'gain', '0.5..1.5:3'), 'blocks', '1,2')
  const { id, points } = screenSweep(document)
  const runs = points.map(
    ({ index, key, settings }) =>
      ({
        ...{ id: `fern-${index}`, kind: 'signal', state: 'finished', removed: null },
        sweep: { id, name: null, index, points: points.length, key, settings },
      }) as unknown as RunEntry,
  )

  test('that is whole comes back as the experiment’s own', () => {
    const kept = keptSweep(runs, id)!
    expect(kept.points).toHaveLength(6)
    const back = experimentOf(kept, points[0].experiment)!
    expect(back.sweep).toEqual({ command: 'signal', swept: { blocks: '1,2', gain: '0.5,1,1.5' } })
    expect(screenSweep(back).id).toBe(id)
  })

  test('is told from runs of the same place that depend on something else, and from those in the trash', () => {
    const [first] = runs
    const other = { ...first, id: 'oak-0', sweep: { ...first.sweep!, key: '0123456789abcdef' } } as RunEntry
    const sweep = screenSweep(document)
    for (const all of [
      [...runs, other],
      [other, ...runs],
    ]) {
      expect(ownSweep(sweep, all).points.map(({ run }) => run?.id)).toEqual(runs.map((run) => run.id))
      expect(missing(sweep, all)).toEqual([])
    }
    const removed = { ...first, removed: '2026-11-28T00:00:00.000Z' } as RunEntry
    for (const gone of [removed, other]) {
      expect(missing(sweep, [gone, ...runs.slice(1)]).map(({ index }) => index)).toEqual([0])
      expect(ownSweep(sweep, [gone, ...runs.slice(1)]).points[0].run).toBeNull()
    }
    expect(keptSweep([removed], id)).toBeNull()
  })

  test('of which a part is there is shown as it is', () => {
    const kept = keptSweep(runs.slice(0, 2), id)!
    expect(kept.points.map(({ index }) => index)).toEqual([0, 1])
    expect(experimentOf(kept, points[0].experiment)).toBeNull()
    expect(keptSweep(runs, 'sweep-000000000000')).toBeNull()
  })
})

test('values at equal ratios have a logarithmic axis', () => {
  expect(areRatios([0.01, 0.1, 1])).toBe(true)
  expect(areRatios([1, 2, 3])).toBe(false)
  expect(areRatios([1, 50, 100])).toBe(false)
  expect(areRatios([-1, 0, 1])).toBe(false)
})
