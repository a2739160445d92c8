import type { Cell } from '../base/csv'
import { NEUTRAL } from '../charts/appearance'
import { SIGNED, type Curve } from '../charts/curves'
import { isWide, logRangeOf, rangeOf, type LineSeries } from '../charts/line-chart'
import { mix } from '../charts/palette'
import { isRegression } from '../data/description'
import { describedData } from '../data/data-sets'
import { lossUnit } from '../data/measures'
import { summarisePoint } from '../numerics/statistics'
import { fieldsOf, numbersIn, seriesIn } from '../runs/curves'
import type { RunDocument } from '../runs/run'
import { networksOf } from '../runs/summary'
import type { FindingSeries } from '../signal/findings'
import { QUANTITIES } from '../signal/quantities'
import type { Quantity } from '../theory/series'
import { BLOCK_QUANTITIES, isBlockQuantity, summaryOf, type BlockQuantity } from '../train/block-quantities'
import { blockFinding } from '../train/findings'
import type { FigureChoices } from './choices'
import { dataOfContent } from './content-data'
import { learnedGradientFigures } from './gradient-figures'
import type { Figure } from './figure'
import { MOST_NAMED, stepFinding } from './findings'
import { overBlocks } from './over-blocks'
import { belongingOf, type RunParts } from './parts'

/** Train and test beside each other as the networks learn, their gradients, and their blocks at one step. */
export const trainingFigures = (parts: RunParts, choices: FigureChoices): Figure[] => [
  ...learningFigures(parts, choices),
  ...learnedGradientFigures(parts, choices),
  ...blockFigures(parts, choices),
]

// ---- As they learn ------------------------------------------------------------------------------------------------

/** Of samples with classes, and of those with real targets; to be followed by "on …". */
const MEANINGS = {
  error: {
    classes: 'Share of wrong answers',
    real: 'Share of the targets’ variance that is left unexplained, 1 − R²,',
  },
  loss: { classes: 'Cross-entropy in nats', real: 'Mean squared error of the standardised targets' },
} as const

function learningFigures(parts: RunParts, { statistic }: FigureChoices): Figure[] {
  const { run, names, looks } = parts
  const isReal = isRegression(describedData(run.experiment))
  const n = networksOf(run.entry.kind, run.experiment)
  return (['error', 'loss'] as const).flatMap((metric): Figure[] => {
    const factor = metric === 'error' ? 100 : 1
    const rows: Cell[][] = []
    const series = seriesIn(run.result).flatMap(({ evaluations }, i) => {
      const { step, ...outcomes } = fieldsOf(evaluations)
      const steps = numbersIn(step)
      if (!steps || steps.length < 2) return []
      return (['test', 'train'] as const).flatMap((samples): LineSeries[] => {
        const values = fieldsOf(outcomes[samples])[metric]
        const each = Array.isArray(values) ? values.map(numbersIn) : []
        if (each.length !== steps.length || each.includes(null)) return []
        const points = steps.map((x, at) => {
          const { [statistic]: y, low, high } = summarisePoint(each[at]!)
          rows.push([names[i], samples, x, factor * y, factor * low, factor * high, each[at]!.length])
          return { x, y: factor * y, ...(n > 1 && { low: factor * low, high: factor * high }) }
        })
        const isTest = samples === 'test'
        const appearance = isTest ? looks[i] : { ...looks[i], colour: mix(looks[i].colour, NEUTRAL, 0.45) }
        return [
          { id: `${i} ${samples}`, label: `${names[i]}, ${samples}`, appearance, thin: !isTest, points },
        ]
      })
    })
    if (!series.length) return []
    const isLog = metric === 'loss' && isWide(series)
    const places = series.flatMap(({ points }) => points.map(({ x }) => x))
    const yLabel = metric === 'error' ? 'error (%)' : `loss (${lossUnit(isReal)})`
    const meaning = MEANINGS[metric][isReal ? 'real' : 'classes']
    const networks = n === 1 ? 'n = 1 network' : `${statistic} of n = ${n} networks, band of test 5–95 %`
    return [
      {
        id: metric,
        title: `${metric === 'error' ? 'Error' : 'Loss'}, train and test`,
        subtitle:
          `${meaning} on the evaluated samples, after so many updates; ${networks}. ` +
          'Test with marks, train thin.',
        finding: '',
        content: {
          kind: 'lines',
          model: {
            ...{ series, xLabel: 'step', yLabel, isLog },
            x: { min: Math.min(...places), max: Math.max(...places) },
            y: isLog ? logRangeOf(series) : rangeOf(series, { min: 0 }),
          },
        },
        ...belongingOf(parts),
        data: { header: ['name', 'samples', 'step', `${metric}, ${statistic}`, 'low', 'high', 'n'], rows },
      },
    ]
  })
}

