import { formatNumber } from '../../../shared/base/format'
import { hasDrawnBlock } from '../../../shared/experiment/command-line'
import { curveKey } from '../../../shared/runs/metrics'
import type { ShatterSettings } from '../../../shared/settings/shatter'
import { shatterCommand } from '../../../shared/shatter/command'
import { acfFinding, correlationFinding, networkId, networkName } from '../../../shared/shatter/findings'
import { NOISES, NOISE_KINDS, noiseLines, noiseLook } from '../../../shared/shatter/noises'
import type { ShatterNetwork } from '../../../shared/shatter/results'
import { lastLag, whiteNoise } from '../../../shared/shatter/shatter'
import { trainedAcfFinding } from '../../../shared/runs/shatter-findings'
import type { LineChartModel, LineSeries } from '../../../shared/charts/line-chart'
import { DARK, LIGHT } from '../../charts/palette'
import type { ChartState, ChartUpdate } from '../../components/ChartCard.svelte'
import { chartRun } from '../../state/chart-run'
import type { Lab } from '../../state/lab.svelte'
import { overlayLine } from '../../state/overlays.svelte'
import { ShatterRun, shatterSettings } from '../../state/shatter-run.svelte'
import { badgeOf } from './badge'
import type { Multiple } from '../../../shared/charts/line-picture'
import { TrainedModel } from './trained-model.svelte'
import { faded, networkLook } from './looks'

export const CURVES_NOTE = 'first network, each picture on its own scale'

/** Unless more are asked for: what is farther lies around 0. */
const SHOWN_LAGS = 64

/** What the Shatter view draws and says of networks along a line. */
export class GradientsModel {
  /** The point under the pointer, in any of the small pictures. */
  hovered = $state<number | null>(null)
  /** The card that is pointed at: its curve stands out. */
  focus = $state<string | null>(null)

  /** The run whose networks are looked at, if it is one. */
  readonly trained: TrainedModel

  constructor(private readonly lab: Lab) {
    this.trained = new TrainedModel(lab)
  }

  readonly run = $derived.by(() => this.lab.stateOf(ShatterRun))
  readonly document = $derived.by(() => this.lab.experiment.document)
  /** As the controls have them. */
  readonly settings = $derived.by(() => this.trained.chosen?.settings ?? shatterSettings(this.document))
  readonly started = $derived(this.run.started)
  readonly palette = $derived.by(() => (this.lab.theme.isDark ? DARK : LIGHT))
  readonly networks = $derived(this.started?.series ?? [])
  /** Experiment of what is drawn; before anything is, of the controls. */
  readonly experiment = $derived(this.started?.experiment ?? this.document)
  readonly replicas = $derived(this.experiment.replicas)
  readonly hasMeasured = $derived(this.run.measured.length > 0)
  readonly isStale = $derived(this.run.isStale(this.document))
  /** Whether what is drawn answers other settings, and nothing newer is coming. */
  readonly isOld = $derived(this.started !== null && this.run.isOld(this.document))

  readonly isConnected = $derived.by(() => this.lab.link === 'open')

  start(): void {
    void this.run.start(this.lab.experiment.document)
  }

  /** @throws InputError where the value is none */
  set<K extends keyof ShatterSettings>(key: K, value: unknown): void {
    if (this.trained.chosen) return this.trained.set({ [key]: value })
    this.lab.experiment.setSection('shatter', { ...this.settings, [key]: value } as ShatterSettings)
  }

  // ---- The small pictures -------------------------------------------------------------------------------------------

  readonly cards = $derived(
    this.networks.map((network, i) => {
      const shown = this.run.shown(i)
      const series = shown?.series ?? null
      const name = networkName(network, this.networks)
      const look = networkLook(network, this.networks, this.palette)
      const multiple: Multiple | null = series && {
        name,
        colour: look.colour,
        x: this.started!.x,
        ...series.curve,
        labels: ['y', 'dy/dx'],
      }
      return {
        id: networkId(network),
        name: networkName({ ...network, step: undefined }, this.networks),
        look,
        multiple,
        isOld: shown?.isOld ?? false,
        blocks: network.blocks,
        note: shown?.isOld ? 'measuring…' : momentOf(network),
        definition: definitionOf(network),
        badge: badgeOf(this.run.checks[i], this.run.series[i], this.started!.settings),
      }
    }),
  )

