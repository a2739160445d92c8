import { describedData } from '../../../shared/data/data-sets'
import { lesionCommand, lesionNeedsFile } from '../../../shared/lesion/command'
import {
  cosineRemarks,
  distinct,
  eachCurves,
  eachFinding,
  errorFinding,
  randomCurves,
  randomFinding,
  type LesionCurve,
  type LesionMeasure,
} from '../../../shared/lesion/findings'
import { curveKey } from '../../../shared/runs/metrics'
import type { LesionResult } from '../../../shared/lesion/results'
import type { LesionSettings } from '../../../shared/settings/lesion'
import { seriesTitle } from '../../../shared/network/series-names'
import { appearanceOf, blocksOf, type Appearance } from '../../../shared/charts/appearance'
import { rangeOf, type LineChartModel, type LineSeries } from '../../../shared/charts/line-chart'
import { DARK, LIGHT } from '../../charts/palette'
import type { ChartState, ChartUpdate } from '../../components/ChartCard.svelte'
import { offerFigure } from '../../state/chart-figure'
import { chartRun } from '../../state/chart-run'
import { overlayLine, type OverlaidCurve } from '../../state/overlays.svelte'
import type { Lab } from '../../state/lab.svelte'
import { LesionRun, lesionSettings, surveyJobs, type Chart, type Side } from '../../state/lesion-run.svelte'
import { EACH_TITLES, MEASURES, SIDE_TITLES } from './words'

export const SIDES: readonly Side[] = ['residual', 'plain']

/** What the Lesions view draws and says of the lab's lesions, residual next to plain networks. */
export class LesionModel {
  /** What is drawn of trained networks; untrained ones have only directions. */
  chosenMeasure = $state<LesionMeasure>('error')
  /** Curves that the legend hides, by id. */
  hidden = $state.raw<readonly string[]>([])

  constructor(private readonly lab: Lab) {}