// ---- Block by block, at a step ------------------------------------------------------------------------------------

const OVER_BLOCKS = ['q', 'v', 'm', 'p', 'gradientNorm', 'updateRatio'] as const

/** "q", "gradient-norm". */
export const figureIdOf = (quantity: Quantity | BlockQuantity): string =>
  quantity.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

type Frame = Parameters<typeof summaryOf>[0]

interface FrameOfRun {
  step: number
  series: readonly Frame[]
}

/** What a run keeps of its networks as they learned; none of other runs, or of what is not understood. */
const framesIn = (result: unknown): FrameOfRun[] => {
  const { frames } = fieldsOf(result)
  if (!Array.isArray(frames)) return []
  return frames.flatMap((frame): FrameOfRun[] => {
    const { step, series } = fieldsOf(frame)
    if (typeof step !== 'number' || !Array.isArray(series)) return []
    const isWhole = series.every((one) =>
      ['q', 'v', 'm', 'p', 'weightGradientNorm2', 'updateRatio'].every((key) =>
        numbersIn(fieldsOf(fieldsOf(one)[key]).mean),
      ),
    )
    return isWhole ? [{ step, series: series as Frame[] }] : []
  })
}

/** Updates after which a run has its networks block by block, ascending. */
export const stepsOf = ({ result }: Pick<RunDocument, 'result'>): number[] =>
  framesIn(result).map(({ step }) => step)

/** None where the run keeps nothing of the step that is asked for. */
function blockFigures(parts: RunParts, choices: FigureChoices): Figure[] {
  const { run, names, looks } = parts
  const frames = framesIn(run.result)
  const frame = choices.step === null ? frames.at(-1) : frames.find(({ step }) => step === choices.step)
  if (!frame) return []
  const headers = seriesIn(run.started)
  const n = networksOf(run.entry.kind, run.experiment)
  const { statistic } = choices
  return OVER_BLOCKS.map((quantity): Figure => {
    const isOwn = isBlockQuantity(quantity)
    const theoryOf = (i: number) => (isOwn ? null : numbersIn(fieldsOf(headers[i]?.theory)[quantity]))
    const curves = frame.series.map((one, i): Curve => ({
      ...{ id: String(i), label: names[i], appearance: looks[i], summary: summaryOf(one, quantity) },
      ...{ theory: theoryOf(i), hidden: false },
    }))
    const { title, formula, definition } = isOwn ? BLOCK_QUANTITIES[quantity] : QUANTITIES[quantity]
    const content = overBlocks(curves, {
      ...{ choices, hasBands: n > 1, isOfBlocks: isOwn },
      isSigned: !isOwn && SIGNED[quantity],
      ...{ isReversed: quantity === 'p', valueLabel: isOwn ? title.toLowerCase() : quantity },
    })
    const networks = n === 1 ? 'n = 1 network' : `${statistic} of n = ${n} networks, band 5–95 %`
    const hasTheory = curves.some(({ theory }) => theory)
    return {
      id: figureIdOf(quantity),
      title: `${title}, step ${frame.step}`,
      subtitle:
        `${isOwn ? `${formula}: ${definition}` : `${quantity} = ${formula}`}`.replace(/\.$/, '') +
        `; on a batch after ${frame.step} updates; ${networks}.` +
        (hasTheory ? ' Dashed: theory at initialisation.' : ''),
      finding: findingOf(quantity, curves, frame.step, { headers, choices, run, n }),
      content,
      ...belongingOf(parts),
      data: dataOfContent(content),
    }
  })
}

function findingOf(
  quantity: Quantity | BlockQuantity,
  curves: readonly Curve[],
  step: number,
  { headers, choices, run, n }: Told,
): string {
  const { statistic } = choices
  if (isBlockQuantity(quantity)) {
    const series = curves.map(({ label, summary }) => ({ name: label, values: summary[statistic].slice(1) }))
    return blockFinding(BLOCK_QUANTITIES[quantity].subject, series)
  }
  const series = curves.flatMap(({ label, summary, theory }, i) => {
    const header = headers[i] as unknown as FindingSeries | undefined
    return header?.graph ? [{ ...header, name: label, values: summary[statistic], theory }] : []
  })
  if (series.length > MOST_NAMED) return ''
  return stepFinding(series, quantity, step, { width: run.experiment.width, replicas: n, statistic })
}

interface Told {
  headers: ReturnType<typeof seriesIn>
  choices: FigureChoices
  run: RunDocument
  n: number
}