  /** One draw of each noise in the place of dy/dx, and what would have it as its slope in the place of y. */
  readonly noises = $derived.by(() => {
    const { started } = this
    if (!started) return []
    const { points, range } = started.settings
    const step = (range[1] - range[0]) / (points - 1)
    const white = whiteNoise(points, started.experiment.seed, 0)
    const sums = (values: Float64Array, by: number) => {
      let sum = 0
      return values.map((value) => (sum += by * value))
    }
    const brown = sums(white, 1)
    return NOISE_KINDS.map((kind) => {
      const values = kind === 'white' ? white : brown
      const { name, colour } = NOISES[kind]
      const multiple: Multiple = {
        name,
        colour,
        x: started.x,
        y: [...sums(values, step)],
        slope: [...values],
        labels: ['running sum', kind === 'white' ? 'white noise' : 'brown noise'],
      }
      const definition =
        kind === 'white'
          ? 'Independent standard normal values: a derivative that tells nothing of the next point’s.'
          : 'Running sums of white noise: neighbouring values are alike.'
      return { id: kind, name, look: noiseLook(kind), multiple, definition }
    })
  })

  /** Beside the title: where the pointer is. */
  readonly curvesNote = $derived(
    this.hovered !== null && this.started
      ? `${CURVES_NOTE}; x = ${formatNumber(this.started.x[this.hovered])}`
      : CURVES_NOTE,
  )

  // ---- Autocorrelation ----------------------------------------------------------------------------------------------

  readonly overlays = $derived.by(() =>
    // Runs of the library are of drawn networks, and their lags of another line.
    this.trained.chosen
      ? []
      : this.lab.overlays.curves(curveKey('autocorrelation', 'lag'), this.run.keeping.run),
  )

