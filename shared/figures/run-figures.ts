import type { Cell } from '../base/csv'
import { InputError, suggestion } from '../base/errors'
import { capitalWord } from '../base/format'
import type { Appearance } from '../charts/appearance'
import { SIGNED, type Curve } from '../charts/curves'
import { isWide, logRangeOf, rangeOf, type LineSeries } from '../charts/line-chart'
import { linesText } from '../charts/signal-chart-model'
import { curvesOf, fieldsOf, numbersIn, seriesIn, type RunCurve } from '../runs/curves'
import { AXIS_TITLES, CURVES, curveKey } from '../runs/metrics'
import { isTrainingKind, type RunDocument, type RunKind } from '../runs/run'
import { networksOf } from '../runs/summary'
import type { Experiment } from '../settings/experiment'
import { QUANTITIES } from '../signal/quantities'
import { signalFinding, type FindingSeries } from '../signal/findings'
import type { Quantity } from '../theory/series'
import { factsOf } from './facts'
import { depthFigures } from './depth-figures'
import { DEFAULT_CHOICES, type FigureChoices } from './choices'
import type { Figure, FigureContent } from './figure'
import { MOST_NAMED } from './findings'
import { looksOf, namesOf } from './networks'
import { overBlocks } from './over-blocks'
import { orderFigures } from './order-figures'
import { belongingOf, type RunParts } from './parts'
import { networksText, pathFigures, seriesOfRun } from './paths-figures'
import { breakFigures, gradientFigures, noiseSeries } from './shatter-figures'
import { trainingFigures } from './training-figures'

/**
 * The figures of a run, one for each quantity that it measured, in the order in which people look at them. The page and
 * the command line make them by this one function, so they are the same. `figureDrawing` lays one out in a theme and a
 * size, `svgOf` makes its file.
 * @param run as the library gives it; what it does not hold has no figure
 */
export function figuresOf(run: RunDocument, choices: FigureChoices = DEFAULT_CHOICES): Figure[] {
  const { entry, result } = run
  const experiment = askedExperiment(run)
  const parts: RunParts = {
    run,
    names: namesOf(result, experiment),
    looks: looksOf(result, experiment.skip),
    facts: factsOf({ kind: entry.kind, experiment, run: entry, version: entry.version }),
  }
  const own = OWN_FIGURES[entry.kind]?.(parts, choices) ?? []
  // Where a kind says more of a quantity than its curve, that is its figure.
  const isPlain = ({ id }: Figure) => !own.some((one) => one.id === id)
  // Paths are few numbers: bars say them, not lines.
  const curves = (
    entry.kind === 'paths' ? [] : curveFigures(parts, networksOf(entry.kind, experiment), choices)
  ).filter(isPlain)
  // What shows several curves at once comes before them.
  const whole = own.filter(({ id }) => curves.some(({ within }) => within === id))
  return [...whole, ...curves, ...own.filter((one) => !whole.includes(one))]
}

/** What a kind of runs has besides its curves. */
const OWN_FIGURES: Partial<Record<RunKind, (parts: RunParts, choices: FigureChoices) => Figure[]>> = {
  order: orderFigures,
  shatter: gradientFigures,
  regions: breakFigures,
  train: trainingFigures,
  depth: depthFigures,
  paths: (parts) =>
    pathFigures(seriesOfRun(parts), {
      ...belongingOf(parts),
      networks: networksText(askedExperiment(parts.run).replicas),
    }),
}

/** Of paths that a page has measured, the networks that it asked about: fewer and narrower than the experiment's. */
function askedExperiment({ entry, started, experiment }: RunDocument): Experiment {
  const asked = entry.kind === 'paths' && fieldsOf(fieldsOf(started).request).experiment
  return asked ? (asked as Experiment) : experiment
}

