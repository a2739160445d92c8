import { capital } from '../../../shared/base/format'
import { networkName } from '../../../shared/shatter/findings'
import { NOISES, NOISE_KINDS } from '../../../shared/shatter/noises'
import { dataOfPictures, picturesContent } from '../../../shared/figures/multiples'
import { offerFigure, type ChartOnScreen } from '../../state/chart-figure'
import { NOT_KEPT } from '../../state/keeping'
import type { Lab } from '../../state/lab.svelte'
import { CURVES_NOTE, type GradientsModel } from './gradients-model.svelte'
import type { LearnedModel } from './learned-model.svelte'

/** What leaves the page of gradients as files. */

const exported = ({ experiment }: GradientsModel, chart: string) => ({ view: 'shatter', chart, experiment })

function aboutOf({ started, trained }: GradientsModel): string {
  if (!started) return ''
  const { points, range, center, beta } = started.settings
  const scaled = beta === 1 ? '' : `, β = ${beta}`
  const line = `${points} points on [${range.join(', ')}]`
  const { width, seed } = started.experiment
  if (trained.words) return `trained networks of ${trained.name}, ${line} ${trained.words.where}`
  return `width ${width}, ${line}, centring ${center}${scaled}, seed ${seed}`
}

export function saveCurvesCsv(lab: Lab, model: GradientsModel): void {
  const rows = model.cards.flatMap(({ multiple, blocks }) =>
    multiple ? multiple.x.map((x, i) => [multiple.name, blocks, x, multiple.y[i], multiple.slope[i]]) : [],
  )
  lab.export.csv(exported(model, 'curves'), { header: ['network', 'blocks', 'x', 'y', 'slope'], rows })
}

export function saveAcfCsv(lab: Lab, model: GradientsModel): void {
  const bands = [
    ...model.run.measured.map((one) => ({
      name: networkName(one, model.networks),
      blocks: one.blocks,
      band: one.acf,
      n: model.replicas,
    })),
    ...NOISE_KINDS.map((kind) => ({
      name: NOISES[kind].name,
      blocks: null,
      band: model.started!.references[kind],
      n: 200,
    })),
  ]
  const header = ['network', 'blocks', 'lag', 'mean', 'low', 'high', 'n']
  const rows = bands.flatMap(({ name, blocks, band, n }) =>
    band.mean.map((mean, lag) => [name, blocks, lag, mean, band.low[lag], band.high[lag], n]),
  )
  lab.export.csv(exported(model, 'autocorrelation'), { header, rows })
}

export function saveCorrelationCsv(lab: Lab, model: GradientsModel): void {
  const header = ['network', 'blocks', 'mean', 'low', 'high', 'limit', 'n']
  const rows = model.run.measured.map((one) => [
    networkName(one, model.networks),
    one.blocks,
    one.correlation,
    one.correlationBand?.low ?? null,
    one.correlationBand?.high ?? null,
    one.theory,
    model.replicas,
  ])
  lab.export.csv(exported(model, 'correlation'), { header, rows })
}

export function saveLearnedCsv(lab: Lab, model: GradientsModel, { numbers }: LearnedModel): void {
  lab.export.csv(exported(model, 'gradient-correlation'), numbers)
}

export function offerLearned(lab: Lab, model: GradientsModel, learned: LearnedModel): void {
  offer(lab, model, 'gradient-correlation', {
    title: 'Gradient correlation',
    subtitle: `${learned.definition} Networks of ${model.trained.name}.`,
    finding: learned.finding,
    content: { kind: 'lines', model: { ...learned.overSteps, yLabel: 'gradient correlation' } },
    data: learned.numbers,
    sameAs: null,
  })
}

export function offerCurves(lab: Lab, model: GradientsModel): void {
  const shown = [...model.cards, ...model.noises].flatMap(({ multiple }) => (multiple ? [multiple] : []))
  offer(lab, model, 'curves', {
    title: model.trained.chosen ? model.curvesTitle : 'Networks of one input along a line',
    subtitle: `Y and dy/dx of the ${CURVES_NOTE}; ${aboutOf(model)}.`,
    content: picturesContent(shown),
    data: dataOfPictures(shown),
    sameAs: 'gradients',
  })
}

export const offerAcf = (lab: Lab, model: GradientsModel): void =>
  offer(lab, model, 'autocorrelation', {
    title: 'Autocorrelation of dy/dx',
    subtitle: `${model.acfDefinition} ${capital(aboutOf(model))}.`,
    content: { kind: 'lines', model: model.acf },
    sameAs: model.overlays.length ? null : 'autocorrelation',
  })

type Offered = Pick<ChartOnScreen, 'title' | 'subtitle' | 'content' | 'data' | 'sameAs'> & {
  /** Left out: what is said of the autocorrelation. */
  finding?: string
}

function offer(lab: Lab, model: GradientsModel, chart: string, own: Offered): void {
  const { finding, run, trained } = model
  offerFigure(lab, {
    ...{ finding, ...own, what: exported(model, chart) },
    // Trained networks are of a run of another kind, which has no such figures.
    of: { kind: 'shatter', keeping: trained.chosen ? NOT_KEPT : run.keeping },
  })
}
