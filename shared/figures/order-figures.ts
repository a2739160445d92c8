import { appearanceOf } from '../charts/appearance'
import { SIGNED, axisRange, plot, type Curve, type Plotted } from '../charts/curves'
import { remedyTitle } from '../network/series-names'
import type { Summary } from '../numerics/statistics'
import { orderingTitle } from '../order/set'
import { fieldsOf, numbersIn, seriesIn } from '../runs/curves'
import { QUANTITIES } from '../signal/quantities'
import type { Quantity } from '../theory/series'
import type { FigureChoices } from './choices'
import type { Figure, LegendEntry } from './figure'
import { dataOfMultiples, mirroredContent } from './multiples'
import { belongingOf, type RunParts } from './parts'

const FORWARD = ['q', 'v', 'm'] as const

export const titleOfMultiples = (forward: Quantity): string =>
  `Orderings: ${QUANTITIES[forward].title.replace(/^Forward: /, '')} above, gradient p below, mirrored`

/** Of all multiples, each of which holds one ordering. */
export const legendOfMultiples = (remedies: readonly string[]): LegendEntry[] =>
  remedies.map((remedy) => ({
    ...{ label: remedyTitle(remedy), appearance: appearanceOf({ block: '', remedy }, ['']) },
    ...{ dashed: false, marked: true },
  }))

/** The orderings side by side on common axes: a forward quantity above, the gradient mirrored below. */
export function orderFigures(parts: RunParts, { axis: kind }: FigureChoices): Figure[] {
  const series = seriesIn(parts.run.result).filter((one) =>
    FORWARD.every((key) => numbersIn(fieldsOf(one[key]).mean)),
  )
  const blocks = [...new Set(series.map(({ block }) => String(block)))]
  if (blocks.length < 2) return []
  const remedies = [...new Set(series.map(({ remedy }) => String(remedy)))]
  const curveOf = (one: (typeof series)[number], quantity: Quantity): Curve => ({
    id: `${String(one.block)}/${String(one.remedy)}`,
    label: remedyTitle(String(one.remedy)),
    appearance: appearanceOf({ block: String(one.block), remedy: String(one.remedy) }, [String(one.block)]),
    summary: one[quantity] as Summary,
    theory: numbersIn(fieldsOf(one.theory)[quantity]),
    hidden: false,
  })
  const axisOf = (quantity: Quantity) => ({ kind, signed: SIGNED[quantity] })
  const rangeOf = (quantity: Quantity) =>
    axisRange(
      'run',
      series.map((one) => curveOf(one, quantity)),
      [],
      'mean',
      axisOf(quantity),
      0,
    )
  const depth = Math.max(1, ...series.map(({ q }) => (q as Summary).mean.length - 1))
  const legend = legendOfMultiples(remedies)
  return FORWARD.map((quantity): Figure => {
    const plotted = (own: typeof series, of: Quantity): Plotted[] =>
      own.map((one) => plot(curveOf(one, of), 'mean', axisOf(of), () => true))
    const multiples = blocks.map((block) => {
      const own = series.filter((one) => one.block === block)
      return {
        title: orderingTitle(String(own[0].blockTitle ?? block)),
        model: {
          ...{ forward: plotted(own, quantity), backward: plotted(own, 'p'), depth },
          ...{ forwardAxis: axisOf(quantity), backwardAxis: axisOf('p') },
          ...{ forwardRange: rangeOf(quantity), backwardRange: rangeOf('p') },
          ...{ stages: [], bands: true, theory: true },
        },
      }
    })
    return {
      id: `${quantity}-multiples`,
      title: titleOfMultiples(quantity),
      subtitle:
        `${quantity} = ${QUANTITIES[quantity].formula}; p = ${QUANTITIES.p.formula}; means over networks, bands ` +
        '5–95 %, all on common axes. Solid: measured, dashed: theory.',
      finding: '',
      content: mirroredContent(multiples, legend),
      ...belongingOf(parts),
      data: dataOfMultiples(
        multiples.map(({ title, model }) => ({ title, ...model })),
        quantity,
      ),
    }
  })
}
