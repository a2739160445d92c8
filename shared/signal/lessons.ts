import { counted, formatNumber, joinWords } from '../base/format'
import type { BlockGraph } from '../graph/block-graph'
import { streamRelus, sumsOf } from '../block/branches'
import { remedyTitle, shortTitle } from '../network/series-names'
import type { Experiment, SettingKey } from '../settings/experiment'
import { withoutSwept } from '../settings/sweep'
import type { Quantity } from '../theory/series'
import { growthLawOf } from './growth-law'

/**
 * What course notes say loosely, put right by the numbers of a measurement: a sentence for each, and the experiment
 * that shows it best.
 */
export interface Lesson {
  id: LessonName
  text: string
}

export type LessonName = 'variance' | 'batch-norm' | 'relu-on-stream'

/** What a lesson reads of a series that is measured to both ends: means over the networks, k = 0..L. */
export interface LessonSeries extends Record<Quantity, ArrayLike<number>> {
  blockTitle: string
  block: string
  remedy: string
  /** Why the remedy left the block as it was. */
  note: string | null
  /** The block with the remedy. */
  graph: BlockGraph
  /** v in theory; null: there is none. */
  theoryOfV: readonly number[] | null
}

/** The lessons that these series teach, in a fixed order; none where their numbers say nothing of the kind. */
export function lessonsOf(series: readonly LessonSeries[]): Lesson[] {
  const residual = series.filter(({ graph }) => sumsOf(graph).length > 0)
  return LESSONS.flatMap(({ id, sentence }) => {
    const text = sentence(residual)
    return text === null ? [] : [{ id, text }]
  })
}

/** What shows a lesson best. */
export const lessonExperiment = (id: LessonName): LessonExperiment =>
  LESSONS.find((lesson) => lesson.id === id)!.experiment

export interface LessonExperiment {
  /** On the button. */
  label: string
  /** What the forward chart then draws. */
  show: 'q' | 'v'
  /** The rest of the experiment stays. */
  changes: Partial<Experiment>
}

/** The experiment with a lesson's changes: one block, repeated, and none of what is changed swept. */
export function withLesson(experiment: Experiment, id: LessonName): Experiment {
  const { changes } = lessonExperiment(id)
  const { network: _stages, ...rest } = experiment
  return { ...(Object.keys(changes) as SettingKey[]).reduce<Experiment>(withoutSwept, rest), ...changes }
}

/** Whether an experiment is a lesson's already. */
export const isLesson = (experiment: Experiment, id: LessonName): boolean =>
  experiment.network === undefined &&
  Object.entries(lessonExperiment(id).changes).every(
    ([key, value]) => JSON.stringify(experiment[key as keyof Experiment]) === JSON.stringify(value),
  )

/** One block, repeated 20 times on independent noise, where theory is known and networks scatter little. */
const SETTING = {
  ...{ blocks: 20, width: 100, replicas: 20, batch: 128, init: 'he', gain: 1 },
  ...{ input: 'normal', stem: 'none', skip: 'on', compare: [] },
} satisfies Partial<Experiment>

const LESSONS: readonly {
  id: LessonName
  sentence(series: readonly LessonSeries[]): string | null
  experiment: LessonExperiment
}[] = [
  {
    id: 'variance',
    sentence: varianceSentence,
    experiment: {
      label: 'Show v of types 2 and 1',
      show: 'v',
      changes: { ...SETTING, block: ['relu-linear', 'linear-relu'], remedies: ['none'] },
    },
  },
  {
    id: 'batch-norm',
    sentence: batchNormSentence,
    experiment: {
      label: 'Compare with other remedies',
      show: 'q',
      changes: {
        ...SETTING,
        block: ['relu-linear'],
        remedies: ['none', 'batch-norm', 'rsqrt2', 'layer-norm', 'skipinit'],
      },
    },
  },
  {
    id: 'relu-on-stream',
    sentence: streamReluSentence,
    experiment: {
      label: 'Compare ReLUs on stream and branch',
      show: 'q',
      changes: { ...SETTING, block: ['relu-after-addition', 'practical'], remedies: ['rsqrt2'] },
    },
  },
]

const titleOf = ({ blockTitle }: LessonSeries) => shortTitle(blockTitle)
const times = (ratio: number) => `×${formatNumber(ratio)}`
/** "20 blocks". */
const lengthOf = ({ q }: LessonSeries) => counted(q.length - 1, 'block')

// ---- “The variance doubles” ---------------------------------------------------------------------------------

/** A mean square within this share of twice what it was counts as doubled. */
const NEARLY = 0.04
/** So much less than q must v grow at the first block to be worth the word. */
const LESS = 0.95

/**
 * It is the mean square that doubles. The batch variance leaves out each unit's squared mean over the batch: for type 2
 * behind independent He weights v_k = 2^k (1 - c_k), c the correlation of two samples, which grows from 0 by
 * c' = (c + κ1(c))/2; the first ratio is 2 - 1/π = 1.6817 (docs/formulas.md).
 */
