import { presetNamed } from '../../../shared/block/presets'
import type { RunDocument } from '../../../shared/runs/run'
import { defaultExperiment } from '../../../shared/settings/table'
import { entry } from '../runs/entries'

const DEPTH = 20

/** Statistics of a value that is multiplied by `growth` from block to block, with a band of a factor of two. */
function summary(growth: number, from = 1) {
  const mean = Array.from({ length: DEPTH + 1 }, (_, k) => from * growth ** k)
  return { mean, median: mean, low: mean.map((y) => y / 2), high: mean.map((y) => 2 * y) }
}

/** A measurement of three networks: one doubles, one stays, one is beyond float32 from block 15 on. */
export function measuredRun(): RunDocument {
  const series = [
    ['relu-linear', 'none', 2],
    ['relu-linear', 'rsqrt2', 1],
    ['practical', 'none', 2 ** 9],
  ] as const
  const graph = presetNamed('relu-linear')
  return {
    entry: entry({ name: 'for <the> paper' }),
    experiment: {
      ...defaultExperiment(),
      ...{ block: ['relu-linear'], compare: ['practical'], remedies: ['none', 'rsqrt2'], blocks: DEPTH },
    },
    environment: null,
    started: null,
    result: {
      finished: true,
      series: series.map(([block, remedy, growth]) => {
        const q = summary(growth)
        const beyond = q.mean.map((y) => (y > 2 ** 128 ? Infinity : y))
        return {
          ...{ block, blockTitle: presetNamed(block).title, remedy, note: null, graph },
          ...{ q: { ...q, mean: beyond }, v: q, m: summary(1, 0), p: summary(1 / growth, growth ** DEPTH) },
          theory: { q: q.mean, v: null, m: null, p: null, note: {}, remark: null },
        }
      }),
    },
  }
}
