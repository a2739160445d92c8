import { choice, wholeNumber } from '../../../../shared/base/check'
import { numberOrText } from '../../../../shared/base/decimal'
import { InputError } from '../../../../shared/base/errors'
import {
  COMMAND_LINE,
  checkLabels,
  checkTogether,
  checkTrainingBatch,
  trainingExperiment,
} from '../../../../shared/experiment/experiment'
import { growthText, orderFinding, percent } from '../../../../shared/order/findings'
import { ranks, sortedRows } from '../../../../shared/order/ranks'
import { keptSeries, orderedSeries, type OrderedSeries } from '../../../../shared/order/results'
import { failureText, type OrderRow } from '../../../../shared/order/rows'
import { orderExperiments, orderedBlocks, orderingName } from '../../../../shared/order/set'
import type { LabEvent, Replies } from '../../../../shared/protocol/protocol'
import type { Experiment } from '../../../../shared/settings/experiment'
import {
  MOST_SEEDS,
  defaultOrder,
  parseOrderSection,
  type OrderSettings,
} from '../../../../shared/settings/order'
import { orderReplies } from '../../../runs/order-jobs'
import { signalMemory } from '../../../trainer/engine/memory'
import { trainMemory } from '../../../trainer/engine/training-memory'
import { prepareSeries } from '../../../trainer/engine/prepared-series'
import type { OptionTexts } from '../command'
import { Stopped, asDocument, type RunJob } from '../job'
import { NO_KEEP_OPTIONS, keepMade, keptLines, type Keep } from '../keep'
import { experimentFromOptions, experimentOptions } from '../options'
import { sizeText, table } from '../output'
import { theoryFields } from '../signal-text'
import { runCommand } from '../run-command'
import { trainedFields } from './train'

const { blocks: BLOCKS, remedies: REMEDIES } = defaultOrder()

/** The set of orderings that the workbench's view of the same name compares. */
export const order = runCommand({
  name: 'order',
  description: 'Compare orderings of the operations in a block: measured, ranked, and trained if asked.',
  options: [
    ...experimentOptions({ block: BLOCKS, remedies: REMEDIES }, true).filter(
      ([flags]) => !flags.startsWith('--compare '),
    ),
    ['--train <on|off>', 'train the networks as well. Default: off.'],
    ['--order-seeds <S>', 'seeds from --seed on; each draws all networks anew. Default: 1.'],
    ...NO_KEEP_OPTIONS,
  ],
  ask(options) {
    const { experiment, set } = orderFromOptions(options)
    return { experiment, beside: {}, carryOut: (keep, job) => carryOut(experiment, set, keep, job) }
  },
})

async function carryOut(experiment: Experiment, set: OrderSettings, keep: Keep, job: RunJob) {
  const begun = performance.now()
  const { device, seeds, finished } = await repliesOf(experiment, set, job)
  const series = orderedSeries(seeds, experiment.replicas)
  const run = await keepMade(keep, {
    kind: 'order',
    experiment,
    started: {
      type: 'order-started',
      device,
      experiment: orderExperiments(experiment, set)[0],
      order: set,
    },
    result: { finished, series: series.map(keptSeries), replies: seeds },
    seconds: (performance.now() - begun) / 1000,
  })
  if (!finished) {
    if (run) process.stderr.write(`What was found is kept as ${run}.\n`)
    throw new Stopped()
  }
  const rows = series.map(({ row }) => row)
  const { blocks, skip, replicas } = experiment
  const plain = skip === 'off' ? '; without skip connections' : ''
  return {
    run,
    document() {
      const rank = ranks(rows)
      const documents = series.map((one, i) => seriesFields(one, rank[i], set.train))
      return { device, experiment, run, series: documents }
    },
    text: () =>
      [
        `${device.description}; ${sizeText(experiment)}, n = ${replicas * set.seeds}${plain}`,
        ...orderTable(rows, set.train),
        orderFinding(rows, blocks),
        ...keptLines(run),
      ].join('\n'),
  }
}

