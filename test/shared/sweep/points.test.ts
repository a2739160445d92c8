import { expect, test } from 'vitest'
import { messageOf } from '../../../shared/base/errors'
import { parseShard, pointsOf, pointsOfShard, sweptSettings } from '../../../shared/sweep/points'

const swept = (texts: Record<string, string>) =>
  sweptSettings(
    ({ key }) => texts[key],
    ({ option }) => `--${option}`,
  )

const messageFrom = (work: () => unknown) => {
  try {
    work()
    return 'nothing was thrown'
  } catch (error) {
    return messageOf(error)
  }
}

test('what is swept stands in the order of the table, whatever the order of the options', () => {
  const expected = [
    { key: 'blocks', values: [2, 4] },
    { key: 'gain', values: [0.5, 1, 1.5] },
  ]
  expect(swept({ gain: '0.5..1.5:3', blocks: '2,4', width: '10' })).toEqual(expected)
  expect(pointsOf(swept({ blocks: '2,4', gain: '0.5..1.5:3' }))).toEqual([
    { index: 0, settings: { blocks: 2, gain: 0.5 } },
    { index: 1, settings: { blocks: 2, gain: 1 } },
    { index: 2, settings: { blocks: 2, gain: 1.5 } },
    { index: 3, settings: { blocks: 4, gain: 0.5 } },
    { index: 4, settings: { blocks: 4, gain: 1 } },
    { index: 5, settings: { blocks: 4, gain: 1.5 } },
  ])
})

test('any number of shards partitions the points', () => {
  const points = pointsOf(swept({ blocks: '2..30', gain: '1,2' }))
  for (const of of [1, 2, 3, 7, 16, 58, 100]) {
    const shards = Array.from({ length: of }, (_, i) => pointsOfShard(points, { number: i + 1, of }))
    const all = shards.flat().sort((a, b) => a.index - b.index)
    expect(all).toEqual(points)
    const sizes = shards.map((shard) => shard.length)
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
  }
})

test('nothing swept, a third setting, and too many combinations are one clear line', () => {
  expect(messageFrom(() => swept({ gain: '1' }))).toBe(
    'sweep: no setting is swept. Give one or two settings a list or a range, for example --gain 0.5..2:7.',
  )
  expect(messageFrom(() => swept({ gain: '1,2', blocks: '1,2', seed: '1..3' }))).toBe(
    '--seed: --blocks and --gain are swept already. Sweep at most two settings.',
  )
  expect(messageFrom(() => swept({ seed: '1..101', blocks: '1..100' }))).toBe(
    'sweep: these are 10,100 points, and a sweep has at most 10,000. Give fewer values: 2..1000:50 has fifty.',
  )
})

test('a shard is a number from 1 and how many there are', () => {
  expect(parseShard('3/16', '--shard')).toEqual({ number: 3, of: 16 })
  for (const text of ['0/16', '17/16', '3', '3/', '-1/4', 'a/b', '1/4/2', '1.5/4'])
    expect(messageFrom(() => parseShard(text, '--shard'))).toBe(
      `--shard: "${text}" is no shard. Give 1/16 to 16/16 for sixteen of them.`,
    )
})
