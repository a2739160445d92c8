import { presetNamed } from '../../shared/block/presets'
import { convolutional } from '../../shared/block/convolutional'
import { InputError } from '../../shared/base/errors'
import { isGridData } from '../../shared/data/batch'
import { inputShape } from '../../shared/network/plan'
import { parseExperiment } from '../../shared/experiment/experiment'
import type { Experiment } from '../../shared/settings/experiment'
import type { BlockGraph } from '../../shared/graph/block-graph'
import type { NetworkSettings, Stage } from '../../shared/settings/network'

/** An experiment as someone wants it, valid or not. */
export type Attempt = Omit<Experiment, 'network'> & { network?: NetworkSettings }

export interface Mend {
  label: string
  attempt: Attempt
}

/** Why an experiment is none, in one line; null: it is one. */
export function problemOf(attempt: Attempt): string | null {
  try {
    parseExperiment(attempt, '')
    return null
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const stage = /stages\[(\d+)\]/.exec(error.where)
    return stage ? `Stage ${Number(stage[1]) + 1}: ${error.advice}` : error.sentence
  }
}

const MOST_MENDS = 3

/**
 * What can be done at one press about an attempt that is not valid: small changes that make it so, the smallest first.
 */
export function mendsOf(attempt: Attempt): Mend[] {
  if (problemOf(attempt) === null) return []
  const single = changes.map(({ label, change }) => ({ label, attempt: change(attempt) }))
  const pairs = changes.flatMap((first) =>
    changes
      .filter((second) => second !== first)
      .map((second) => ({
        label: `${first.label}, ${second.label}`,
        attempt: second.change(first.change(attempt)),
      })),
  )
  const working = (mends: Mend[]) => mends.filter((mend) => problemOf(mend.attempt) === null)
  const found = working(single)
  return (found.length ? found : working(pairs)).slice(0, MOST_MENDS)
}

const withStages = (attempt: Attempt, change: (stage: Stage) => Stage): Attempt =>
  attempt.network
    ? { ...attempt, network: { ...attempt.network, stages: attempt.network.stages.map(change) } }
    : attempt

const numberNear = (value: unknown, most: number) => {
  const number = typeof value === 'number' && Number.isFinite(value) ? Math.round(value) : 1
  return Math.min(most, Math.max(1, number))
}

const withBlocks = (attempt: Attempt, change: (block: BlockGraph) => string | BlockGraph): Attempt => {
  const changed = (block: string | BlockGraph) =>
    change(typeof block === 'string' ? presetNamed(block) : block)
  const blocks = withStages(attempt, (stage) =>
    stage.block === undefined ? stage : { ...stage, block: changed(stage.block) },
  )
  return { ...blocks, block: attempt.block.map(changed), compare: attempt.compare.map(changed) }
}

const isConvolutional = ({ nodes }: BlockGraph) =>
  nodes.some(({ op }) => op === 'conv-1d' || op === 'conv-2d')

const changes: readonly { label: string; change(attempt: Attempt): Attempt }[] = [
  {
    label: 'Use the nearest numbers that fit',
    change: (attempt) =>
      withStages(attempt, (stage) => ({
        ...stage,
        blocks: numberNear(stage.blocks, 10_000),
        width: numberNear(stage.width, 16_384),
      })),
  },
  {
    label: 'Use shortcut B',
    change: (attempt) =>
      attempt.network ? { ...attempt, network: { ...attempt.network, shortcut: 'B' } } : attempt,
  },
  { label: 'Use a linear stem', change: (attempt) => ({ ...attempt, stem: 'linear' }) },
  {
    label: 'Use stride 1 everywhere',
    change: (attempt) => withStages(attempt, (stage) => ({ ...stage, stride: 1 })),
  },
  {
    label: 'Make its layers convolutions',
    change: (attempt) =>
      attempt.input === 'images' || isGridData(attempt)
        ? withBlocks(attempt, (block) =>
            isConvolutional(block) ? block : convolutional(block, inputShape(attempt).rows > 1 ? 2 : 1),
          )
        : attempt,
  },
  { label: 'Measure on images', change: (attempt) => ({ ...attempt, input: 'images' }) },
  { label: 'Measure on sequences', change: (attempt) => ({ ...attempt, input: 'sequence' }) },
  { label: 'Compare with nothing', change: (attempt) => ({ ...attempt, compare: [] }) },
]
