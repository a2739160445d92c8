import { lossUnit } from '../../../shared/data/measures'
import { describedData } from '../../../shared/data/data-sets'
import { isRegression } from '../../../shared/data/description'
import { EXPERIMENT_FILE, commandText } from '../../../shared/experiment/command-line'
import { errorFinding, lossFinding } from '../../../shared/train/findings'
import { trainRows, type LearningSeries, type TrainRow } from '../../../shared/train/rows'
import { learningRateAt } from '../../../shared/network/schedule'
import { networkTitle } from '../../../shared/network/series-names'
import { summarisePoint, type PointSummary } from '../../../shared/numerics/statistics'
import { curveKey } from '../../../shared/runs/metrics'
import { appearanceOf, blocksOf, type Appearance } from '../../../shared/charts/appearance'
import {
  logRangeOf,
  rangeOf,
  type LineChartModel,
  type LinePoint,
  type LineSeries,
} from '../../../shared/charts/line-chart'
import { DARK, LIGHT } from '../../charts/palette'
import { mix } from '../../../shared/charts/palette'
import type { ChartState, ChartUpdate } from '../../components/ChartCard.svelte'
import type { Lab } from '../../state/lab.svelte'
import { chartRun } from '../../state/chart-run'
import { distinctOverlays, overlayLine, type OverlaidCurve } from '../../state/overlays.svelte'
import { TrainRun } from '../../state/train-run.svelte'
import { seriesId } from '../../state/view-settings.svelte'
import { BlocksModel } from './blocks-model.svelte'
import { AXIS_ROOM, columnsOf } from './words'

export type Metric = 'loss' | 'error'
export type SampleSet = 'train' | 'test'
const SETS: readonly SampleSet[] = ['train', 'test']

/** Ratio of the largest to the smallest loss from which it lies on a logarithmic axis unless the user chooses. */
const WIDE = 150
/** Points of the line of learning rates: more than there are pixels say nothing. */
const MOST_RATES = 400

/** What the Train view draws and says of the lab's training. */
export class TrainModel {
  /** The axis of loss and error that the user has chosen; null: as the losses need it. */
  chosenAxis = $state<'linear' | 'log' | null>(null)
  /** Which samples' curves are drawn. */
  sets = $state.raw<readonly SampleSet[]>(SETS)
  /** Step under the pointer, in any chart over steps. */
  hoveredStep = $state<number | null>(null)
  /** The series that the others are held against; null: the first. */
  #baseline = $state<string | null>(null)

  constructor(readonly lab: Lab) {}

