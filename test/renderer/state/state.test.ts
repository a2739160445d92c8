import { describe, expect, it } from 'vitest'
import { defaultExperiment } from '../../../shared/settings/table'
import { trainingExperiment } from '../../../shared/experiment/experiment'
import { presetNamed } from '../../../shared/block/presets'
import { readOpened } from '../../../renderer/base/opened'
import { numberFromText } from '../../../renderer/base/number-text'
import { edit } from '../../../renderer/state/edit'
import { FrameStore, frameLimit } from '../../../renderer/state/frame-store'
import { History } from '../../../renderer/state/history'
import { STALE_TEXT, networksText } from '../../../renderer/state/shown'
import { MeasureTrigger, isStale } from '../../../renderer/state/measure-trigger'
import { questionKey } from '../../../renderer/state/question'
import type { Experiment } from '../../../shared/settings/experiment'

describe('History', () => {
  it('goes a thousand steps back and forth', () => {
    const history = new History(0)
    for (let i = 1; i <= 1500; i++) history.push(i)
    for (let i = 0; i < 1500; i++) history.undo()
    expect(history.present).toBe(0)
    expect(history.canUndo).toBe(false)
    for (let i = 0; i < 1500; i++) history.redo()
    expect(history.present).toBe(1500)
    expect(history.canRedo).toBe(false)
  })

  it('forgets the future at a new change', () => {
    const history = new History('a')
    history.push('b')
    history.undo()
    history.push('c')
    expect(history.canRedo).toBe(false)
    history.undo()
    expect(history.present).toBe('a')
  })

  it('joins quick changes of one subject', () => {
    let time = 0
    const history = new History(0, 100, () => time)
    history.push(1, 'width')
    time = 300
    history.push(12, 'width')
    time = 400
    history.push(3, 'seed')
    time = 3000
    history.push(4, 'seed')
    history.undo()
    expect(history.present).toBe(3)
    history.undo()
    expect(history.present).toBe(12)
    history.undo()
    expect(history.present).toBe(0)
  })
})

describe('FrameStore', () => {
  const fill = (limit: number, steps: number) => {
    const store = new FrameStore<{ step: number }>(limit)
    for (let step = 0; step <= steps; step++) store.push({ step })
    return store
  }

  it('keeps all frames while there is room', () => {
    expect(fill(600, 300).frames.map(({ step }) => step)).toEqual(Array.from({ length: 301 }, (_, i) => i))
  })

  it('thins out evenly and keeps the first and the newest', () => {
    const store = fill(600, 5003)
    const steps = store.frames.map(({ step }) => step)
    expect(store.length).toBeLessThanOrEqual(600)
    expect(store.length).toBeGreaterThan(290)
    expect(steps[0]).toBe(0)
    expect(steps[steps.length - 1]).toBe(5003)
    const gaps = new Set(steps.slice(1, -1).map((step, i) => step - steps[i]))
    expect([...gaps]).toEqual([16])
  })

  it('always shows the newest, even between two that stay', () => {
    const store = fill(4, 100)
    store.push({ step: 101 })
    expect(store.latest).toEqual({ step: 101 })
    expect(store.frames[store.indexNear(0)].step).toBe(0)
  })

  it('keeps fewer frames of big networks', () => {
    expect(frameLimit(2000)).toBe(600)
    expect(frameLimit(6 * 20 * 1001)).toBeLessThan(250)
    expect(frameLimit(1e12)).toBe(3)
  })
})

describe('edit', () => {
  const document = defaultExperiment()

  it('takes valid values', () => {
    expect(edit(document, {}, 'width', 64)).toEqual({
      document: { ...document, width: 64 },
      draft: {},
      errors: {},
    })
  })

  it('keeps the last valid value and says what is wrong', () => {
    const edited = edit(document, {}, 'width', 'abc')
    expect(edited.document.width).toBe(100)
    expect(edited.draft).toEqual({ width: 'abc' })
    expect(edited.errors.width).toBe('"abc" is not a whole number. Give a whole number from 1 to 16384.')
  })

  it('accepts settings that need each other in either order', () => {
    const first = edit(document, {}, 'input', 'mnist1d')
    expect(first.document.input).toBe('normal')
    expect(first.errors.stem).toBe(
      'MNIST-1D has 40 values a sample and the network is 100 wide. Use stem "linear", or width 40.',
    )
    const second = edit(first.document, first.draft, 'stem', 'linear')
    expect(second.document).toMatchObject({ input: 'mnist1d', stem: 'linear' })
    expect(second.errors).toEqual({})
  })

  it('takes later settings while two do not fit together, and each that waits says so', () => {
    const first = edit(document, {}, 'input', 'mnist1d')
    expect(first.errors.input).toBe('Waits for Stem.')
    const depth = edit(first.document, first.draft, 'blocks', 7)
    expect(depth.document).toMatchObject({ blocks: 7, input: 'normal' })
    expect(depth.draft).toEqual({ input: 'mnist1d' })
    expect(Object.keys(depth.errors).sort()).toEqual(['input', 'stem'])
    const batch = edit(depth.document, depth.draft, 'batch', 60_000)
    expect(batch.document.batch).toBe(60_000)
    const stem = edit(batch.document, batch.draft, 'stem', 'linear')
    expect(stem.document).toMatchObject({ input: 'normal', stem: 'linear' })
    expect(stem.errors).toMatchObject({ input: 'Waits for Batch B.' })
    expect(stem.errors.batch).toContain('Give at most 4000.')
    const mended = edit(stem.document, stem.draft, 'batch', 128)
    expect(mended.document).toMatchObject({ input: 'mnist1d', stem: 'linear', batch: 128, blocks: 7 })
    expect(mended).toMatchObject({ draft: {}, errors: {} })
  })

  it('holds only what does not fit', () => {
    const digits = { ...document, input: 'mnist1d' as const, stem: 'linear' as const }
    const batch = edit(digits, {}, 'batch', 60_000)
    expect(batch.errors).toEqual({
      batch: 'MNIST-1D has 4000 training samples, not 60000. Give at most 4000.',
    })
    const depth = edit(batch.document, batch.draft, 'blocks', 7)
    expect(depth.document).toMatchObject({ blocks: 7, batch: 128 })
    expect(depth.draft).toEqual({ batch: 60_000 })
  })

  it('lets other settings change while one is invalid', () => {
    const broken = edit(document, {}, 'width', -1)
    const edited = edit(broken.document, broken.draft, 'seed', 9)
    expect(edited.document).toMatchObject({ seed: 9, width: 100 })
    expect(edited.errors.width).toBe('-1 is out of range. Give a whole number from 1 to 16384.')
  })

  it('refuses an empty choice of remedies', () => {
    const edited = edit(document, {}, 'remedies', [])
    expect(edited.document.remedies).toEqual(['none'])
    expect(edited.errors.remedies).toContain('No remedy is chosen')
  })

  it('reads numbers as people type them', () => {
    expect(['1e3', ' 20 ', '0.05', '', '2x', 'Infinity'].map(numberFromText)).toEqual([
      1000,
      20,
      0.05,
      '',
      '2x',
      Infinity,
    ])
  })
})

