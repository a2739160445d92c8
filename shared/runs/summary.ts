/** What the list says of a run, out of its experiment and its result: pure, and the same for every host. */
import { joinWords } from '../base/format'
import { depthSettings } from '../depth/cells'
import { presetNamed } from '../block/presets'
import { remedyTitle, shortTitle } from '../network/series-names'
import { orderExperiments } from '../order/set'
import type { DepthSettings } from '../settings/depth'
import type { Experiment } from '../settings/experiment'
import { defaultOrder } from '../settings/order'
import { SETTINGS } from '../settings/table'
import { REGION_NETWORKS } from '../shatter/regions'
import { curvesOf, fieldsOf, type RunCurve } from './curves'
import { isTrainingKind, type RunEntry, type RunFigure, type RunKind, type RunThumbnail } from './run'

/** What a summary is made from. */
export interface Summarised {
  kind: RunKind
  /** As it was run. */
  experiment: Experiment
  result: unknown
}

type Summary = Pick<RunEntry, 'title' | 'varied' | 'figures' | 'thumbnail' | 'settings' | 'steps'>

/** A run's title, figures and small picture. */
export function summaryOf({ kind, experiment, result }: Summarised): Summary {
  const curves = curvesOf(kind, result, networksOf(kind, experiment))
  const compared = comparedOf(kind, experiment)
  const depth = kind === 'depth' ? depthSettings(experiment) : null
  return {
    title: titleOf(compared, depth),
    varied: variedOf(compared, depth, kind === 'regions' ? 'both' : depth?.skip),
    figures: figuresOf(curves).slice(0, MOST_FIGURES),
    thumbnail: thumbnailOf(curves.filter(({ quantity }) => quantity === (SHOWN[kind] ?? curves[0].quantity))),
    settings: settingsOf(experiment),
    steps: stepsOf(kind, experiment, result),
  }
}

/** The networks that a kind of run looks at, as an experiment. */
export function comparedOf(kind: RunKind, experiment: Experiment): Experiment {
  if (kind === 'order') return orderExperiments(experiment, orderOf(experiment))[0]
  // They are looked at with their skip connections and without.
  return kind === 'regions' ? { ...experiment, skip: 'on' } : experiment
}

/** Networks of each series. */
export function networksOf(kind: RunKind, experiment: Experiment): number {
  const { replicas, trainReplicas } = experiment
  if (kind === 'regions') return REGION_NETWORKS
  if (kind === 'order') return replicas * orderOf(experiment).seeds
  return isTrainingKind(kind) ? trainReplicas : replicas
}

const orderOf = ({ order }: Experiment) => order ?? defaultOrder()

const MOST_FIGURES = 40
const MOST_NAMED = 4

const blocksOf = ({ block, compare }: Experiment): string[] => {
  const titles = [...block, ...compare].map((one) =>
    shortTitle((typeof one === 'string' ? presetNamed(one) : one).title),
  )
  return [...new Set(titles)]
}

/** "Type 2 and Practical". */
export function blockTitles(experiment: Experiment): string {
  const names = blocksOf(experiment)
  const more = names.length - MOST_NAMED
  return joinWords(more > 0 ? [...names.slice(0, MOST_NAMED), `${more} more`] : names)
}

/** "Type 2 and Practical, L = 20, width 100". */
export function titleOf(experiment: Experiment, depth: DepthSettings | null = null): string {
  const { skip } = depth ?? experiment
  const plain = skip === 'off' ? ', without skip connections' : ''
  const blocks = depth ? depth.depths.join(', ') : experiment.blocks
  return `${blockTitles(experiment)}, L = ${blocks}, width ${experiment.width}${plain}`
}

