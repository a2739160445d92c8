import type { RunEntry } from '../../../shared/runs/run'

/** A run for tests; what is given stands in place of a plain measurement's. */
export const entry = (own: Partial<RunEntry> = {}): RunEntry => ({
  id: 'fern-12',
  name: 'fern-12',
  kind: 'signal',
  created: '2026-11-28T11:00:00.000Z',
  seconds: 0.4,
  state: 'finished',
  device: 'CPU, TensorFlow 2.21.0',
  version: '0.1.0',
  seed: 1,
  title: 'Type 2',
  varied: '',
  figures: [],
  thumbnail: null,
  settings: { block: 'relu-linear', remedies: 'none', blocks: 20, width: 100, learningRate: 0.05 },
  note: '',
  tags: [],
  pinned: false,
  bytes: 20_000,
  command: null,
  removed: null,
  steps: null,
  canResume: false,
  ...own,
})

const WORDS = ['fern', 'oak', 'moss', 'birch', 'Ångström', 'lichen']

/** Many different runs, newest last. */
export const manyEntries = (count: number): RunEntry[] =>
  Array.from({ length: count }, (_, i) =>
    entry({
      id: `${WORDS[i % WORDS.length].toLowerCase()}-${i}`,
      name: `${WORDS[i % WORDS.length]}-${i}`,
      kind: i % 3 ? 'signal' : 'train',
      created: new Date(Date.UTC(2026, 0, 1) + i * 60_000).toISOString(),
      settings: {
        block: i % 2 ? 'relu-linear' : 'practical',
        remedies: 'none, rsqrt2',
        blocks: 1 + (i % 50),
        width: 100,
      },
      figures: [{ label: 'test error', value: ((i * 7919) % 1000) / 1000, low: null, high: null, n: 5 }],
      tags: i % 10 ? [] : ['paper'],
      note: i % 100 ? '' : 'the one for the talk',
      pinned: i % 1000 === 0,
    }),
  )