/** One for each quantity that was measured along an axis. */
function curveFigures(parts: RunParts, n: number, choices: FigureChoices): Figure[] {
  const { run, names, looks } = parts
  const { entry, result } = run
  const curves = curvesOf(entry.kind, result, n)
    .filter(({ x }) => x.length > 1)
    .map((one) => ({ ...one, name: names[one.series] }))
  return CURVES.flatMap(({ key, title, definition, axis }): Figure[] => {
    const own = curves.filter((one) => curveKey(one.quantity, one.axis) === key)
    if (!own.length) return []
    const { quantity } = own[0]
    const hasTheoryBands = isSignal(quantity) && theoryBandsOf(result, quantity).some(Boolean)
    const drawn = isSignal(quantity)
      ? signalContent(run, own, looks, quantity, choices)
      : lineContent(run, own, looks, AXIS_TITLES[axis], choices)
    return [
      {
        id: idOf(quantity, axis),
        title: isSignal(quantity) ? QUANTITIES[quantity].title : capitalWord(title),
        subtitle: subtitleOf(quantity, definition, own, choices, hasTheoryBands),
        finding: isSignal(quantity) ? findingOf(parts, quantity, n, choices) : '',
        content: drawn,
        ...belongingOf(parts),
        ...(entry.kind === 'train' && /^(test|train) (error|loss)$/.test(quantity)
          ? { within: quantity.split(' ')[1] }
          : {}),
        data: dataOf(own, isSignal(quantity) ? theoriesOf(result, quantity) : []),
      },
    ]
  })
}

/**
 * One of a run's figures; null asks for the first.
 * @throws InputError for one that the run does not have
 */
export function figureNamed(figures: readonly Figure[], chart: string | null, run: string): Figure {
  const names = figures.map(({ id }) => id)
  const figure = chart === null ? figures.at(0) : figures.find(({ id }) => id === chart)
  if (figure) return figure
  const none = `${run} holds no curves of which a figure could be made`
  if (!names.length) throw new InputError('--run', none, 'Give a run that has measured something.')
  const hint = suggestion(chart, names, `Choose ${names.join(', ')}.`)
  throw new InputError('--chart', `${run} has no chart "${chart}"`, hint)
}

/** "test-error", "best-test-error", "q": of the quantity alone, but where two axes have it. */
function idOf(quantity: string, axis: string): string {
  const name = quantity === 'weightGradientNorm2' ? 'weight-gradient' : quantity.replaceAll(' ', '-')
  return axis === 'depth' && quantity !== 'p0' ? `${name}-by-depth` : name
}

const isSignal = (quantity: string): quantity is Quantity => Object.hasOwn(QUANTITIES, quantity)

function subtitleOf(
  quantity: string,
  definition: string,
  [first]: readonly RunCurve[],
  { statistic }: FigureChoices,
  hasTheoryBands: boolean,
): string {
  const what = isSignal(quantity)
    ? `${quantity} = ${QUANTITIES[quantity].formula}`
    : definition.replace(/\.$/, '')
  // All networks of a run learn at one rate.
  if (quantity === 'learning rate') return `${what}.`
  if (first.n === 1) return `${what}; n = 1 network.`
  const middle = first.median ? statistic : 'mean'
  const band = first.low && first.high ? ', band 5–95 %' : ''
  const lines = isSignal(quantity) ? ` ${linesText(hasTheoryBands)}` : ''
  return `${what}; ${middle} of n = ${first.n} networks${band}.${lines}`
}

// ---- Over blocks, against theory ----------------------------------------------------------------------------------

/** Of each series of the result; null where theory has no answer. */
const theoriesOf = (result: unknown, quantity: Quantity): (number[] | null)[] =>
  seriesIn(result).map(({ theory }) => numbersIn(fieldsOf(theory)[quantity]))

/** Of single networks of the run's width; null where theory does not say it. */
const theoryBandsOf = (result: unknown, quantity: Quantity): Curve['theoryBand'][] =>
  seriesIn(result).map(({ theory }) => {
    const { low, high } = fieldsOf(fieldsOf(fieldsOf(theory).finiteWidth)[quantity])
    const [from, to] = [numbersIn(low), numbersIn(high)]
    return from && to && { low: from, high: to }
  })

