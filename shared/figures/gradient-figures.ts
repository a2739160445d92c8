import { NEUTRAL } from '../charts/appearance'
import { rangeOf } from '../charts/line-chart'
import { mix } from '../charts/palette'
import { describedData } from '../data/data-sets'
import { isRegression } from '../data/description'
import { CORRELATION_MEANING } from '../data/measures'
import { fieldsOf, numbersIn, seriesIn } from '../runs/curves'
import { networksOf } from '../runs/summary'
import { noiseLines } from '../shatter/noises'
import { noiseReferences } from '../shatter/shatter'
import { learningShatter } from '../shatter/trained'
import { autocorrelationFinding, correlationFinding, type MeasuredGradients } from '../train/shattering'
import { autocorrelationLines, correlationLines, type DrawnGradients } from '../train/shattering-lines'
import type { FigureChoices } from './choices'
import { dataOfContent } from './content-data'
import type { Figure, FigureContent } from './figure'
import { belongingOf, type RunParts } from './parts'

/** Gradients of networks as they learned, where evaluations measured them: over steps, and over lags up to a step. */
export function learnedGradientFigures(parts: RunParts, { statistic, step }: FigureChoices): Figure[] {
  const { run, names, looks } = parts
  const series = seriesIn(run.result).map(({ evaluations }, i): DrawnGradients => ({
    ...{ id: String(i), name: names[i], look: looks[i], measured: measuredIn(evaluations) },
  }))
  const steps = series.flatMap(({ measured }) => measured.map((one) => one.step))
  if (!steps.length) return []
  const n = networksOf(run.entry.kind, run.experiment)
  const networks = n === 1 ? 'n = 1 network' : `n = ${n} networks, band 5–95 %`
  const last = Math.max(...steps)
  const upTo = step ?? last
  const output = isRegression(describedData(run.experiment)) ? 'the first output' : 'a logit'
  const settings = learningShatter()
  const noises = noisesOf(run.experiment.seed)
  const pale = (colour: string) => mix(colour, NEUTRAL, 0.45)
  const correlations = correlationLines(series, { statistic, bands: true })
  return [
    {
      ...{ id: 'gradient-correlation', title: 'Gradient correlation' },
      subtitle: `${CORRELATION_MEANING}, after so many updates; ${n === 1 ? '' : `${statistic} of `}${networks}.`,
      finding: correlationFinding(series, upTo),
      ...drawn(parts, {
        ...{ series: correlations, xLabel: 'step', yLabel: 'gradient correlation' },
        ...{ x: { min: Math.min(...steps), max: Math.max(last, 1) }, y: rangeOf(correlations) },
      }),
    },
    {
      ...{ id: 'autocorrelation', title: 'Autocorrelation of dy/dx' },
      subtitle:
        `Of ${output}’s derivative at ${settings.points} points from test sample 0 to 1; mean of ${networks}. Thin: ` +
        'the first measurement. Dashed: the mean of 200 draws of noise.',
      finding: autocorrelationFinding(series, noises.white.mean, upTo),
      ...drawn(parts, {
        series: [...noiseLines(noises), ...autocorrelationLines(series, { step: upTo, bands: true, pale })],
        ...{ xLabel: 'lag (points)', yLabel: 'autocorrelation' },
        ...{ x: { min: 0, max: settings.lags! }, y: { min: -0.55, max: 1.02 } },
      }),
    },
  ]
}

/** What noise gives, to digits that are the same wherever a figure is made: logarithms and sines differ in the last. */
function noisesOf(seed: number) {
  const { white, brown } = noiseReferences(learningShatter(), seed)
  const rounded = ({ mean }: typeof white) => ({ mean: mean.map((value) => Number(value.toPrecision(9))) })
  return { white: rounded(white), brown: rounded(brown) }
}

type Lines = Extract<FigureContent, { kind: 'lines' }>['model']

function drawn(
  parts: RunParts,
  model: Lines,
): Pick<Figure, 'content' | 'facts' | 'made' | 'version' | 'data'> {
  const content: FigureContent = { kind: 'lines', model }
  return { content, ...belongingOf(parts), data: dataOfContent(content) }
}

/** What evaluations say of gradients; what is not understood is left out. */
function measuredIn(evaluations: unknown): MeasuredGradients[] {
  const { step, shattering, train } = fieldsOf(evaluations)
  const steps = numbersIn(step)
  const errors = fieldsOf(train).error
  if (!steps || !Array.isArray(shattering) || !Array.isArray(errors)) return []
  return shattering.flatMap((one, i): MeasuredGradients[] => {
    const { correlation, acf } = fieldsOf(one)
    const [values, trainError] = [numbersIn(correlation), numbersIn(errors[i])]
    const [mean, low, high] = ['mean', 'low', 'high'].map((key) => numbersIn(fieldsOf(acf)[key]))
    if (!values || !trainError || !mean || !low || !high || steps[i] === undefined) return []
    return [{ step: steps[i], correlation: values, acf: { mean, low, high }, trainError }]
  })
}
