import { beforeAll, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { measureSignal } from '../../main/trainer/engine/signal'
import { PRESETS } from '../../shared/block/presets'
import { Random } from '../../shared/numerics/random'
import type { Experiment } from '../../shared/settings/experiment'
import { defaultExperiment } from '../../shared/settings/table'
import type { SeriesResult } from '../../shared/signal/results'
import { testBackend } from './backend'
import { randomBlock } from './random-blocks'

/**
 * Networks of random blocks, depths, widths and batches; RESIDUAL_LAB_REMARKS=400 for a night,
 * RESIDUAL_LAB_RANDOM_SEED for others.
 */
const COUNT = Number(process.env.RESIDUAL_LAB_REMARKS ?? 40)
const SEED = Number(process.env.RESIDUAL_LAB_RANDOM_SEED ?? 0)
const NETWORKS = 24

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

const REMEDIES = ['none', 'rsqrt2', 'batch-norm', 'layer-norm', 'rsqrt-depth']

function drawn(i: number): Experiment {
  const random = new Random(SEED, 7, i)
  const one = <T>(of: readonly T[]) => of[Math.floor(random.uniform() * of.length)]
  return {
    ...defaultExperiment(),
    block: [i % 2 ? one(PRESETS) : randomBlock(SEED + 1000 + i)],
    compare: [],
    remedies: [one(REMEDIES)],
    blocks: one([1, 2, 4, 8, 16, 32]),
    width: one([16, 32, 64, 128]),
    batch: one([4, 8, 16, 32, 64, 128, 512]),
    replicas: NETWORKS,
    seed: SEED + i,
  }
}

/** Measured means of q and p that leave theory by more than 10 % and four standard errors, in words. */
function deviations({ theory, ...measured }: SeriesResult): string[] {
  return (['q', 'p'] as const).flatMap((quantity) =>
    (theory[quantity] ?? []).flatMap((expected, k) => {
      const { mean, high, low } = measured[quantity]
      // From 5th to 95th percentile of 24 normal values: 2.93 standard deviations.
      const error = (high[k] - low[k]) / 2.93 / Math.sqrt(NETWORKS)
      const apart = Math.abs(mean[k] - expected)
      return apart > 0.1 * expected && apart > 4 * error
        ? [`${quantity}_${k}: ${mean[k]} ± ${error}, theory ${expected}`]
        : []
    }),
  )
}

/** Medians that leave those of single networks by more than 4.5 standard errors and a fiftieth, in words. */
function medianDeviations({ theory, ...measured }: SeriesResult): string[] {
  return (['q', 'p'] as const).flatMap((quantity) => {
    if (!theory.finiteWidth) return []
    const { median, logVariance, medianError } = theory.finiteWidth[quantity]
    const k = quantity === 'q' ? median.length - 1 : 0
    const apart = Math.log(measured[quantity].median[k]! / median[k]!)
    // The median of 24 normal values scatters by √(π/2)/√24 deviations.
    const error = Math.sqrt((logVariance[k]! * Math.PI) / 2 / NETWORKS + medianError[k]! ** 2)
    return Math.abs(apart) > 4.5 * error + 0.02 ? [`${quantity}_${k}: ${apart}, error ${error}`] : []
  })
}

test('where theory is off it says so, and single networks are where it says', async () => {
  const [silent, wrong]: [string[], string[]] = [[], []]
  let [off, known] = [0, 0]
  for (let i = 0; i < COUNT; i++) {
    const experiment = drawn(i)
    const { blocks, width, batch } = experiment
    const [series] = (await measureSignal(backend, experiment, createControl(), () => {})).series
    const found = deviations(series!)
    const about = `${i} ${series!.block} ${series!.remedy} L ${blocks} N ${width} B ${batch}`
    if (found.length) off++
    if (found.length && !series!.theory.remark) silent.push(`${about}: ${found[0]}, ${found.at(-1)}`)
    if (series!.theory.finiteWidth) known++
    const ofMedians = medianDeviations(series!)
    if (ofMedians.length) wrong.push(`${about}: ${ofMedians.join()}`)
  }
  expect(silent).toEqual([])
  expect(wrong).toEqual([])
  // The cases that these are about do come.
  expect(off).toBeGreaterThan(COUNT / 10)
  expect(known).toBeGreaterThan(COUNT / 4)
}, 600_000)