function signalContent(
  { experiment, result }: RunDocument,
  own: readonly RunCurve[],
  looks: readonly Appearance[],
  quantity: Quantity,
  choices: FigureChoices,
): FigureContent {
  const theories = theoriesOf(result, quantity)
  const bands = theoryBandsOf(result, quantity)
  const curves = own.map(({ series, name, mean, median, low, high }): Curve => {
    const summary = { mean, median: median ?? mean, low: low ?? mean, high: high ?? mean }
    return {
      ...{ id: String(series), label: name, appearance: looks[series], summary },
      ...{ theory: theories[series] ?? null, theoryBand: bands[series], hidden: false },
    }
  })
  return overBlocks(curves, {
    ...{ isSigned: SIGNED[quantity], isReversed: quantity === 'p', valueLabel: quantity },
    ...{ choices, hasBands: experiment.replicas > 1 },
  })
}

function findingOf(
  { run: { entry, experiment, result }, names }: RunParts,
  quantity: Quantity,
  replicas: number,
  { statistic }: FigureChoices,
): string {
  // Orderings keep no graphs, on which findings stand.
  if (entry.kind !== 'signal') return ''
  const series = seriesIn(result).flatMap((one, i): FindingSeries[] => {
    const values = numbersIn(fieldsOf(one[quantity])[statistic])
    const theory = numbersIn(fieldsOf(one.theory)[quantity])
    return values ? [{ ...(one as unknown as FindingSeries), name: names[i], values, theory }] : []
  })
  // More would not all be said.
  if (series.length > MOST_NAMED) return ''
  return signalFinding(series, quantity, { width: experiment.width, replicas, statistic })
}

/** Of value axes, where the quantity is no word. */
const LABELS: Readonly<Record<string, string>> = {
  weightGradientNorm2: 'weight gradient norm²',
  p0: 'p at the input',
}

// ---- Everything else ----------------------------------------------------------------------------------------------

function lineContent(
  { entry, result }: RunDocument,
  own: readonly RunCurve[],
  looks: readonly Appearance[],
  xLabel: string,
  { statistic }: FigureChoices,
): FigureContent {
  const measured = own.map(({ series, name, x, mean, median, low, high }): LineSeries => {
    const values = (statistic === 'median' && median) || mean
    const points = x.map((place, i) => ({
      ...{ x: place, y: values[i] },
      ...(low && high ? { low: low[i], high: high[i] } : {}),
    }))
    return { id: String(series), label: name, appearance: looks[series], points }
  })
  const lines = own[0].quantity === 'autocorrelation' ? [...measured, ...noiseSeries(result)] : measured
  const values = lines.flatMap(({ points }) => points.map(({ y }) => y)).filter(Number.isFinite)
  const isLog = isWide(lines)
  const places = lines.flatMap(({ points }) => points.map(({ x }) => x))
  const isFromZero = isTrainingKind(entry.kind) && !isLog && Math.min(...values) >= 0
  return {
    kind: 'lines',
    model: {
      series: lines,
      ...{ xLabel, yLabel: LABELS[own[0].quantity] ?? own[0].quantity, isLog },
      x: { min: Math.min(...places), max: Math.max(...places) },
      y: isLog ? logRangeOf(lines) : rangeOf(lines, isFromZero ? { min: 0 } : {}),
    },
  }
}

// ---- Data -----------------------------------------------------------------------------------------------

function dataOf(own: readonly RunCurve[], theories: readonly (readonly number[] | null)[]): Figure['data'] {
  const hasTheory = theories.some((one) => one !== null)
  const header = ['name', 'quantity', own[0].axis, 'mean', 'median', 'low', 'high', 'n']
  const rows = own.flatMap(({ series, name, quantity, x, mean, median, low, high, n }) =>
    x.map((place, i): Cell[] => [
      ...[name, quantity, place, mean[i], median?.[i] ?? null, low?.[i] ?? null, high?.[i] ?? null, n],
      ...(hasTheory ? [theories[series]?.[i] ?? null] : []),
    ]),
  )
  return { header: hasTheory ? [...header, 'theory'] : header, rows }
}