/** "block: Type 2, Practical; remedy: none, 1/√2"; empty where all series are alike. */
export function variedOf(
  experiment: Experiment,
  depth: DepthSettings | null = null,
  skip: DepthSettings['skip'] | undefined = depth?.skip,
): string {
  const blocks = blocksOf(experiment)
  const remedies = experiment.block.length ? experiment.remedies.map(remedyTitle) : []
  return [
    ...(depth && depth.depths.length > 1 ? [`depth: ${depth.depths.join(', ')}`] : []),
    ...(skip === 'both' ? ['skip connection: on, off'] : []),
    ...(blocks.length > 1 ? [`block: ${blocks.join(', ')}`] : []),
    ...(remedies.length > 1 ? [`remedy: ${remedies.join(', ')}`] : []),
  ].join('; ')
}

/** Lists as text, drawn blocks by their name. */
export function settingsOf(experiment: Experiment): Record<string, string | number> {
  return Object.fromEntries(
    SETTINGS.map(({ key }) => {
      const value: unknown = experiment[key]
      if (Array.isArray(value)) return [key, value.map(nameOf).join(',')]
      return [key, typeof value === 'number' ? value : String(value)]
    }),
  )
}

const nameOf = (one: unknown): string =>
  typeof one === 'object' && one !== null ? String((one as { name?: unknown }).name) : String(one)

/** Quantity by quantity, what each series has come to. */
function figuresOf(curves: readonly RunCurve[]): RunFigure[] {
  return Object.entries(FIGURES).flatMap(([quantity, placeIn]) =>
    curves
      .filter((curve) => curve.quantity === quantity)
      .map(({ name, axis, mean, low, high, x, n }) => {
        const i = placeIn(mean)
        const label = `${name}: ${quantity} at ${axis} ${x[i]}`
        return { label, value: mean[i], low: low?.[i] ?? null, high: high?.[i] ?? null, n }
      }),
  )
}

type PlaceIn = (values: readonly number[]) => number
const first: PlaceIn = () => 0
const last: PlaceIn = (values) => values.length - 1
const lowest: PlaceIn = (values) =>
  values.indexOf(Math.min(...values.filter((one) => !Number.isNaN(one)), Infinity))

/** Where along its axis a quantity says how a run came out: gradients go down to the first block. */
const FIGURES: Record<string, PlaceIn> = {
  'test error': last,
  'train error': last,
  'test loss': last,
  q: last,
  p: first,
  regions: last,
  autocorrelation: (values) => Math.min(1, values.length - 1),
  cosine: (values) => Math.max(0, lowest(values)),
  share: (values) => Math.max(0, values.indexOf(Math.max(...values))),
}

/** The quantity of the small picture; others show the first that they have. */
const SHOWN: Partial<Record<RunKind, string>> = { depth: 'train error' }

const MOST_POINTS = 60
/** Of all curves of a thumbnail: five thousand of them travel in one list. */
const ALL_POINTS = 120
const MOST_CURVES = 6

/** The first quantity's curves, thinned and rounded; null where there is none. */
export function thumbnailOf(curves: readonly RunCurve[]): RunThumbnail | null {
  const [first] = curves
  if (!first) return null
  const isAlike = ({ quantity, x }: RunCurve) =>
    quantity === first.quantity && x.length === first.x.length && x.every((one, i) => one === first.x[i])
  const shown = curves.filter(isAlike).slice(0, MOST_CURVES)
  const most = Math.min(MOST_POINTS, Math.max(2, Math.floor(ALL_POINTS / shown.length)))
  const places = thinned(first.x.length, most)
  return {
    x: places.map((i) => first.x[i]),
    curves: shown.map(({ name, mean }) => ({ name, y: places.map((i) => rounded(mean[i])) })),
  }
}

/** Equally far apart, both ends included. */
function thinned(length: number, most: number): number[] {
  if (length <= most) return Array.from({ length }, (_, i) => i)
  return Array.from({ length: most }, (_, i) => Math.round((i * (length - 1)) / (most - 1)))
}

const rounded = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(3)) : value)

function stepsOf(kind: RunKind, experiment: Experiment, result: unknown): RunEntry['steps'] {
  if (kind !== 'train') return null
  const { steps } = fieldsOf(result)
  return { done: typeof steps === 'number' ? steps : 0, planned: experiment.steps }
}