  readonly run = $derived.by(() => this.lab.stateOf(LesionRun))
  readonly document = $derived.by(() => this.lab.experiment.document)
  /** As the controls have them. */
  readonly settings = $derived(lesionSettings(this.document))
  /** What was found of trained networks says nothing of untrained ones, nor the other way round: it is not drawn. */
  readonly #isOfOthers = $derived(
    this.run.settings !== null && this.run.settings.training !== this.settings.training,
  )
  /** Settings of what is drawn; before anything is, of the controls. */
  readonly shown = $derived((this.#isOfOthers ? null : this.run.settings) ?? this.settings)
  readonly networks = $derived(
    (this.#isOfOthers ? 0 : this.run.networks) ||
      (this.shown.training ? this.document.trainReplicas : this.settings.replicas),
  )
  readonly measure = $derived<LesionMeasure>(this.shown.training ? this.chosenMeasure : 'cosine')
  readonly isStale = $derived(this.run.isStale(this.document))
  readonly #palette = $derived.by(() => (this.lab.theme.isDark ? DARK : LIGHT))

  readonly isConnected = $derived.by(() => this.lab.link === 'open')
  /** For the cards: whether what they draw answers older settings. */
  readonly outdated = $derived.by((): ChartUpdate | null =>
    this.isStale && !this.run.survey.isRunning
      ? {
          onupdate: () => this.start(),
          seconds: this.run.secondsFor(this.document),
          disabled: !this.isConnected,
        }
      : null,
  )

  /** The runs of both sides. */
  readonly chartRun = $derived.by(() => chartRun(this.lab, ...SIDES.map((side) => this.run.keeping(side))))

  resultOf(side: Side): LesionResult | null {
    return this.#isOfOthers ? null : this.run.result(side)
  }

  start(): void {
    void this.run.start(this.lab.experiment.document)
  }

  /** Both sides, one after the other. */
  async queue(): Promise<void> {
    for (const job of surveyJobs(this.lab.experiment.document))
      if (!(await this.lab.queue.addJob(job))) return
  }

  /** @throws InputError where the value is none */
  set<K extends keyof LesionSettings>(key: K, value: unknown): void {
    this.lab.experiment.setSection('lesion', { ...this.settings, [key]: value } as LesionSettings)
  }

  // ---- Curves -------------------------------------------------------------------------------------------

  readonly curves = $derived.by(() => {
    const of = (side: Side, chart: Chart): LesionCurve[] => {
      const result = this.resultOf(side)
      if (!result) return []
      return distinct(
        chart === 'each' ? eachCurves(result, this.measure) : randomCurves(result, this.measure),
      )
    }
    return {
      each: { residual: of('residual', 'each'), plain: of('plain', 'each') },
      random: { residual: of('residual', 'random'), plain: of('plain', 'random') },
    }
  })
  readonly #blocks = $derived(
    blocksOf([...this.curves.each.residual, ...this.curves.each.plain].map(({ series }) => series)),
  )

  lookOf({ series }: LesionCurve): Appearance {
    return appearanceOf(series, this.#blocks)
  }

  toggle(id: string): void {
    this.hidden = this.hidden.includes(id) ? this.hidden.filter((one) => one !== id) : [...this.hidden, id]
  }

  #linesOf(list: readonly LesionCurve[], chart: Chart): LineSeries[] {
    return list
      .filter((curve) => !this.hidden.includes(idOf(curve)))
      .map((curve) => ({
        id: idOf(curve),
        label: nameOf(curve),
        appearance: this.lookOf(curve),
        points: [
          // Nothing deleted is the intact network; one that is not finite has no point.
          ...(chart === 'random' && curve.points.some(({ mean }) => Number.isFinite(mean))
            ? [{ x: 0, y: curve.intact, low: curve.intact, high: curve.intact }]
            : []),
          ...curve.points.map(({ x, mean, low, high }) => ({ x, y: mean, low, high })),
        ],
      }))
  }

  /** The same quantity of pinned runs, thin. */
  #overlaid(chart: Chart, side: Side): LineSeries[] {
    return this.overlaysOf(chart, side).map((one) => overlayLine(one))
  }

  /** Random deletions are no curve that runs are read by. */
  overlaysOf(chart: Chart, side: Side): OverlaidCurve[] {
    if (chart === 'random') return []
    const metric = curveKey(this.measure, 'block')
    const isOfSide = ({ settings }: OverlaidCurve['series']) =>
      (settings.skip === 'off') === (side === 'plain')
    return this.lab.overlays
      .curves(metric, this.run.keeping(side).run)
      .filter(({ series }) => isOfSide(series))
  }

  /** Of both sides, for the legend. */
  readonly overlays = $derived.by(() => SIDES.flatMap((side) => this.overlaysOf('each', side)))

  /** Curves without a single number: they are named, not dropped. */
  notFinite(side: Side): string[] {
    return this.curves.each[side]
      .filter(({ points }) => points.length > 0 && points.every(({ mean }) => !Number.isFinite(mean)))
      .map(nameOf)
  }

  readonly models = $derived({ each: this.#pair('each'), random: this.#pair('random') })

  /** Both sides have one scale: they are there to be held against each other. */
  #pair(chart: Chart): Record<Side, LineChartModel> {
    const sides = this.curves[chart]
    const [residual, plain] = SIDES.map((side) => [
      ...this.#linesOf(sides[side], chart),
      ...this.#overlaid(chart, side),
    ])
    const y = rangeOf([...residual, ...plain], this.measure === 'cosine' ? { max: 1.02 } : { min: 0 })
    const model = (series: LineSeries[]): LineChartModel => ({
      series,
      xLabel: chart === 'each' ? 'block k' : 'blocks deleted',
      yLabel: MEASURES.find(({ value }) => value === this.measure)!.label,
      x: {
        min: chart === 'each' ? 0.5 : 0,
        max: Math.max(1.5, this.run.depth + (chart === 'each' ? 0.5 : 0)),
      },
      y: { min: Math.min(0, y.min), max: y.max },
      palette: this.#palette,
    })
    return { residual: model(residual), plain: model(plain) }
  }

  /** In place of one side's picture; null where there is something to draw. */
  missing(chart: Chart, side: Side): ChartState | null {
    if (this.curves[chart][side].some(({ points }) => points.length)) return null
    const { survey } = this.run
    if (survey.isRunning) {
      const { progress } = survey
      return { kind: 'waiting', text: 'Measuring…', progress: progress && progress.done / progress.total }
    }
    if (survey.error) {
      const onretry = this.isConnected ? () => this.start() : undefined
      if (survey.status === 'interrupted')
        return { kind: 'interrupted', text: 'Nothing was measured.', onretry }
      return { kind: 'failed', text: 'Nothing was measured.', hint: survey.error.message, onretry }
    }
    if (SIDES.some((one) => this.resultOf(one)?.finished === false))
      return { kind: 'interrupted', text: 'Stopped before this was measured.' }
    const hasOthers = SIDES.some((one) => this.resultOf(one) !== null)
    if (hasOthers)
      return { kind: 'empty', text: 'Not part of the run shown. Measure does all four pictures.' }
    return {
      kind: 'empty',
      text: this.settings.training
        ? 'Press Measure: the networks are trained first, which takes a while.'
        : this.#isOfOthers
          ? 'Press Measure: what was found is of trained networks.'
          : 'Nothing to draw yet.',
    }
  }

  // ---- Words --------------------------------------------------------------------------------------------

  readonly findings = $derived.by((): Record<Chart, string> => {
    const { residual, plain } = this.curves.each
    if (this.measure === 'cosine')
      return {
        each: eachFinding(residual, plain, this.shown.kind),
        random: randomFinding(this.curves.random.residual, this.run.depth),
      }
    const isTraining = this.measure.startsWith('train')
    const [errors, plainErrors] = SIDES.map((side) => {
      const result = this.resultOf(side)
      return result ? distinct(eachCurves(result, isTraining ? 'train error' : 'error')) : []
    })
    return { each: errorFinding(errors, plainErrors, isTraining ? 'training' : 'test'), random: '' }
  })

  titleOf(chart: Chart): string {
    return chart === 'random' ? 'Random deletions' : EACH_TITLES[this.shown.kind]
  }

  /** What is drawn, of how many networks. */
  noteOf(chart: Chart): string {
    const what =
      this.measure === 'cosine'
        ? `cosine of ${this.shown.training ? 'outputs' : 'h_L'}, changed against intact`
        : MEASURES.find(({ value }) => value === this.measure)!.label
    return `${what}; n = ${this.networks}${chart === 'random' ? `, ${this.shown.draws} choices` : ''}`
  }

  /** What the networks shown were trained on. */
  get dataTitle(): string {
    return describedData(this.run.experiment ?? this.document).title
  }

  /** What norms over the batch take in the networks shown. */
  get statistics(): string {
    if (!this.shown.training) return 'Batch statistics are each network’s own.'
    const whose = this.shown.statistics === 'changed' ? 'the changed network’s own' : 'the intact network’s'
    return this.run.experiment?.batchStatistics === 'evaluated'
      ? `Batch statistics are ${whose}, over the samples that are evaluated.`
      : `Batch statistics are ${whose}, over the training samples.`
  }

  /** What must be known of the cosines that are drawn. */
  get remarks(): string[] {
    return cosineRemarks(
      SIDES.map((side) => ({
        series: this.resultOf(side)?.series ?? [],
        kind: side === 'plain' ? 'plain ' : '',
      })),
    )
  }

  definitionOf(chart: Chart): string {
    const drawn =
      this.measure === 'cosine'
        ? `Mean cosine between ${this.shown.training ? 'the outputs' : 'h_L'} of the intact and of ` +
          'the changed network, per sample, averaged over the batch'
        : MEASURES.find(({ value }) => value === this.measure)!.definition.replace(/\.$/, '')
    return chart === 'each'
      ? `${drawn}; line: mean over ${this.networks} networks, band: 5th to 95th percentile. ` +
          'A deleted block becomes the identity, in a plain network as in a residual one. ' +
          this.statistics
      : `${drawn}. For each number of blocks ${this.shown.draws} random choices: ` +
          `line: mean over the choices of the mean over ${this.networks} networks, band: smallest to largest choice.`
  }

  // ---- Exports ------------------------------------------------------------------------------------------

  #exported(chart: string) {
    return { view: 'lesions', chart, experiment: this.run.experiment ?? this.document }
  }

  saveCsv(chart: Chart): void {
    const place = chart === 'each' ? 'k' : 'deleted'
    const header = ['network', 'block', 'remedy', place, this.measure, 'low', 'high', 'intact', 'n']
    const rows = SIDES.flatMap((side) =>
      this.curves[chart][side].flatMap(({ series, points, intact }) =>
        points.map(({ x, mean, low, high }) => [
          ...[side, series.block, series.remedy],
          ...[x, mean, low, high, intact, this.networks],
        ]),
      ),
    )
    this.lab.export.csv(this.#exported(chart), { header, rows })
  }

  offerFigure(chart: Chart, side: Side): void {
    offerFigure(this.lab, {
      what: this.#exported(`${chart}-${side}`),
      title: `${this.titleOf(chart)}: ${SIDE_TITLES[side].toLowerCase()} network`,
      subtitle: this.definitionOf(chart),
      finding: this.findings[chart],
      content: { kind: 'lines', model: this.models[chart][side] },
      of: { kind: 'lesion', keeping: this.run.keeping(side) },
      // The run has its single lesions alone; a side is a run of its own.
      sameAs:
        chart === 'each' && !this.hidden.length && !this.overlays.length
          ? this.measure.replaceAll(' ', '-')
          : null,
    })
  }

  /** The residual networks' half of the picture; with `--skip off` the other. */
  readonly command = $derived(lesionCommand(this.document, this.settings))

  copyCommand(): void {
    const words = 'Copied the command line; with --skip off it measures the plain networks.'
    void this.lab.export.command(this.command, words, lesionNeedsFile(this.document, this.settings))
  }
}

export const idOf = ({ series }: LesionCurve) => `${series.block}/${series.remedy}`

export const nameOf = ({ series }: Pick<LesionCurve, 'series'>) => seriesTitle(series)
