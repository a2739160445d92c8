import { describe, expect, test } from 'vitest'
import {
  EVERY_RUN,
  figuresOf,
  findRuns,
  isFiltered,
  parseTerms,
  settingsThatDiffer,
  tagsOf,
  type RunQuery,
} from '../../../shared/runs/query'
import type { RunEntry } from '../../../shared/runs/run'
import { entry, manyEntries } from './entries'
import { judgesMutants } from '../../mutation/judge'

const ids = (runs: readonly RunEntry[], query: Partial<RunQuery>) =>
  findRuns(runs, { ...EVERY_RUN, ...query }).map(({ id }) => id)

const RUNS = [
  entry({ id: 'a', name: 'Depth study 2', note: 'café', created: '2026-01-01T00:00:00Z', tags: ['paper'] }),
  entry({
    ...{ id: 'b', name: 'Depth study 10', kind: 'train', created: '2026-01-02T00:00:00Z', state: 'stopped' },
    settings: { block: 'relu-linear, practical', blocks: 40, width: 64, learningRate: 0.1 },
    figures: [{ label: 'test error', value: 0.3, low: null, high: null, n: 5 }],
  }),
  entry({
    ...{ id: 'c', name: 'oak', kind: 'train', created: '2026-01-03T00:00:00Z', title: 'Type 2 + batch norm' },
    figures: [
      { label: 'train error', value: 0.05, low: null, high: null, n: 5 },
      { label: 'test error', value: 0.2, low: null, high: null, n: 5 },
    ],
    tags: ['paper', 'talk'],
  }),
]

describe('what is typed', () => {
  test('words, phrases, what is excluded and settings', () => {
    expect(parseTerms('deep "Type 2" -failed width>=64 learning-rate:0.1 tag:"my talk"')).toEqual([
      { type: 'word', word: 'deep', isExcluded: false },
      { type: 'word', word: 'type 2', isExcluded: false },
      { type: 'word', word: 'failed', isExcluded: true },
      { type: 'setting', key: 'width', relation: '>=', value: '64' },
      { type: 'setting', key: 'learningrate', relation: '=', value: '0.1' },
      { type: 'setting', key: 'tag', relation: '=', value: 'my talk' },
    ])
    expect(parseTerms('  " -  ')).toEqual([{ type: 'word', word: '-', isExcluded: false }])
  })

  test('all words must be found, without case and accents', () => {
    expect(ids(RUNS, { text: 'study DEPTH' })).toEqual(['b', 'a'])
    expect(ids(RUNS, { text: 'cafe' })).toEqual(['a'])
    expect(ids(RUNS, { text: 'depth -café' })).toEqual(['b'])
    expect(ids(RUNS, { text: '"depth study 1"' })).toEqual(['b'])
    expect(ids(RUNS, { text: 'nowhere' })).toEqual([])
  })

  test('settings are compared as numbers, names in lists one by one', () => {
    expect(ids(RUNS, { text: 'width<100' })).toEqual(['b'])
    expect(ids(RUNS, { text: 'width>=64' })).toEqual(['c', 'b', 'a'])
    expect(ids(RUNS, { text: 'learning-rate=.05' })).toEqual(['c', 'a'])
    expect(ids(RUNS, { text: 'block=practical' })).toEqual(['b'])
    expect(ids(RUNS, { text: 'block!=practical' })).toEqual(['c', 'a'])
    expect(ids(RUNS, { text: 'tag:talk' })).toEqual(['c'])
    expect(ids(RUNS, { text: 'block>3' })).toEqual([])
    expect(ids(RUNS, { text: 'unheard=3' })).toEqual([])
  })
})

test('kinds, states, tags and pins each leave fewer', () => {
  expect(ids(RUNS, { kinds: ['train'] })).toEqual(['c', 'b'])
  expect(ids(RUNS, { kinds: ['train'], states: ['stopped', 'interrupted'] })).toEqual(['b'])
  expect(ids(RUNS, { tags: ['paper'] })).toEqual(['c', 'a'])
  expect(ids(RUNS, { tags: ['paper', 'talk'] })).toEqual(['c'])
  expect(ids([...RUNS, entry({ id: 'p', pinned: true })], { pinnedOnly: true })).toEqual(['p'])
  expect(
    [{}, { text: ' ' }, { text: 'a' }, { pinnedOnly: true }].map((own) =>
      isFiltered({ ...EVERY_RUN, ...own }),
    ),
  ).toEqual([false, false, true, true])
})

describe('order', () => {
  const by = (key: RunQuery['sort']['by'], descending = false) => ids(RUNS, { sort: { by: key, descending } })

  test('newest first, names with their numbers, settings, figures', () => {
    expect(by('created', true)).toEqual(['c', 'b', 'a'])
    expect(by('created')).toEqual(['a', 'b', 'c'])
    expect(by('name')).toEqual(['a', 'b', 'c'])
    expect(by('setting:width')).toEqual(['b', 'c', 'a'])
    expect(by('figure')).toEqual(['c', 'b', 'a'])
  })

  test('runs without what is ordered by come last, whichever the direction', () => {
    expect(by('figure:test error')).toEqual(['c', 'b', 'a'])
    expect(by('figure:test error', true)).toEqual(['b', 'c', 'a'])
    expect(by('setting:unheard')).toEqual(['c', 'b', 'a'])
  })

  test('pinned runs stand first', () => {
    expect(ids([...RUNS, entry({ id: 'p', pinned: true, created: '2020-01-01T00:00:00Z' })], {})[0]).toBe('p')
  })
})

test('what can be chosen from', () => {
  expect(tagsOf(RUNS)).toEqual([
    { tag: 'paper', n: 2 },
    { tag: 'talk', n: 1 },
  ])
  expect(figuresOf(RUNS)).toEqual(['test error', 'train error'])
  expect(settingsThatDiffer(RUNS)).toEqual(['block', 'remedies', 'blocks', 'width', 'learningRate'])
})

test.skipIf(judgesMutants)('5,000 runs are searched, filtered and sorted well within 100 ms', () => {
  const queries: Partial<RunQuery>[] = [
    { text: 'angstrom practical blocks>=20' },
    { kinds: ['train'], tags: ['paper'], sort: { by: 'name', descending: false } },
    { sort: { by: 'figure:test error', descending: true } },
    { sort: { by: 'name', descending: true } },
  ]
  // The best of several: other work on the machine is no time of ours. What is remembered of a run is made anew.
  const least = (query: Partial<RunQuery>) =>
    Math.min(
      ...Array.from({ length: 5 }, () => {
        const runs = manyEntries(5000)
        const begun = performance.now()
        expect(findRuns(runs, { ...EVERY_RUN, ...query }).length).toBeGreaterThan(100)
        return performance.now() - begun
      }),
    )
  for (const query of queries) expect(least(query)).toBeLessThan(100)
})
