import { numberOrText } from '../../../../shared/base/decimal'
import { choice } from '../../../../shared/base/check'
import { InputError } from '../../../../shared/base/errors'
import { formatNumber } from '../../../../shared/base/format'
import { cosineRemarks, errorOf } from '../../../../shared/lesion/findings'
import { lesionSetText, lesionText, parseLesions } from '../../../../shared/lesion/lesion'
import type { Classified, LesionResult, Worth } from '../../../../shared/lesion/results'
import {
  LESION_STATISTICS,
  STATISTICS_WORDS,
  type LesionStatistics,
} from '../../../../shared/settings/lesion'
import { signalMemory } from '../../../trainer/engine/memory'
import { prepareSeries } from '../../../trainer/engine/prepared-series'
import type { OptionTexts } from '../command'
import { asDocument } from '../job'
import { KEEP_OPTIONS, runField } from '../keep'
import { RUN_OPTION, runFromOptions } from '../of-run'
import { experimentFromOptions, experimentOptions } from '../options'
import { sizeText, table } from '../output'
import { runCommand } from '../run-command'

/** Networks with changed blocks, held against themselves. */
export const lesion = runCommand({
  name: 'lesion',
  description:
    'Delete or exchange blocks of networks, at initialisation or trained, and compare what comes out.',
  options: [
    ...experimentOptions(),
    ['--delete <k,…>', 'blocks that become the identity; they count from 1'],
    ['--duplicate <k,…>', 'blocks that run twice'],
    ['--permute <i,j>', 'two blocks that change places'],
    ['--each <delete|duplicate|exchange>', 'every block by itself (exchange: with the next)'],
    ['--random <draws>', 'random deletions: so many choices for each number of deleted blocks'],
    ['--train', 'train the networks first (training settings come from --experiment)'],
    RUN_OPTION,
    [
      `--statistics <${LESION_STATISTICS.join('|')}>`,
      'of trained networks: batch norm keeps the running statistics of the intact network, or takes those of the ' +
        'changed one. Default: intact.',
    ],
    ...KEEP_OPTIONS,
  ],
  ask(options) {
    const saved = runFromOptions(options)
    const experiment = saved?.experiment ?? experimentFromOptions(options)
    const document = lesionDocument(options)
    const set = parseLesions(document, experiment.blocks, experiment.seed)
    const training = options.train === true || saved !== null
    const statistics = statisticsOf(options, training)
    const of = saved && { trained: saved.id }
    const own = training ? { statistics } : {}
    return {
      experiment,
      beside: { lesion: document, training, ...own, ...of },
      async carryOut(keep, job) {
        const needed = () => signalMemory(experiment, prepareSeries(experiment))
        const body = { experiment: asDocument(experiment), lesion: document, training, ...own, ...of }
        const { device, result, run } = await job('lesion', body, needed, keep)
        const { skip } = experiment
        const replicas = training ? experiment.trainReplicas : experiment.replicas
        const size = `${sizeText(experiment)}, n = ${replicas}`
        const plain = skip === 'off' ? '; without skip connections' : ''
        return {
          run,
          document() {
            const series = result.series.map(({ block, remedy, note, between, intact, ...rest }) => {
              const before = training ? { intact: intact && classifiedFields(intact) } : {}
              const header = { block, remedy, note, between, ...before }
              const outcomes = rest.outcomes.map(({ cosine, classified }) => ({
                cosine,
                ...(classified ? { classified: classifiedFields(classified) } : {}),
              }))
              return set.set === 'one' ? { ...header, ...outcomes[0] } : { ...header, outcomes }
            })
            const what = set.set === 'one' ? { lesion: set.lesion } : { lesions: result.lesions }
            return { device, experiment, ...runField(keep, run), ...of, ...own, ...what, series }
          },
          text: () =>
            [
              `${device.description}; ${size}; ${lesionSetText(set)}${plain}`,
              ...lesionTable(result, training),
              ...(training ? [] : cosineRemarks([result])),
              ...(training ? [STATISTICS_LINES[statistics]] : []),
            ].join('\n'),
        }
      },
    }
  },
})

/** @throws InputError */
function statisticsOf({ statistics }: OptionTexts, training: boolean): LesionStatistics {
  if (statistics === undefined) return 'intact'
  if (!training)
    throw new InputError(
      '--statistics',
      'networks at initialisation keep none: each takes those of its own batch',
      'Leave it out, or give --train or --run.',
    )
  return choice(statistics, '--statistics', LESION_STATISTICS, `Give ${STATISTICS_WORDS}.`)
}

const STATISTICS_LINES: Record<LesionStatistics, string> = {
  intact: 'batch norm, where there is any, keeps the statistics of the intact network (--statistics intact)',
  changed:
    'batch norm, where there is any, takes the statistics of the changed network (--statistics changed)',
}

const worthFields = ({ loss, accuracy }: Worth) => ({ loss, accuracy, error: errorOf(accuracy) })

const classifiedFields = ({ training, ...test }: Classified) => ({
  ...worthFields(test),
  ...(training ? { training: worthFields(training) } : {}),
})

/** As `parseLesions` takes it. */
function lesionDocument(options: OptionTexts) {
  return {
    delete: blockList(options.delete),
    duplicate: blockList(options.duplicate),
    permute: blockList(options.permute),
    each: options.each,
    random: typeof options.random === 'string' ? numberOrText(options.random) : undefined,
  }
}

/** Whole numbers as numbers; anything else stays text, so that the message shows what was written. */
function blockList(text: OptionTexts[string]): unknown[] | undefined {
  if (typeof text !== 'string') return undefined
  const parts = text.split(',').map((part) => part.trim())
  return parts.filter(Boolean).map((part) => (/^[+-]?\d+$/.test(part) ? Number(part) : part))
}

function lesionTable({ lesions, series }: LesionResult, training: boolean): string[] {
  const isOne = lesions.length === 1
  const rows = series.flatMap(({ block, remedy, outcomes }) =>
    outcomes.map(({ cosine, classified }, i) => [
      block,
      remedy,
      ...(isOne ? [] : [lesionText(lesions[i])]),
      ...[cosine.mean, cosine.low, cosine.high].map((x) => formatNumber(x)),
      ...(classified ? worthCells(classified) : []),
    ]),
  )
  const titles = ['cosine', '5 %', '95 %', ...(training ? WORTH_TITLES : [])]
  const head = ['block', 'remedy', ...(isOne ? [] : ['lesion']), ...titles]
  const what = training ? 'the outputs' : 'h_L'
  const samples = training ? 'the test samples' : 'the batch'
  return [
    ...table([head, ...rows]),
    `cosine between ${what} of the intact and the changed network, per sample, averaged over ${samples}; ` +
      'mean, 5th and 95th percentile over replicas',
    ...intactLines(series),
    ...series.flatMap(({ block, remedy, note }) => (note ? [`${block} / ${remedy}: ${note}`] : [])),
  ]
}

const intactLines = (series: LesionResult['series']) =>
  series.flatMap(({ block, remedy, intact }) => {
    if (!intact) return []
    const cells = worthCells(intact).map((cell, i) => `${WORTH_TITLES[i]} ${cell}`)
    return [`${block} / ${remedy}: intact ${cells.join(', ')}`]
  })

const WORTH_TITLES = ['train loss', 'train error %', 'test loss', 'test error %']

/** Means over the networks. */
const worthCells = ({ training, ...test }: Classified): string[] =>
  [training, test].flatMap((worth) =>
    worth ? [formatNumber(worth.loss.mean), formatNumber(100 * errorOf(worth.accuracy).mean)] : ['-', '-'],
  )