  readonly run = $derived.by(() => this.lab.stateOf(TrainRun))
  readonly document = $derived.by(() => this.lab.experiment.document)
  /** As it was trained; before anything was, as the controls say. */
  readonly experiment = $derived(this.run.started?.experiment ?? this.document)
  /** Whether networks learn real targets. */
  readonly isReal = $derived(isRegression(describedData(this.experiment)))
  /** "Test RMSE (°C)": the columns of the table of networks, of one real target also in its own unit. */
  readonly columns = $derived(
    columnsOf(this.run.started?.targetDeviation == null ? null : describedData(this.experiment).targets![0]),
  )
  readonly headers = $derived(this.run.started?.series ?? [])
  readonly ids = $derived(this.headers.map(seriesId))
  readonly names = $derived(
    this.headers.map((header) => networkTitle({ ...header, skip: this.experiment.skip })),
  )
  readonly networks = $derived.by(() =>
    this.run.started ? this.experiment.replicas : this.document.trainReplicas,
  )
  readonly isStale = $derived(this.run.isStale(this.document))
  readonly isConnected = $derived.by(() => this.lab.link === 'open')
  readonly palette = $derived.by(() => (this.lab.theme.isDark ? DARK : LIGHT))
  readonly #blocks = $derived(blocksOf(this.headers))
  readonly looks = $derived<readonly Appearance[]>(
    this.headers.map((header) => appearanceOf(header, this.#blocks)),
  )
  readonly isHidden = $derived.by(() => this.ids.map((id) => this.lab.view.hidden.includes(id)))
  readonly selected = $derived.by(
    () => this.ids.find((id) => id === this.lab.view.series) ?? this.ids[0] ?? null,
  )

  // ---- What is done -------------------------------------------------------------------------------------

  /** Goes on with what is paused, otherwise trains the networks from the beginning. */
  play(): void {
    if (this.run.status === 'paused') this.run.goOn()
    else this.start()
  }

  start(): void {
    void this.run.start(this.document)
  }

  readonly outdated = $derived.by((): ChartUpdate | null =>
    this.isStale && !this.run.isRunning
      ? {
          onupdate: () => this.start(),
          seconds: this.run.secondsFor(this.document),
          disabled: !this.isConnected,
        }
      : null,
  )

  /** The run that the charts show. */
  readonly chartRun = $derived.by(() => chartRun(this.lab, this.run.keeping))

  /** The newest training that was interrupted and can be gone on with, while no other is looked at. */
  readonly interrupted = $derived.by(() => {
    const isOver =
      this.run.status === 'interrupted' || (this.run.status === 'idle' && !this.run.trained.length)
    const found = this.lab.runs.kept.find(
      ({ kind, state, canResume }) => kind === 'train' && state === 'interrupted' && canResume,
    )
    return isOver && found ? found : null
  })

  toggleSet(set: SampleSet): void {
    const others = this.sets.filter((one) => one !== set)
    this.sets = this.sets.includes(set) ? others : SETS.filter((one) => one === set || others.includes(one))
  }

  /** The frame before or after the one that is shown. @param by frames; Infinity: the newest */
  moveBy(by: number): void {
    const { frames, step } = this.run
    const now = frames.findIndex((frame) => frame.step === step)
    const next = frames[Math.min(frames.length - 1, Math.max(0, now + by))]
    if (next) this.run.look(next.step)
  }

  /** In place of the pictures; null where there is something to draw. */
  readonly missing = $derived.by((): ChartState | null => {
    if (this.run.frames.length || this.run.evaluations.some(({ step }) => step.length)) return null
    const { isRunning, error, progress } = this.run
    if (isRunning)
      return {
        kind: 'waiting',
        text: 'The networks are being drawn…',
        progress: progress && progress.done / progress.total,
      }
    if (error) return { kind: 'failed', text: 'Nothing was trained.' }
    const kept = this.lab.runs.find(this.run.keeping.run)
    if (kept)
      return {
        kind: 'empty',
        text: `${kept.name} has no curves: its networks were trained elsewhere. ${kept.note}`.trim(),
      }
    const { steps, epochs } = this.document
    const { title } = describedData(this.document)
    const long = epochs > 0 ? `${epochs} epochs` : `${steps} steps`
    const who = this.networks === 1 ? 'one network' : `${this.networks} networks`
    return {
      kind: 'empty',
      text: `Nothing trained yet: press Play, and ${who} of each curve learn ${title} for ${long}.`,
    }
  })

  // ---- Over steps ---------------------------------------------------------------------------------------

  readonly learning = $derived<readonly LearningSeries[]>(
    this.headers.map(({ block, blockTitle, remedy }, i) => ({
      ...{ block, blockTitle, remedy, skip: this.experiment.skip },
      parameters: this.run.trained[i]?.parameters ?? null,
      evaluations: this.run.evaluations[i],
      failure: this.run.failures.find(({ series }) => series === i) ?? null,
    })),
  )

  readonly steps = $derived({ min: 0, max: Math.max(1, this.experiment.steps) })

  #pointsOf(i: number, set: SampleSet, metric: Metric): LinePoint[] {
    const { step, [set]: outcomes } = this.learning[i].evaluations
    const { statistic, bands } = this.lab.view.document
    const factor = metric === 'error' ? 100 : 1
    return step.map((x, at) => {
      const found = summarised(outcomes[metric][at])
      const band = bands && this.networks > 1
      return {
        x,
        y: factor * found[statistic],
        ...(band ? { low: factor * found.low, high: factor * found.high } : {}),
      }
    })
  }

  /** Test in full colour, train thin and pale. */
  #linesOf(metric: Metric): LineSeries[] {
    return this.learning.flatMap((_, i) =>
      this.isHidden[i]
        ? []
        : this.sets.map((set) => ({
            id: `${this.ids[i]} ${set}`,
            label: `${this.names[i]}, ${set}`,
            appearance:
              set === 'test'
                ? this.looks[i]
                : {
                    ...this.looks[i],
                    colour: mix(this.looks[i].colour, this.palette.surface, 0.45),
                    width: 1.2,
                  },
            points: this.#pointsOf(i, set, metric),
          })),
    )
  }