/** The file's set, or the view's default, with what the options say of it. @throws InputError */
function orderFromOptions(options: OptionTexts): { experiment: Experiment; set: OrderSettings } {
  const given = experimentFromOptions(options)
  const set = parseOrderSection(
    {
      ...(given.order ?? defaultOrder()),
      ...(options.block !== undefined && {
        blocks: given.block.map((block) => orderingName(block, given.input, given)),
      }),
      ...(options.remedies !== undefined && { remedies: given.remedies }),
      ...(typeof options.orderSeeds === 'string' && { seeds: seedsIn(options.orderSeeds) }),
      ...(options.train !== undefined && { train: choice(options.train, '--train', ['on', 'off']) === 'on' }),
    },
    'order',
  )
  const { missing } = orderedBlocks(set, given)
  if (missing.length) {
    const hint = 'Give names of presets, or of blocks that the experiment holds.'
    throw new InputError('order.blocks', `there is no block "${missing[0]}"`, hint)
  }
  const experiment = { ...given, order: set }
  const [first] = orderExperiments(experiment, set)
  checkTogether(first, COMMAND_LINE)
  if (set.train) {
    checkLabels(first, '--input')
    checkTrainingBatch(first, COMMAND_LINE)
  }
  return { experiment, set }
}

const seedsIn = (text: string): number =>
  wholeNumber(numberOrText(text), '--order-seeds', { minimum: 1, maximum: MOST_SEEDS })

/** The jobs of the set. @throws Stopped where nothing came of it */
async function repliesOf(experiment: Experiment, set: OrderSettings, job: RunJob) {
  const found = await orderReplies(experiment, set, {
    measure: (one, follow) => partOf(job, 'signal', one, () => signalMemory(one, prepareSeries(one)), follow),
    train(one) {
      const learning = trainingExperiment(one)
      return partOf(job, 'train', one, () => trainMemory(learning, prepareSeries(learning)))
    },
  })
  if (!found) throw new Stopped()
  return found
}

/** One job of the set, which Ctrl+C ends with what it has by then. */
async function partOf<T extends 'signal' | 'train'>(
  job: RunJob,
  type: T,
  one: Experiment,
  needed: () => number,
  follow: (event: LabEvent) => void = () => {},
) {
  const body = { experiment: asDocument(one) }
  const found = await job<'signal' | 'train'>(
    type,
    body,
    needed,
    { keep: false },
    { follow, isPartWanted: true },
  )
  return found.device && { device: found.device, result: found.result as Replies[T] }
}

/** A series as the document has it: what `signal` prints, its rank and growth, and what `train` prints. */
function seriesFields(one: OrderedSeries, rank: number | null, training: boolean) {
  const { block, remedy, note, ...theory } = theoryFields(one)
  const { q, v, m, p, weightGradientNorm2, row, trained } = one
  const { n, forward, backward, forwardTheory, backwardTheory, failure, seconds } = row
  const growth = { forward, backward, forwardTheory, backwardTheory }
  const measured = { n, rank, growth, firstNonFinite: failure, secondsMeasured: seconds }
  return {
    ...{ block, remedy, note, q, v, m, p, weightGradientNorm2, ...theory, ...measured },
    ...(training && trained ? trainedFields(trained) : {}),
  }
}

/** Best first. */
function orderTable(rows: readonly OrderRow[], training: boolean): string[] {
  const rank = new Map(ranks(rows).map((one, i) => [rows[i], one]))
  const percentOf = (share: number | null | undefined) => (share == null ? '-' : percent(share))
  const lines = sortedRows(rows, 'rank').map((row) => [
    String(rank.get(row) ?? '-'),
    row.block,
    row.remedy,
    growthText(row.forward),
    growthText(row.backward),
    row.failure ? failureText(row.failure) : '-',
    ...(training ? [percentOf(row.training?.trainError), percentOf(row.training?.testError)] : []),
  ])
  const head = ['rank', 'block', 'remedy', 'forward', 'backward', 'first failure']
  return [
    ...table([[...head, ...(training ? ['train error', 'test error'] : [])], ...lines]),
    'growth of q and p per block, each the geometric mean over the blocks',
    ...rows.flatMap(({ block, remedy, note }) => (note ? [`${block} / ${remedy}: ${note}`] : [])),
  ]
}
