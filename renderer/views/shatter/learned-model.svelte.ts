import { formatNumber } from '../../../shared/base/format'
import { rangeOf, type LineChartModel } from '../../../shared/charts/line-chart'
import { CORRELATION_MEANING, lossUnit } from '../../../shared/data/measures'
import { isRegression } from '../../../shared/data/description'
import { outcomeOf } from '../../../shared/network/results'
import { networkId, networkName } from '../../../shared/shatter/findings'
import { SHATTERING } from '../../../shared/shatter/shatter'
import {
  learnedGradients,
  learnedOf,
  seriesIdOf,
  trainedCorrelationFinding,
} from '../../../shared/runs/shatter-findings'
import { correlationLines, type DrawnGradients } from '../../../shared/train/shattering-lines'
import { errorText } from '../../../shared/train/findings'
import type { GradientsModel } from './gradients-model.svelte'
import { untimedLook } from './looks'

/** What the card beside the autocorrelation shows of trained networks. */
export type LearnedPage = 'steps' | 'table' | 'lags'

/** The gradient correlation of a run's trained networks, and how they did, at the steps that are looked at. */
export class LearnedModel {
  /** Null: none was chosen, and what there is most to see in is shown. */
  #page = $state<LearnedPage | null>(null)

  constructor(private readonly model: GradientsModel) {}

  readonly #learned = $derived.by(() => learnedOf(this.model.run.measured))
  readonly #series = $derived.by((): DrawnGradients[] => {
    const { networks, palette } = this.model
    return learnedGradients(this.model.run.measured).map((one) => {
      const network = networks.find((other) => seriesIdOf(other) === one.id)!
      return { ...one, look: untimedLook(network, networks, palette) }
    })
  })
  readonly #steps = $derived.by(() =>
    this.#series.flatMap(({ measured }) => measured.map(({ step }) => step)),
  )

  readonly page = $derived.by(
    (): LearnedPage =>
      this.#page ?? (this.#steps.some((step) => step !== this.#steps[0]) ? 'steps' : 'table'),
  )
  show(page: LearnedPage): void {
    this.#page = page
  }

  readonly hasMeasured = $derived(this.#learned.length > 0)
  readonly title = $derived(this.page === 'lags' ? 'Autocorrelation at some lags' : 'Gradient correlation')
  readonly finding = $derived.by(() => trainedCorrelationFinding(this.model.run.measured))
  readonly definition = $derived.by(
    () =>
      `${CORRELATION_MEANING}: near 0 gradients are shattered, near 1 alike. At most the first ${SHATTERING.samples} ` +
      'test samples, in evaluation, statistics over a batch held constant. A change, or a difference between two ' +
      'series, is called one where the 95 % interval of the paired differences over networks leaves out 0; of one ' +
      `network, a change by its sign. Mean and 5–95 % over n = ${this.model.replicas} networks.`,
  )

  readonly overSteps = $derived.by((): LineChartModel => {
    const series = correlationLines(this.#series, { statistic: 'mean', bands: true })
    const steps = this.#steps
    return {
      ...{ series, xLabel: 'step', yLabel: '', palette: this.model.palette, y: rangeOf(series) },
      x: { min: Math.min(0, ...steps), max: Math.max(1, ...steps) },
    }
  })

  /** A row for each series and step. */
  readonly rows = $derived.by(() =>
    this.#learned.map((one) => {
      const { learned, correlationBand } = one
      const { low, high } = correlationBand ?? { low: NaN, high: NaN }
      const { loss, error } = outcomeOf(learned.train)
      return {
        id: networkId(one),
        name: networkName({ ...one, step: undefined }, this.#learned),
        step: one.step ?? null,
        correlation: formatNumber(one.correlation ?? NaN),
        band: `${formatNumber(low, 2)} to ${formatNumber(high, 2)}`,
        loss: formatNumber(loss.mean),
        error: errorText(error.mean),
        isReplayed: learned.isReplayed,
      }
    }),
  )

  readonly lossDefinition = $derived.by(() => {
    const isReal = this.model.trained.data !== null && isRegression(this.model.trained.data)
    return `Mean loss on the evaluated training samples (${lossUnit(isReal)}), mean over networks.`
  })
  readonly errorDefinition = $derived.by(() => {
    const isReal = this.model.trained.data !== null && isRegression(this.model.trained.data)
    const what = isReal
      ? 'of the training targets’ variance that is left unexplained'
      : 'of wrong training samples'
    return `The share ${what}, mean over networks.`
  })

  /** The numbers of the card, for a file. */
  readonly numbers = $derived.by(() => ({
    header: [
      ...['network', 'step', 'gradient correlation', 'low', 'high', 'n'],
      ...['train loss', 'train error', 'test loss', 'test error', 'trained again'],
    ],
    rows: this.#learned.map((one) => {
      const { learned, correlation, correlationBand } = one
      const outcomes = [learned.train, learned.test].map(outcomeOf)
      return [
        ...[networkName({ ...one, step: undefined }, this.#learned), one.step ?? null, correlation],
        ...[correlationBand?.low ?? null, correlationBand?.high ?? null, learned.correlations.length],
        ...outcomes.flatMap(({ loss, error }) => [loss.mean, error.mean]),
        learned.isReplayed ? 'yes' : 'no',
      ]
    }),
  }))
}
