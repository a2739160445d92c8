import { formatNumber } from '../../../../shared/base/format'
import { evaluatedText } from '../../../../shared/experiment/evaluated-text'
import { trainingExperiment } from '../../../../shared/experiment/experiment'
import { overNetworks, type NetworkOutcomes, type TrainedSeries } from '../../../../shared/network/results'
import { seriesGraphs } from '../../../../shared/network/series'
import type { Experiment } from '../../../../shared/settings/experiment'
import { trainMemory } from '../../../trainer/engine/memory'
import { prepareSeries } from '../../../trainer/engine/prepared-series'
import { asDocument } from '../job'
import { NO_KEEP_OPTIONS, keptLines } from '../keep'
import { experimentOptions, trainedFromOptions } from '../options'
import { table } from '../output'
import { runCommand } from '../run-command'

/** Networks that learn, evaluated as they go. */
export const train = runCommand({
  name: 'train',
  description: 'Train networks, and evaluate them on training and test samples as they learn.',
  options: [...experimentOptions({}, true), ...NO_KEEP_OPTIONS],
  ask(options) {
    const given = trainedFromOptions(options)
    const experiment = trainingExperiment(given)
    return {
      experiment,
      beside: {},
      async carryOut(keep, job) {
        const needed = trainMemory(experiment, prepareSeries(experiment))
        const { device, result, run } = await job('train', { experiment: asDocument(given) }, needed, keep)
        const { blocks, width, skip, replicas, batch } = experiment
        const size = `${blocks} blocks, width ${width}, n = ${replicas}${skip === 'off' ? ', plain' : ''}`
        return {
          run,
          document: () => ({ device, experiment, run, series: result.series.map(trainedFields) }),
          text: () =>
            [
              `${device.description}; ${size}; ${result.steps} steps of ${batch} samples`,
              ...trainedLines(experiment, result.series),
              ...keptLines(run),
            ].join('\n'),
        }
      },
    }
  },
})

const summaries = ({ loss, error }: NetworkOutcomes) => ({
  loss: overNetworks(loss),
  error: overNetworks(error),
})

/** A trained series as the document has it. */
export function trainedFields({ block, remedy, skip, parameters, evaluations, ...rest }: TrainedSeries) {
  const { step, train, test } = evaluations
  return {
    block,
    remedy,
    skip,
    parameters,
    curve: { step, train: summaries(train), test: summaries(test) },
    final: { train: rest.train, test: rest.test },
    failure: rest.failure,
    seconds: rest.seconds,
  }
}

const percent = (share: number) => formatNumber(100 * share)

function trainedLines(experiment: Experiment, series: readonly TrainedSeries[]): string[] {
  const rows = series.map(({ block, remedy, train, test, seconds }) => [
    block,
    remedy,
    ...[train, test].flatMap((outcome) =>
      outcome ? [formatNumber(outcome.loss.mean), percent(outcome.error.mean)] : ['-', '-'],
    ),
    formatNumber(seconds),
  ])
  const failures = series.flatMap(({ block, remedy, failure }) => {
    if (!failure) return []
    const { step, quantity, block: at, operation } = failure
    return [
      `${block} / ${remedy}: not finite from step ${step} on, first the ${quantity} of block ${at}: ${operation}`,
    ]
  })
  const notes = seriesGraphs(experiment).flatMap(({ block, remedy, note }) =>
    note ? [`${block} / ${remedy}: ${note}`] : [],
  )
  const head = ['block', 'remedy', 'train loss', 'train error %', 'test loss', 'test error %', 'seconds']
  return [
    ...table([head, ...rows]),
    `means over networks, on ${evaluatedText(experiment)}`,
    ...failures,
    ...notes,
  ]
}
