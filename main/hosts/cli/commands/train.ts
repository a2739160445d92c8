import { counted, formatNumber } from '../../../../shared/base/format'
import { describedData } from '../../../../shared/data/data-sets'
import { evaluatedText } from '../../../../shared/experiment/evaluated-text'
import { trainingExperiment } from '../../../../shared/experiment/experiment'
import { overNetworks, type NetworkOutcomes, type TrainedSeries } from '../../../../shared/network/results'
import { seriesGraphs } from '../../../../shared/network/series'
import { summarisePoint, type PointSummary } from '../../../../shared/numerics/statistics'
import type { LabEvent } from '../../../../shared/protocol/protocol'
import { wholeGpuUseWords, xlaWords } from '../../../../shared/runs/computed'
import type { Experiment } from '../../../../shared/settings/experiment'
import { rmseOf } from '../../../../shared/train/rmse'
import { trainMemory } from '../../../trainer/engine/training-memory'
import { prepareSeries } from '../../../trainer/engine/prepared-series'
import { asDocument } from '../job'
import { NO_KEEP_OPTIONS, keptLines } from '../keep'
import { experimentOptions, trainedFromOptions } from '../options'
import { sizeText, table } from '../output'
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
        const needed = () => trainMemory(experiment, prepareSeries(experiment))
        let deviation: number | null = null
        const follow = (event: LabEvent) => {
          if (event.type === 'started') deviation = event.targetDeviation ?? null
        }
        const body = { experiment: asDocument(given) }
        const { device, result, run } = await job('train', body, needed, keep, { follow })
        const { skip, replicas, batch } = experiment
        const size = `${sizeText(experiment)}, n = ${replicas}${skip === 'off' ? ', plain' : ''}`
        return {
          run,
          document: () => ({
            device,
            experiment,
            run,
            ...{ xla: result.xla ?? null, gpu: result.gpu ?? null },
            series: result.series.map((one) => trainedFields(one, deviation)),
          }),
          remarks: () => [
            ...(result.xla ? [xlaWords(result.xla)] : []),
            ...(result.gpu ? [wholeGpuUseWords(result.gpu)] : []),
          ],
          text: () =>
            [
              `${device.description}; ${size}; ${counted(result.steps, 'step')} of ${batch} samples`,
              ...trainedLines(experiment, result.series, deviation),
              ...keptLines(run),
            ].join('\n'),
        }
      },
    }
  },
})

/** @param deviation see `targetDeviation` */
const summaries = ({ loss, error }: NetworkOutcomes, deviation: number | null) => ({
  loss: overNetworks(loss),
  error: overNetworks(error),
  ...(deviation === null ? {} : { rmse: overNetworks(loss.map((losses) => rmseOf(losses, deviation))) }),
})
/** A trained series as the document has it. @param deviation see `targetDeviation` */
export function trainedFields(
  { block, remedy, skip, parameters, evaluations, ...rest }: TrainedSeries,
  deviation: number | null = null,
) {
  const { step } = evaluations
  const [train, test] = [evaluations.train, evaluations.test].map((one) => summaries(one, deviation))
  return {
    block,
    remedy,
    skip,
    parameters,
    curve: { step, train, test, ...shatteringFields(evaluations) },
    final: {
      train: rest.train && { ...rest.train, ...lastRmse(evaluations.train, deviation) },
      test: rest.test && { ...rest.test, ...lastRmse(evaluations.test, deviation) },
    },
    failure: rest.failure,
    seconds: rest.seconds,
  }
}

/** Gradients at the evaluations, where they were measured. */
function shatteringFields({ shattering = [] }: TrainedSeries['evaluations']) {
  const found = shattering.flatMap((one) => one ?? [])
  if (!found.length) return {}
  const gradientCorrelation = overNetworks(found.map(({ correlation }) => correlation))
  return { gradientCorrelation, autocorrelation: found.map(({ acf }) => acf) }
}

/** Of the last evaluation, over the networks. */
function lastRmse({ loss }: NetworkOutcomes, deviation: number | null): { rmse?: PointSummary } {
  const last = loss.at(-1)
  return deviation === null || !last ? {} : { rmse: summarisePoint(rmseOf(last, deviation)) }
}

const SETS = ['train', 'test'] as const

const percent = (share: number) => formatNumber(100 * share)

function trainedLines(
  experiment: Experiment,
  series: readonly TrainedSeries[],
  deviation: number | null,
): string[] {
  const hasRmse = deviation !== null
  const rows = series.map(({ block, remedy, train, test, evaluations, seconds }) => [
    block,
    remedy,
    ...SETS.flatMap((set) => {
      const outcome = { train, test }[set]
      const numbers = outcome ? [formatNumber(outcome.loss.mean), percent(outcome.error.mean)] : ['-', '-']
      const { rmse } = lastRmse(evaluations[set], deviation)
      return hasRmse ? [...numbers, rmse ? formatNumber(rmse.mean) : '-'] : numbers
    }),
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
  const columns = SETS.flatMap((set) => [
    `${set} loss`,
    `${set} error %`,
    ...(hasRmse ? [`${set} RMSE`] : []),
  ])
  const [target] = describedData(experiment).targets ?? []
  return [
    ...table([['block', 'remedy', ...columns, 'seconds'], ...rows]),
    `means over networks, on ${evaluatedText(experiment)}`,
    ...(hasRmse
      ? [
          `RMSE: root mean squared error of ${target.name}${target.unit ? ` in ${target.unit}` : ''}, √loss × its ` +
            `standard deviation over the training part, ${formatNumber(deviation)}`,
        ]
      : []),
    ...failures,
    ...notes,
  ]
}
