import { expect, test } from 'vitest'
import { phasesOf } from '../../bench/phases.mjs'

const started = (time: number, blocks: number) => ({
  time,
  event: { type: 'started', experiment: { blocks } },
})
const passed = (time: number, type: 'forward' | 'backward', series: number, block: number) => ({
  time,
  event: { type, series, block },
})

/** Times of three blocks of two series that go through each depth together. */
const together = [
  started(5, 3),
  ...[10, 30, 40, 47].flatMap((time, block) => [0, 1].map((s) => passed(time + s, 'forward', s, block))),
  { time: 50, event: { type: 'theory', series: 0 } },
  ...[
    [3, 60],
    [2, 70],
    [1, 76],
    [0, 77],
  ].flatMap(([block, time]) => [0, 1].map((s) => passed(time + s / 2, 'backward', s, block))),
]

test('time goes to what it led to, where series are measured together', () => {
  const phases = phasesOf({ events: together, whole: 100 })
  expect(phases).toEqual({ plan: 5, record: 58.5, forward: 7, backward: 7, theory: 22.5 })
  expect(Object.values(phases!).reduce((a, b) => a + b)).toBe(100)
})

test('and where they are measured one after the other', () => {
  const one = (series: number, from: number) => [
    ...[1, 3, 4, 5].map((time, block) => passed(from + time, 'forward', series, block)),
    ...[8, 9, 10, 10].map((time, i) => passed(from + time, 'backward', series, 3 - i)),
  ]
  const phases = phasesOf({ events: [started(5, 3), ...one(0, 5), ...one(1, 15)], whole: 26 })
  expect(phases).toEqual({ plan: 5, record: 16, forward: 2, backward: 2, theory: 1 })
})

test('events that tell no beginning tell no phases', () => {
  expect(phasesOf({ events: [{ time: 1, event: { type: 'progress' } }], whole: 3 })).toBeNull()
})
