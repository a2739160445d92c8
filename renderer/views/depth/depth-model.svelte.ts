import { describedData } from '../../../shared/data/data-sets'
import { isRegression } from '../../../shared/data/description'
import { lossUnit } from '../../../shared/data/measures'
import { depthCommand, depthNeedsFile } from '../../../shared/depth/command'
import { depthPlan, depthSettings } from '../../../shared/depth/cells'
import { depthCurves, type Metric, type Moment, type Samples } from '../../../shared/depth/curves'
import { depthFinding } from '../../../shared/depth/findings'
import { HE_2015, HE_2015_SOURCE, he2015, isHe2015 } from '../../../shared/depth/published'
import type { DepthCurve } from '../../../shared/depth/results'
import { trainingExperiment } from '../../../shared/experiment/experiment'
import { capital, formatNumber } from '../../../shared/base/format'
import { curveKey } from '../../../shared/runs/metrics'
import { networkTitle } from '../../../shared/network/series-names'
import type { DepthSettings } from '../../../shared/settings/depth'
import { appearanceOf, type Appearance } from '../../../shared/charts/appearance'
import { logRangeOf, rangeOf, type LineChartModel, type LineSeries } from '../../../shared/charts/line-chart'
import { DARK, LIGHT } from '../../charts/palette'
import type { ChartState, ChartUpdate } from '../../components/ChartCard.svelte'
import { chartRun } from '../../state/chart-run'
import { evaluatedText } from '../../../shared/experiment/evaluated-text'
import { DepthRun } from '../../state/depth-run.svelte'
import type { Lab } from '../../state/lab.svelte'
import { distinctOverlays, overlayLine, type OverlaidCurve } from '../../state/overlays.svelte'
import { problemOf } from '../../state/mends'
import { LearningModel } from './learning-model.svelte'

export const SIDES: readonly Samples[] = ['train', 'test']

/** Depths so far apart lie on a logarithmic axis. */
const WIDE = 50

/** One curve as the view names and draws it. */
export interface ShownCurve {
  /** Number of the series. */
  series: number
  id: string
  name: string
  look: Appearance
  curve: DepthCurve
}

/** What the Depth view draws and says of networks of several depths. */
export class DepthModel {
  metric = $state<Metric>('error')
  moment = $state<Moment>('final')
  hovered = $state<number | null>(null)
  /** Curves that the legend hides, by id. */
  hidden = $state.raw<readonly string[]>([])

  constructor(readonly lab: Lab) {}

  readonly run = $derived.by(() => this.lab.stateOf(DepthRun))
  readonly document = $derived.by(() => this.lab.experiment.document)
  /** As the controls have them. */
  readonly settings = $derived(depthSettings(this.document))
  /** As it was trained; before anything was, as the controls say. */
  readonly experiment = $derived(this.run.started?.experiment ?? this.document)
  readonly networks = $derived(this.experiment.trainReplicas)
  readonly isStale = $derived(this.run.isStale(this.document))
  readonly isConnected = $derived.by(() => this.lab.link === 'open')
  readonly palette = $derived.by(() => (this.lab.theme.isDark ? DARK : LIGHT))
  readonly chartRun = $derived.by(() => chartRun(this.lab, this.run.keeping))
  readonly ofNetworks = $derived(`n = ${this.networks}`)

  readonly outdated = $derived.by((): ChartUpdate | null =>
    this.isStale && !this.run.task.isRunning
      ? {
          onupdate: () => this.start(),
          seconds: this.problem === null ? this.run.secondsFor(this.document) : null,
          disabled: !this.isConnected || this.problem !== null,
        }
      : null,
  )

  /** Why these networks cannot be trained; null: they can. */
  readonly problem = $derived.by((): string | null => {
    try {
      depthPlan(this.document)
    } catch (error) {
      return (error as Error).message
    }
    if (this.document.input === 'images') {
      return (
        'Gaussian images have no labels to train on: choose a data set of images, or “MNIST-1D, sequence” with 1-D ' +
        'convolutions, or look at what is published.'
      )
    }
    return problemOf({ ...this.document, compare: [] })
  })

  start(): void {
    void this.run.start(this.document)
  }

  /** @throws InputError where the value is none */
  set<K extends keyof DepthSettings>(key: K, value: unknown): void {
    this.lab.experiment.setSection('depth', { ...this.settings, [key]: value } as DepthSettings)
  }

  /** What is shown, trained ten times as long, at one press. */
  trainLonger(): void {
    const { experiment } = this.lab
    if (this.document.epochs > 0) experiment.set('epochs', 10 * this.document.epochs)
    else experiment.set('steps', 10 * this.document.steps)
    this.start()
  }

  /** Seconds that this takes; null while none of its kind was finished. */
  readonly longerSeconds = $derived.by(() => {
    const seconds = this.run.secondsFor(this.document)
    return seconds === null ? null : 10 * seconds
  })

  /** Networks of He et al. 2015, whose published errors are drawn. */
  choosePublished(): void {
    this.lab.experiment.change((document) => ({ ...document, ...he2015(document) }))
  }