  /** The same quantity of pinned runs, thin; errors in per cent. */
  overlaysOf(metric: Metric): OverlaidCurve[] {
    return this.sets.flatMap((set) =>
      this.lab.overlays.curves(curveKey(`${set} ${metric}`, 'step'), this.run.keeping.run),
    )
  }
  /** Learning rates of pinned runs. */
  readonly #rates = $derived.by(() =>
    this.lab.overlays.curves(curveKey('learning rate', 'step'), this.run.keeping.run),
  )
  /** Gradient correlations of pinned runs. */
  readonly correlations = $derived.by(() =>
    this.lab.overlays.curves(curveKey('gradient correlation', 'step'), this.run.keeping.run),
  )
  /** Of all charts, for the legend. */
  readonly overlays = $derived.by(() =>
    distinctOverlays([
      ...[...this.overlaysOf('loss'), ...this.overlaysOf('error')],
      ...[...this.#rates, ...this.correlations],
    ]),
  )

  #overlaid(metric: Metric): LineSeries[] {
    const { statistic } = this.lab.view.document
    return this.overlaysOf(metric).map((curve) =>
      overlayLine(curve, { factor: metric === 'error' ? 100 : 1, statistic }),
    )
  }

  /** Losses a hundred times apart are seen side by side on a logarithmic axis alone. */
  readonly curveAxis = $derived.by(() => {
    const range = logRangeOf(this.#linesOf('loss'))
    return this.chosenAxis ?? (range.max / range.min > WIDE ? 'log' : 'linear')
  })

  readonly loss = $derived(this.#chartOf('loss'))
  readonly error = $derived(this.#chartOf('error'))

  #chartOf(metric: Metric): LineChartModel {
    const series = [...this.#linesOf(metric), ...this.#overlaid(metric)]
    const linear = rangeOf(series, { min: 0 })
    const isLog = (metric === 'loss' ? this.curveAxis : (this.chosenAxis ?? 'linear')) === 'log'
    return {
      series,
      xLabel: 'step',
      yLabel: metric === 'loss' ? lossUnit(this.isReal) : '%',
      x: this.steps,
      y: isLog
        ? logRangeOf(series)
        : metric === 'error'
          ? { min: 0, max: this.isReal ? linear.max : Math.min(100, linear.max) }
          : linear,
      isLog,
      axisRoom: AXIS_ROOM,
      hidesX: true,
      palette: this.palette,
    }
  }

  readonly rate = $derived.by((): LineChartModel => {
    const { max } = this.steps
    const stride = Math.max(1, Math.ceil(max / MOST_RATES))
    const places = Array.from({ length: Math.floor(max / stride) + 1 }, (_, i) => i * stride)
    const points = places.map((x) => ({ x, y: learningRateAt(x, this.experiment) }))
    const { ink } = this.palette
    const series: LineSeries[] = [
      {
        id: 'rate',
        label: 'learning rate',
        appearance: { colour: ink, marker: '', filling: 'full', width: 1.4 },
        thin: true,
        points,
      },
      ...this.#rates.map((one) => overlayLine(one)),
    ]
    return {
      series,
      xLabel: 'step',
      yLabel: '',
      x: this.steps,
      y: rangeOf(series, { min: 0 }),
      axisRoom: AXIS_ROOM,
      palette: this.palette,
    }
  })

  /** The signal, gradients and updates at the step that is shown. */
  readonly overBlocks = new BlocksModel(this)

  // ---- The table ----------------------------------------------------------------------------------------

  get baseline(): number {
    return Math.max(0, this.ids.indexOf(this.#baseline ?? ''))
  }
  chooseBaseline(id: string): void {
    this.#baseline = id
  }
  readonly rows = $derived.by<readonly TrainRow[]>(() =>
    trainRows(this.learning, this.run.evaluation, this.baseline, this.run.started?.targetDeviation ?? null),
  )

  // ---- Words --------------------------------------------------------------------------------------------

  readonly findings = $derived.by(() => {
    return {
      loss: lossFinding(
        this.learning.filter((_, i) => !this.isHidden[i]),
        this.names.filter((_, i) => !this.isHidden[i]),
        this.run.evaluation,
        this.isReal,
      ),
      error: errorFinding(
        this.rows.filter(({ series }) => !this.isHidden[series]),
        this.isReal,
      ),
    }
  })

  /** "mean, 5–95 %, n = 5 networks". */
  readonly ofNetworks = $derived.by(() => {
    const { statistic, bands } = this.lab.view.document
    if (this.networks === 1) return 'n = 1 network'
    return `${statistic}${bands ? ', 5–95 %' : ''}, n = ${this.networks} networks`
  })

  readonly command = $derived(commandText(this.document, EXPERIMENT_FILE, 'train'))
}

const summaries = new WeakMap<readonly number[], PointSummary>()

/** Over the networks; an evaluation's numbers never change. */
function summarised(values: readonly number[]): PointSummary {
  const known = summaries.get(values)
  if (known) return known
  const found = summarisePoint(values)
  summaries.set(values, found)
  return found
}