function varianceSentence(series: readonly LessonSeries[]): string | null {
  const grown = series.flatMap((one) => {
    const { q, v } = one
    const growth = growthLawOf(q)
    if (one.remedy !== 'none' || growth.kind !== 'geometric' || growth.ratio < 2 * (1 - NEARLY)) return []
    const first = v[1] / v[0]
    if (!(first < (LESS * q[1]) / q[0])) return []
    const theory = one.theoryOfV ? one.theoryOfV[1] / one.theoryOfV[0] : NaN
    return [{ ...one, ratio: growth.ratio, first, theory }]
  })
  if (!grown.length) return null
  // One of either kind says it.
  const doubled = grown.filter(({ ratio }) => ratio <= 2 * (1 + NEARLY)).slice(0, 1)
  const more = grown.filter(({ ratio }) => ratio > 2 * (1 + NEARLY)).slice(0, 1)
  type Grown = (typeof grown)[number]
  const first = (one: Grown) => {
    const theory = Number.isFinite(one.theory) ? ` (theory ${times(one.theory)})` : ''
    return `grows ${times(one.first)} at the first block${theory}`
  }
  const named = (one: Grown) => `${titleOf(one)} (${times(one.ratio)} a block)`
  const what = 'the batch variance v, which leaves out what all samples share,'
  const clauses = [
    ...doubled.map((one) => `the mean square q does in ${named(one)}; ${what} ${first(one)}`),
    ...more.map(
      (one) => `q more than doubles in ${named(one)}; ${doubled.length ? 'v' : what} ${first(one)}`,
    ),
  ]
  return `“The variance doubles”: ${clauses.join('. ')}.`
}

// ---- Batch norm is one remedy -------------------------------------------------------------------------------

const normalises = ({ graph }: LessonSeries) => graph.nodes.some(({ op }) => op === 'batch-norm')
/** Whether it normalises by the remedy: one that finds a norm leaves the block as it is, and says so. */
const isAdded = (one: LessonSeries) => one.remedy === 'batch-norm' && one.note === null

/** Networks named in one sentence. */
const MOST_NAMED = 5

/** The same block with batch norm and without, in numbers; of a block that has it built in, what it is there for. */
function batchNormSentence(series: readonly LessonSeries[]): string | null {
  const claim = 'Batch norm is one remedy, not part of what a residual block is'
  const bareOf = ({ block }: LessonSeries) =>
    series.find((one) => one.block === block && one.remedy === 'none' && !normalises(one))
  const by = series.find((one) => isAdded(one) && bareOf(one))
  if (by) {
    const bare = bareOf(by)!
    const others = series.filter((one) => one.block === by.block && one !== bare && one !== by)
    const remedied = [by, ...others.slice(0, MOST_NAMED - 2)]
    return (
      `${claim}: over ${lengthOf(bare)} of ${titleOf(bare)} q and, on its way back, p change by ${endsOf(bare)} ` +
      `without a remedy, ${joinWords(remedied.map((one) => `${endsOf(one)} with ${remedyTitle(one.remedy)}`))}.`
    )
  }
  const has = series.find(normalises)
  if (!has) return null
  const other = has.remedy === 'none' || has.remedy === 'batch-norm' ? '' : ` with ${remedyTitle(has.remedy)}`
  return (
    `${claim}: ${titleOf(has)} has it ${isAdded(has) ? 'as its remedy' : 'built in'}; over ${lengthOf(has)}` +
    `${other} q and, on its way back, p change by ${endsOf(has)}.`
  )
}

/** What q and p have changed by on their way through all blocks; numbers may have ended before. */
function endsOf({ q, p }: LessonSeries): string {
  const none = 'no finite factor'
  const ratios = [q[q.length - 1] / q[0], p[0] / p[p.length - 1]]
  if (!ratios.some(Number.isFinite)) return none
  return ratios.map((ratio) => (Number.isFinite(ratio) ? times(ratio) : none)).join(' and ')
}

// ---- Nonlinearities belong on the branch --------------------------------------------------------------------

/** From this mean on, as a share of the root mean square, it is worth the word. */
const PUSHED = 0.25

/**
 * A ReLU on the stream takes what is negative off it, at every block: the stream's mean grows to a share of its root
 * mean square, and with it the part of q that all samples share. In numbers, beside a block whose ReLUs stand on the
 * branch alone, with the same remedy.
 */
function streamReluSentence(series: readonly LessonSeries[]): string | null {
  const depth = (one: LessonSeries) => one.q.length - 1
  const mean = (one: LessonSeries) => one.m[depth(one)] / Math.sqrt(one.q[depth(one)])
  const shared = (one: LessonSeries) => 1 - one.v[depth(one)] / one.q[depth(one)]
  const pushed = series.find((one) => streamRelus(one.graph).length > 0 && mean(one) > PUSHED)
  if (!pushed) return null
  const other = series.find(
    (one) =>
      one.remedy === pushed.remedy &&
      !streamRelus(one.graph).length &&
      one.graph.nodes.some(({ op }) => op === 'relu') &&
      Math.abs(mean(one)) < mean(pushed) &&
      shared(one) < shared(pushed),
  )
  const percent = (share: number) => `${formatNumber(100 * share, 2)} %`
  const own =
    `after ${lengthOf(pushed)} the mean of a unit is ${formatNumber(mean(pushed), 2)} of the root mean square, ` +
    `and ${percent(shared(pushed))} of q is what all samples share`
  const beside = other
    ? `; in ${titleOf(other)}, whose ReLUs are on the branch, ${formatNumber(mean(other), 2)} and ` +
      percent(shared(other))
    : ''
  return (
    `Nonlinearities belong on the branch: the ReLU on the stream of ${titleOf(pushed)} lets nothing negative ` +
    `through, so ${own}${beside}.`
  )
}