describe('MeasureTrigger', () => {
  const document = defaultExperiment()
  const narrow = { ...document, width: 50 }
  const started = () => {
    const trigger = new MeasureTrigger()
    trigger.changed(document, true)
    trigger.requested(document)
    return trigger
  }

  it('measures a changed setting, and not what was taken back before', () => {
    const trigger = started()
    expect(trigger.changed(narrow, true)).toBe('plan')
    expect(trigger.changed(document, true)).toBe('cancel')
  })

  it('does nothing where only training is set, and leaves a planned measurement alone', () => {
    const trigger = started()
    expect(
      trigger.changed({ ...document, steps: 7, learningRate: 1, momentum: 0, trainReplicas: 2 }, true),
    ).toBe('none')
    expect(trigger.changed(narrow, true)).toBe('plan')
    expect(trigger.changed({ ...narrow, steps: 8 }, true)).toBe('none')
  })

  it('keeps a trained run when training settings follow a change made while it ran', () => {
    const trigger = started()
    trigger.changed(narrow, false)
    expect(trigger.changed({ ...narrow, steps: 8 }, true)).toBe('none')
  })

  it('waits for the first run', () => {
    expect(new MeasureTrigger().changed(document, true)).toBe('cancel')
  })

  it('knows whether what runs was asked for with other settings', () => {
    const trigger = started()
    expect(trigger.asksElse(document)).toBe(false)
    expect(trigger.asksElse({ ...document, momentum: 0 })).toBe(false)
    expect(trigger.asksElse(narrow)).toBe(true)
  })

  it('knows what training depends on', () => {
    const shown = trainingExperiment(document)
    const isOther = (changes: Partial<Experiment>) => {
      const questionOf = (experiment: Experiment) => questionKey({ experiment, dependsOn: 'training' })
      return questionOf(shown) !== questionOf({ ...document, ...changes })
    }
    expect(isOther({})).toBe(false)
    expect(isOther({ replicas: 3, stem: 'linear' })).toBe(false)
    expect(isOther({ trainReplicas: 3 })).toBe(true)
    expect(isOther({ momentum: 0 })).toBe(true)
    expect(isStale(document, { ...document, momentum: 0 })).toBe(false)
    expect(isStale(document, narrow)).toBe(true)
  })
})

describe('what is shown', () => {
  it('is said with its seed and networks', () => {
    expect(networksText(defaultExperiment())).toBe('Seed 1, 20 networks a curve')
    expect(networksText({ ...defaultExperiment(), replicas: 1 })).toBe('Seed 1, 1 network a curve')
    expect(STALE_TEXT).toMatch(/^Settings have changed: press Play/)
  })
})

describe('readOpened', () => {
  it('tells blocks from experiments, and says what a file is that is neither', () => {
    expect(readOpened('{"width": 7}', 'a.json')).toMatchObject({ experiment: { width: 7, version: 1 } })
    const block = presetNamed('practical')
    expect(readOpened(JSON.stringify(block), 'b.json')).toEqual({ block })
    expect(readOpened(JSON.stringify({ block: [{ ...block, name: 'mine' }] }), 'c.json')).toMatchObject({
      experiment: { block: [{ name: 'mine' }] },
    })
    expect(() => readOpened('{', 'a.json')).toThrow('a.json: this is not JSON')
    expect(() => readOpened('{"nodes": [], "output": "sum"}', 'a.json')).toThrow(/^a\.json\.name: /)
    expect(() => readOpened('{"widht": 7}', 'a.json')).toThrow('Did you mean "width"?')
  })
})
