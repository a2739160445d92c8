import { rangeOf, type LineChartModel } from '../../../shared/charts/line-chart'
import { mix } from '../../../shared/charts/palette'
import { noiseLines } from '../../../shared/shatter/noises'
import { SHATTERING, noiseReferences, tableLags } from '../../../shared/shatter/shatter'
import { learningShatter } from '../../../shared/shatter/trained'
import {
  autocorrelationFinding,
  correlationFinding,
  measuredGradients,
} from '../../../shared/train/shattering'
import {
  autocorrelationLines,
  correlationLines,
  lagLines,
  type DrawnGradients,
} from '../../../shared/train/shattering-lines'
import { describedData } from '../../../shared/data/data-sets'
import { outputsOf } from '../../../shared/data/description'
import { trainingExperiment } from '../../../shared/experiment/experiment'
import { evaluationCount } from '../../../shared/network/schedule'
import { formatNumber } from '../../../shared/base/format'
import { overlayLine } from '../../state/overlays.svelte'
import type { ChartState } from '../../components/ChartCard.svelte'
import { shatteringShare } from '../../state/cost'
import type { TrainModel } from './train-model.svelte'
import { AXIS_ROOM } from './words'

/** What the second chart of gradients shows: over lags at the step that is shown, or one lag over steps. */
export type LagChoice = 'all' | `${number}`

const SETTINGS = learningShatter()

/** How shattered the gradients of the networks are as they learn, where that is measured. */
export class GradientsModel {
  lag = $state<LagChoice>('all')

  constructor(private readonly page: TrainModel) {}

  readonly hasMeasured = $derived.by(() =>
    this.page.run.evaluations.some(({ shattering }) => shattering?.some((one) => one !== null)),
  )
  /** Whether the networks that are shown have their gradients measured, or will have. */
  readonly isShown = $derived.by(
    () => this.hasMeasured || (this.page.run.started !== null && this.page.experiment.shattering === 'on'),
  )
  /** In place of the pictures. */
  readonly missing = $derived.by((): ChartState | null => {
    if (this.hasMeasured) return null
    return this.page.run.isRunning
      ? { kind: 'waiting', text: 'The first evaluation measures them…' }
      : { kind: 'empty', text: 'Training ended before gradients were measured.' }
  })

  /** What asking for it costs, in a few words and in full. */
  readonly cost = $derived.by(() => {
    const { document, run } = this.page
    const share = shatteringShare(document)
    const [without, with_] = (['off', 'on'] as const).map((shattering) =>
      run.secondsFor({ ...document, shattering }),
    )
    const seconds = without === null || with_ === null ? '' : `, ${formatNumber(with_ - without, 2)} s`
    const outputs = outputsOf(describedData(document))
    return {
      text: `adds about ${formatNumber(100 * share, 1)} % to training${seconds}`,
      definition:
        `At each of ${evaluationCount(trainingExperiment(document))} evaluations, up to ${SHATTERING.samples} test ` +
        `samples go back once for each of ${outputs} ${outputs === 1 ? 'output' : 'outputs'}, and ` +
        `${SHATTERING.points} points of a line once: counted against the samples that training passes. Updates are ` +
        'the same with it and without.',
    }
  })

  readonly #series = $derived.by((): readonly DrawnGradients[] =>
    this.page.learning.flatMap(({ evaluations }, i) =>
      this.page.isHidden[i]
        ? []
        : [
            {
              ...{ id: this.page.ids[i], name: this.page.names[i], look: this.page.looks[i] },
              measured: measuredGradients(evaluations),
            },
          ],
    ),
  )

  /** The step of the evaluation that is shown. */
  readonly step = $derived.by(() => this.page.learning[0]?.evaluations.step[this.page.run.evaluation] ?? 0)

  readonly #noises = $derived.by(() => noiseReferences(SETTINGS, this.page.experiment.seed))

  // ---- Over steps ---------------------------------------------------------------------------------------------------

  readonly correlation = $derived.by((): LineChartModel => {
    const { statistic, bands } = this.page.lab.view.document
    const series = [
      ...correlationLines(this.#series, { statistic, bands }),
      ...this.page.correlations.map((one) => overlayLine(one, { statistic })),
    ]
    return {
      ...{ series, xLabel: 'step', yLabel: '', x: this.page.steps, axisRoom: AXIS_ROOM },
      ...{ y: rangeOf(series), palette: this.page.palette },
    }
  })

  // ---- Over lags ----------------------------------------------------------------------------------------------------

  readonly lags = [
    {
      value: 'all' as const,
      label: 'lags',
      definition: 'All lags at the step that is shown, and at the first.',
    },
    ...tableLags(SETTINGS).map((lag) => ({
      value: `${lag}` as const,
      label: `lag ${lag}`,
      definition: `The autocorrelation at lag ${lag} over steps.`,
    })),
  ]

  readonly isOverLags = $derived.by(() => this.lag === 'all')

  readonly autocorrelation = $derived.by((): LineChartModel => {
    const { bands } = this.page.lab.view.document
    const { palette } = this.page
    const common = { yLabel: '', palette, axisRoom: AXIS_ROOM }
    if (!this.isOverLags) {
      const series = lagLines(this.#series, Number(this.lag), bands)
      return { ...common, series, xLabel: 'step', x: this.page.steps, y: rangeOf(series, { max: 1.02 }) }
    }
    const pale = (colour: string) => mix(colour, palette.surface, 0.45)
    const measured = autocorrelationLines(this.#series, { step: this.step, bands, pale })
    return {
      ...common,
      series: [...noiseLines(this.#noises), ...measured],
      xLabel: `lag (of ${SETTINGS.points} points between the samples)`,
      x: { min: 0, max: SETTINGS.lags! },
      y: { min: -0.55, max: 1.02 },
    }
  })

  // ---- Words --------------------------------------------------------------------------------------------------------

  readonly findings = $derived.by(() => ({
    correlation: correlationFinding(this.#series, this.step),
    autocorrelation: autocorrelationFinding(this.#series, this.#noises.white.mean, this.step),
  }))
}