  readonly #curves = $derived.by((): LineSeries[] => {
    const { started, networks, palette, focus } = this
    if (!started) return []
    const looked = focus !== null
    const measured = networks.flatMap((network, i): LineSeries[] => {
      const shown = this.run.shown(i)
      if (!shown) return []
      const { acf } = shown.series
      const id = networkId(network)
      const look = networkLook(network, networks, palette)
      const isBehind = shown.isOld || (looked && focus !== id)
      const points = acf.mean.map((y, lag) =>
        isBehind ? { x: lag, y } : { x: lag, y, low: acf.low[lag], high: acf.high[lag] },
      )
      const appearance = isBehind ? faded(look, palette) : look
      return [{ id, label: networkName(network, networks), appearance, points }]
    })
    const references = noiseLines(started.references, (kind) =>
      looked && focus !== kind ? faded(noiseLook(kind), palette) : noiseLook(kind),
    )
    return [...references, ...this.overlays.map((one) => overlayLine(one)), ...measured]
  })

  readonly #lags = $derived.by(() => {
    const settings = this.started?.settings
    return settings ? (settings.lags ?? Math.min(SHOWN_LAGS, lastLag(settings))) : SHOWN_LAGS
  })

  readonly acf = $derived<LineChartModel>({
    series: this.#curves,
    xLabel: this.started
      ? `lag (points; 1 point is ${formatNumber(this.started.x[1] - this.started.x[0], 2)} in x)`
      : 'lag (points)',
    yLabel: 'autocorrelation',
    x: { min: 0, max: this.#lags },
    y: { min: this.#lags > SHOWN_LAGS ? -0.55 : -0.35, max: 1.02 },
    palette: this.palette,
  })

  // ---- Words --------------------------------------------------------------------------------------------------------

  readonly finding = $derived.by(() => {
    const { started, run } = this
    if (!started || !this.hasMeasured) return ''
    const { references, x, settings } = started
    if (run.drawn) return trainedAcfFinding({ series: run.measured, references, x })
    return acfFinding({ series: run.measured, references, x, center: settings.center })
  })
  readonly correlation = $derived(correlationFinding(this.run.measured))

  readonly acfDefinition = $derived(
    `With d_i = dy/dx at point i less its mean over the line: Σ d_i d_(i+lag) / Σ d_i², of each network; line: ` +
      `mean over n = ${this.replicas} networks, band: 5th to 95th percentile. Dashed: the mean of 200 draws of ` +
      `white and of brown noise.`,
  )
  readonly correlationDefinition = $derived(
    `For ${this.experiment.batch} independent normal vectors as h_0: the mean inner product of two inputs’ ` +
      `gradients dy/dh_0, over the mean of their squared length; mean over n = ${this.replicas} networks, in ` +
      `brackets 5th to 95th percentile. Limit: width and batch to infinity. It is measured on independent ` +
      `inputs, since all points of a line are collinear at h_0.`,
  )

  readonly curvesDefinition = $derived.by(
    () =>
      this.trained.words?.definition ??
      'y(x) of a network of one input, and its exact derivative dy/dx, at points of a line. ' +
        'Each picture has its own scale; all share the x axis.',
  )
  readonly curvesTitle = $derived.by(
    () => `Along the line${this.trained.words ? ` ${this.trained.words.where}` : ''}`,
  )

  readonly explanation = $derived.by(() => {
    if (this.trained.words) return this.trained.words.explanation
    const centring =
      this.settings.center === 'on'
        ? 'Centring on: each ReLU’s input has mean 0 over the line (unit by unit), so that every unit bends ' +
          'the curve at a place of its own. Batch norm does so too.'
        : 'Centring off: without biases every ReLU bends at x = 0: two straight lines at any depth, and ' +
          'nothing shatters. Batch norm centres by itself.'
    return `${centring}${this.document.network ? ' The network’s stages are left aside.' : ''}`
  })

  readonly chartRun = $derived.by(() => chartRun(this.lab, this.run.keeping))

  /** For the cards: whether what they draw answers older settings. */
  readonly outdated = $derived.by((): ChartUpdate | null =>
    this.isOld
      ? {
          onupdate: () => this.start(),
          seconds: this.run.secondsFor(this.document),
          disabled: !this.isConnected,
        }
      : null,
  )

  /** In place of the pictures; null where there is something to draw. */
  readonly missing = $derived.by((): ChartState | null => {
    if (this.cards.length) return null
    const { measurement } = this.run
    if (measurement.isRunning) {
      const { progress } = measurement
      return { kind: 'waiting', text: 'Measuring…', progress: progress && progress.done / progress.total }
    }
    const onretry = this.isConnected ? () => this.start() : undefined
    if (measurement.status === 'interrupted')
      return { kind: 'interrupted', text: 'Nothing was measured.', onretry }
    if (measurement.error)
      return { kind: 'failed', text: 'Nothing was measured.', hint: measurement.error.message, onretry }
    if (!this.isConnected) return { kind: 'waiting', text: 'Connecting to the laboratory…' }
    return { kind: 'empty', text: 'Nothing measured yet: press Measure.' }
  })

  // ---- As a command ------------------------------------------------------------------------------------------------

  readonly command = $derived.by(() => this.trained.command ?? shatterCommand(this.document, this.settings))

  copyCommand(): void {
    const hasFile = !this.trained.chosen && hasDrawnBlock(this.document)
    void this.lab.export.command(this.command, undefined, hasFile)
  }
}

/** What tells a network from one of the same name; the experiment’s own networks all have its depth. */
function momentOf({ reference, blocks, step }: ShatterNetwork): string {
  if (reference) return `L = ${blocks}`
  return typeof step === 'number' ? `step ${step}` : ''
}

function definitionOf({ blockTitle, skip, blocks, note }: ShatterNetwork): string {
  const count = `${blocks} ${blocks === 1 ? 'block' : 'blocks'}`
  const what = `${blockTitle}, ${skip === 'on' ? 'with' : 'without'} skip connection, ${count}.`
  return note ? `${what} ${note}` : what
}