  // ---- Curves -------------------------------------------------------------------------------------------

  readonly #all = $derived(depthCurves({ series: this.run.series, cells: this.run.cells }))

  /** One network by two names has one curve, which bears both. */
  readonly curves = $derived.by((): ShownCurve[] => {
    if (!this.run.started) return []
    const { cells } = depthPlan(this.experiment)
    const keyOf = (i: number) =>
      cells
        .filter(({ series }) => series === i)
        .map(({ key }) => key)
        .join()
    const keys = this.run.series.map((_, i) => keyOf(i))
    const places = this.run.series.map(({ block, skip }) => `${block}/${skip}`)
    const names = this.run.series.map(({ block }) => block)
    const blocks = names
      .filter((block, i) => names.indexOf(block) === i)
      .flatMap((block) => [`${block}/on`, `${block}/off`])
    return this.#all.flatMap((curve, series) => {
      if (keys.indexOf(keys[series]) !== series) return []
      const twins = this.run.series.filter((_, i) => i > series && keys[i] === keys[series])
      return {
        series,
        id: `${curve.block}/${curve.remedy}/${curve.skip}`,
        name: [networkTitle(curve), ...twins.map((twin) => `= ${networkTitle(twin)}`)].join(' '),
        look: appearanceOf({ block: places[series], remedy: curve.remedy }, blocks),
        curve,
      }
    })
  })
  readonly shown = $derived(this.curves.filter(({ id }) => !this.hidden.includes(id)))

  toggle(id: string): void {
    this.hidden = this.hidden.includes(id) ? this.hidden.filter((one) => one !== id) : [...this.hidden, id]
  }

  /** Errors are drawn in percent. */
  readonly factor = $derived(this.metric === 'error' ? 100 : 1)
  readonly hasPublished = $derived(isHe2015(this.experiment) || isHe2015(this.document))
  readonly publishedWords = HE_2015_SOURCE

  readonly #published = $derived.by((): LineSeries[] =>
    this.hasPublished && this.metric === 'error'
      ? [
          {
            id: 'published',
            label: 'published (CIFAR-10)',
            appearance: { ...appearanceOf({ block: '', remedy: '' }, []), colour: this.palette.muted },
            pointsOnly: true,
            points: HE_2015.map(({ blocks, error }) => ({ x: blocks, y: 100 * error })),
          },
        ]
      : [],
  )

  // ---- Pinned runs --------------------------------------------------------------------------------------

  #overlaysOf(quantity: string, axis: string): OverlaidCurve[] {
    return this.lab.overlays.curves(curveKey(quantity, axis), this.run.keeping.run)
  }

  readonly #overlaid = $derived.by((): Record<Samples | 'gradient', OverlaidCurve[]> => {
    const moment = this.moment === 'best' ? 'best ' : ''
    return {
      train: this.#overlaysOf(`${moment}train ${this.metric}`, 'depth'),
      test: this.#overlaysOf(`${moment}test ${this.metric}`, 'depth'),
      gradient: this.#overlaysOf('p0', 'depth'),
    }
  })
  /** Of all charts, for the legend. */
  readonly overlays = $derived.by(() =>
    distinctOverlays([...Object.values(this.#overlaid).flat(), ...this.learning.overlays]),
  )

  /** Depths are few: marks say where they are, and which networks are plain. */
  #marked(curves: readonly OverlaidCurve[], how: Parameters<typeof overlayLine>[1]): LineSeries[] {
    return curves.map((one) => ({ ...overlayLine(one, how), thin: false }))
  }

  // ---- Charts -------------------------------------------------------------------------------------------

  readonly sides = $derived.by((): Record<Samples, LineChartModel> => {
    const lines = (samples: Samples): LineSeries[] => [
      ...this.shown.map(({ id, name, look, curve }) => {
        const outcomes = this.moment === 'final' ? curve[samples] : curve.best[samples]
        const { mean, low, high } = outcomes[this.metric]
        const points = curve.depths.map((x, i) => ({
          x,
          y: this.factor * mean[i],
          low: this.factor * low[i],
          high: this.factor * high[i],
        }))
        return { id, label: name, appearance: look, points }
      }),
      ...(samples === 'test' ? this.#published : []),
      ...this.#marked(this.#overlaid[samples], { factor: this.factor }),
    ]
    const [train, test] = [lines('train'), lines('test')]
    // Both have one scale: they are there to be held against each other.
    const y = rangeOf([...train, ...test], { min: 0 })
    const model = (series: LineSeries[]): LineChartModel => ({
      ...this.#overDepth,
      series,
      yLabel:
        this.metric === 'error'
          ? 'error (%)'
          : `loss (${lossUnit(isRegression(describedData(this.experiment)))})`,
      y,
    })
    return { train: model(train), test: model(test) }
  })

  /** The depths that are asked for, so that the picture grows into its frame. */
  readonly #overDepth = $derived.by(() => {
    const { depths } = depthSettings(this.experiment)
    const { train, test, gradient } = this.#overlaid
    const pinned = [train, test, gradient].flat().flatMap(({ values }) => values.x)
    const all = [...depths, ...pinned, ...(this.hasPublished ? HE_2015.map(({ blocks }) => blocks) : [])]
    const [least, most] = [Math.min(...all), Math.max(...all)]
    const isLogX = most / least > WIDE
    const x = isLogX
      ? { min: Math.max(1, Math.floor(0.9 * least)), max: Math.ceil(1.1 * most) }
      : { min: 0, max: most * 1.04 }
    return { x, isLogX, xLabel: 'blocks', palette: this.palette }
  })

  /** Curves some of whose points have no place, with the depths from which on that is so: they are named. */
  readonly notFinite = $derived(
    this.shown.flatMap(({ name, curve }) => {
      const { mean } = curve.train[this.metric]
      const at = mean.findIndex((value) => !Number.isFinite(value))
      return at < 0 ? [] : [`${name} from ${curve.depths[at]} on`]
    }),
  )

  readonly gradient = $derived.by((): LineChartModel => {
    const own = this.shown.map(({ id, name, look, curve: { depths, p0 } }): LineSeries => ({
      id,
      label: name,
      appearance: look,
      points: depths.map((x, i) => ({ x, y: p0.median[i], low: p0.low[i], high: p0.high[i] })),
    }))
    const series = [...own, ...this.#marked(this.#overlaid.gradient, { statistic: 'median' })]
    return { ...this.#overDepth, series, yLabel: 'p_0', y: logRangeOf(series), isLog: true }
  })

  /** The depth that is looked at, and its learning curves. */
  readonly learning = new LearningModel(this)

  /** In place of the pictures; null where there is something to draw. */
  readonly missing = $derived.by((): ChartState | null => {
    if (this.run.cells.length) return null
    const { task } = this.run
    const { progress } = task
    if (task.isRunning) {
      return {
        kind: 'waiting',
        text: 'The shallowest networks learn first…',
        progress: progress && progress.done / progress.total,
      }
    }
    const onretry = this.isConnected ? () => this.start() : undefined
    if (task.error) {
      return task.status === 'interrupted'
        ? { kind: 'interrupted', text: 'Nothing was trained to its end.', onretry }
        : { kind: 'failed', text: 'Nothing was trained.', hint: task.error.message, onretry }
    }
    if (this.run.started)
      return { kind: 'interrupted', text: 'Stopped before the first depth was trained.', onretry }
    return {
      kind: 'empty',
      text: 'Press Train: networks of every depth learn, residual and plain. That takes some minutes.',
    }
  })
  /** Published errors are there before anything is trained. */
  readonly missingDepth = $derived(this.hasPublished && this.metric === 'error' ? null : this.missing)
  readonly missingLearning = $derived.by(() => (this.learning.chart.series.length ? null : this.missing))

  // ---- Words --------------------------------------------------------------------------------------------

  readonly finding = $derived(depthFinding({ series: this.run.series, cells: this.run.cells }))

  readonly depthNote = $derived(
    `${this.moment} ${this.metric} on ${evaluatedText(this.experiment)}; line: mean, band: 5th to 95th percentile, ` +
      this.ofNetworks,
  )

  readonly gradientFinding = $derived.by(() => {
    const deepest = this.curves
      .filter(({ curve }) => curve.depths.length > 0)
      .map(({ name, curve }) => {
        const last = curve.depths.length - 1
        const depth = curve.depths[last]
        const at = `at ${depth} ${depth === 1 ? 'block' : 'blocks'}`
        return `${capital(name)}: p_0 = ${formatNumber(curve.p0.median[last])} ${at}.`
      })
    return deepest.join(' ')
  })

  /** Of the cell that was stopped on its way; empty where none was. */
  readonly unfinishedWords = $derived.by((): string => {
    const cell = this.run.unfinished
    if (!cell) return ''
    const name = networkTitle(this.run.series[cell.series])
    const { steps } = trainingExperiment(this.experiment)
    const [at, of] = [cell.steps.toLocaleString('en'), steps.toLocaleString('en')]
    return (
      `${capital(name)} at ${cell.depth} ${cell.depth === 1 ? 'block' : 'blocks'} was ` +
      `stopped after ${at} of ${of} steps: its learning curve is shown, and it counts in no figure over depth.`
    )
  })

  /** The newest run that can be gone on with, while no other is looked at. */
  readonly resumable = $derived.by(() => {
    if (this.run.task.isRunning) return null
    const own = this.run.keeping.run
    const found = this.lab.runs.kept.find(
      ({ id, kind, canResume, state }) =>
        kind === 'depth' && canResume && (own === null ? state === 'interrupted' : id === own),
    )
    return found ?? null
  })

  readonly command = $derived(depthCommand(this.document))

  copyCommand(): void {
    void this.lab.export.command(this.command, undefined, depthNeedsFile(this.document))
  }
}
