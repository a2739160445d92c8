import { describe, expect, test } from 'vitest'
import { parseTrainingState } from '../../../main/trainer/engine/checkpoint/training-state'

const outcomes = { loss: [[2.3, NaN]], error: [[0.9, 1]] }
const curve = { mean: [1, Infinity] }
const failure = (quantity: string) => ({
  ...{ series: 0, quantity, block: 2, operation: 'linear', before: 1e30, replicas: 1, step: 0 },
})
const state = {
  step: 7,
  seconds: 1.5,
  frames: {
    frames: [{ type: 'frame', step: 0, learningRate: 0.1, series: [{ q: curve, loss: { mean: NaN } }] }],
    seen: 1,
    lastIsBetween: false,
  },
  failures: { found: [failure('activation') as object | null], lastLoss: [NaN] },
  evaluations: [{ step: [0], learningRate: [0.1], train: outcomes, test: outcomes }],
  xla: { used: true, times: { compiled: 4.1, plain: 6.3 }, why: null },
  series: [{ milliseconds: 12.5, lost: null as number[] | null }],
}

/** The state with something else at a place. */
function changed(place: string, value: unknown): unknown {
  const copy = structuredClone(state) as Record<string, unknown>
  const keys = place.split('.')
  const last = keys.pop()!
  const inner = keys.reduce((at, key) => at[key] as Record<string, unknown>, copy)
  if (value === undefined) delete inner[last]
  else inner[last] = value
  return copy
}

describe('the state of a training', () => {
  test('comes back as it was, with numbers that are not finite', () => {
    expect(parseTrainingState(structuredClone(state), 1)).toEqual(state)
    const given = changed('series.0.lost', [NaN, 1])
    expect(parseTrainingState(given, 1)).toEqual(given)
  })

  test.each(['activation', 'mean square', 'gradient', 'parameter'])('may tell of a lost %s', (quantity) => {
    expect(parseTrainingState(changed('failures.found.0', failure(quantity)), 1)).toMatchObject({
      failures: { found: [{ quantity }] },
    })
  })

  test('of an earlier version has taken no seconds that are known', () => {
    expect(parseTrainingState(changed('seconds', undefined), 1)).toEqual({ ...state, seconds: 0 })
  })

  test('of an earlier version has tried no XLA; one of this version says what became of it', () => {
    const none = { ...state, xla: null }
    expect(parseTrainingState(changed('xla', undefined), 1)).toEqual(none)
    expect(parseTrainingState(none, 1)).toEqual(none)
    const refused = { used: false, times: null, why: 'it does not compile these steps (no)' }
    expect(parseTrainingState({ ...state, xla: refused }, 1).xla).toEqual(refused)
  })

  test.each<[string, unknown]>([
    ['step', -1],
    ['step', 0.5],
    ['step', 'seven'],
    ['step', undefined],
    ['seconds', '1'],
    ['frames', {}],
    ['frames.seen', -1],
    ['frames.lastIsBetween', 1],
    ['frames.frames.0.type', 'picture'],
    ['frames.frames.0.step', null],
    ['frames.frames.0.series.0.q', { mean: ['1'] }],
    ['failures', {}],
    ['failures.found.0', {}],
    ['failures.found.0.quantity', 'weight'],
    ['failures.lastLoss', [null]],
    ['evaluations.0', {}],
    ['evaluations.0.train', {}],
    ['evaluations.0.test.error', [['1']]],
    ['xla', true],
    ['xla.used', 'yes'],
    ['xla.times', { compiled: 1 }],
    ['xla.why', 1],
    ['series.0', {}],
    ['series.0.lost', ['1']],
  ])('with another %s is none (%j)', (place, value) => {
    expect(() => parseTrainingState(changed(place, value), 1)).toThrow('its state is none of a training')
  })

  test('is of as many curves as are trained, in every part', () => {
    expect(parseTrainingState(changed('step', 0), 1).step).toBe(0)
    for (const place of ['failures.found', 'failures.lastLoss', 'evaluations', 'series'])
      expect(() => parseTrainingState(changed(place, []), 1), place).toThrow(
        'it has another number of curves',
      )
  })
})
