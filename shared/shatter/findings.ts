import { remedyTitle, shortTitle } from '../network/series-names'
import { formatNumber, joinWords } from '../base/format'
import { halfLag } from '../numerics/autocorrelation'
import type { ShatterNetwork, ShatterSeries, Band } from './results'

type Named = Pick<
  ShatterNetwork,
  'reference' | 'block' | 'blockTitle' | 'remedy' | 'skip' | 'blocks' | 'step'
>

/** Tells networks apart: a reference, or one of the experiment's by block, skip and remedy, at its step. */
export const networkId = ({ reference, block, remedy, step }: Named) =>
  `${reference ?? `${block}/${remedy}`}${typeof step === 'number' ? ` at step ${step}` : ''}`

/** "Deep plain", "Residual", "Residual, batch norm, step 100", "Type 3": as short as the others beside it allow. */
export function networkName(network: Named, all: readonly Named[]): string {
  const { step } = network
  const isAtOne = all.every((other) => other.step === step)
  return `${untimedName(network, all)}${typeof step !== 'number' || isAtOne ? '' : `, step ${step}`}`
}

function untimedName(network: Named, all: readonly Named[]): string {
  const { reference, block, blockTitle, remedy, skip } = network
  if (reference) return reference[0].toUpperCase() + reference.slice(1)
  const first = all.find((other) => other.reference === null)!.block
  const kind = block === first ? (skip === 'on' ? 'Residual' : 'Plain') : shortTitle(blockTitle)
  return remedy === 'none' ? kind : `${kind}, ${remedyTitle(remedy)}`
}

interface Measured {
  series: readonly ShatterSeries[]
  references: { white: Band; brown: Band }
  x: readonly number[]
  /** Of drawn networks; null: they are trained, and measured as they are. */
  center: 'on' | 'off' | null
}

const DRAW_OTHERS = ' Lower the depth, or choose a remedy that keeps the signal in bounds.'

const lagWords = (lag: number) => `${lag} ${lag === 1 ? 'point' : 'points'}`

/** How far along the line dy/dx stays like itself. */
export function acfFinding({ series, references, x, center }: Measured): string {
  if (!series.length) return ''
  const found = series.map((one) => ({ name: networkName(one, series), lag: halfLag(one.acf.mean), one }))
  const known = found.filter(({ lag }) => lag === null || !Number.isNaN(lag))
  const sentences: string[] = []
  const alike = center === null ? [] : known.filter(({ one }) => isTwoLines(one.acf, x.length))
  const unnormalised = known.filter(({ one }) => !one.graph.nodes.some(({ op }) => /-norm$/.test(op)))
  if (center === 'off' && alike.length > 1 && unnormalised.every((one) => alike.includes(one))) {
    sentences.push(
      'Without centring nothing shatters: without a norm dy/dx is one step at any depth, and its ' +
        'autocorrelation always the same.',
    )
  }
  const rest = known.filter((one) => !alike.includes(one))
  const reached = rest.filter((one): one is typeof one & { lag: number } => one.lag !== null)
  if (reached.length) {
    const lags = [...new Set(reached.map(({ lag }) => lag))].sort((a, b) => a - b)
    const parts = lags.map((lag, i) => {
      const names = reached.filter((one) => one.lag === lag).map(({ name }) => name)
      return `${i === 0 ? lagWords(lag) : lag} (${names.join('; ')})`
    })
    sentences.push(
      `dy/dx has lost half of its likeness to itself after ${joinWords(parts)}; neighbouring points are ` +
        `${formatNumber(x[1] - x[0])} apart.`,
    )
    const [white, brown] = [halfLag(references.white.mean), halfLag(references.brown.mean)]
    if (white && brown) sentences.push(`White noise needs ${white}, brown noise ${brown}.`)
  }
  const far = rest.filter(({ lag }) => lag === null)
  if (far.length)
    sentences.push(`${joinWords(far.map(({ name }) => name))}: more than half at every lag shown.`)
  const lost = found.filter(({ lag }) => Number.isNaN(lag))
  if (lost.length) {
    sentences.push(
      `${joinWords(lost.map(({ name }) => name))}: no autocorrelation, since dy/dx does not vary or is not ` +
        `finite in float32.${center === null ? '' : DRAW_OTHERS}`,
    )
  }
  return sentences.join(' ')
}

/** A step of n points has 1 - 3 lag/n: what a network of two straight lines gives. */
function isTwoLines({ mean }: Band, points: number): boolean {
  const lags = [1, 2, 4].filter((lag) => lag < mean.length)
  return lags.every((lag) => Math.abs(mean[lag] - (1 - (3 * lag) / points)) < 0.004)
}

/** How alike the gradients at different inputs are, against theory. */
export function correlationFinding(series: readonly ShatterSeries[]): string {
  const known = series.filter(
    (one): one is ShatterSeries & { correlation: number } =>
      one.correlation !== null && Number.isFinite(one.correlation),
  )
  if (!known.length) {
    const isAlone = series.some(({ correlation }) => correlation === null)
    return isAlone ? 'A batch of one has no pair of inputs: give a batch of 2 or more.' : ''
  }
  const deep = known.filter(({ blocks }) => blocks === Math.max(...known.map((one) => one.blocks)))
  const [least, most] = [
    deep.reduce((a, b) => (a.correlation <= b.correlation ? a : b)),
    deep.reduce((a, b) => (a.correlation >= b.correlation ? a : b)),
  ]
  const name = (one: ShatterSeries) => networkName(one, series)
  const words = (one: ShatterSeries & { correlation: number }) =>
    `${formatNumber(one.correlation)}${one.theory === null ? '' : ` (limit ${formatNumber(one.theory)})`}`
  if (least === most) return `The gradients at two independent inputs correlate by ${words(least)}.`
  return (
    `At ${least.blocks} blocks the gradients at two independent inputs correlate by ${words(least)} in ` +
    `“${name(least)}” and by ${words(most)} in “${name(most)}”.`
  )
}
