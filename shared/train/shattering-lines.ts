import type { Appearance } from '../charts/appearance'
import type { LinePoint, LineSeries } from '../charts/line-chart'
import { summarisePoint } from '../numerics/statistics'
import type { LearnedGradients } from './shattering'

/** Gradients of a series with its look. */
export interface DrawnGradients extends LearnedGradients {
  id: string
  look: Appearance
}

/** How lines are drawn of networks: which middle, and whether with their spread. */
interface Drawing {
  statistic: 'mean' | 'median'
  bands: boolean
}

const point = (x: number, y: number, low: number, high: number, bands: boolean): LinePoint =>
  bands ? { x, y, low, high } : { x, y }

/** The gradient correlation over steps. */
export const correlationLines = (
  series: readonly DrawnGradients[],
  { statistic, bands }: Drawing,
): LineSeries[] =>
  series.map(({ id, name, look, measured }) => ({
    ...{ id, label: name, appearance: look },
    points: measured.map(({ step, correlation }) => {
      const { [statistic]: y, low, high } = summarisePoint(correlation)
      return point(step, y, low, high, bands && correlation.length > 1)
    }),
  }))

/** The autocorrelation at one lag over steps; its mean, which is all that is kept. */
export const lagLines = (series: readonly DrawnGradients[], lag: number, bands: boolean): LineSeries[] =>
  series.map(({ id, name, look, measured }) => ({
    ...{ id, label: name, appearance: look },
    points: measured.map(({ step, acf, correlation }) =>
      point(step, acf.mean[lag], acf.low[lag], acf.high[lag], bands && correlation.length > 1),
    ),
  }))

/**
 * The autocorrelation over lags, up to a step, and before that the first one that was measured, thin and pale.
 * @param pale the colour of what is drawn beside
 */
export const autocorrelationLines = (
  series: readonly DrawnGradients[],
  { step, bands, pale }: { step: number; bands: boolean; pale: (colour: string) => string },
): LineSeries[] =>
  series.flatMap(({ id, name, look, measured }) => {
    const now = measured.filter((one) => one.step <= step).at(-1)
    if (!now) return []
    const [first] = measured
    const line = ({ acf, correlation, step: at }: typeof now, isNow: boolean): LineSeries => ({
      id: `${id} ${isNow ? 'now' : 'first'}`,
      label: `${name}, step ${at}`,
      appearance: isNow ? look : { ...look, colour: pale(look.colour), width: 1.2 },
      thin: !isNow,
      points: acf.mean.map((y, lag) =>
        point(lag, y, acf.low[lag], acf.high[lag], isNow && bands && correlation.length > 1),
      ),
    })
    return [...(first === now ? [] : [line(first, false)]), line(now, true)]
  })
