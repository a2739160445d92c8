import { CORRELATION_MEANING } from '../data/measures'
import type { DepthCell } from '../depth/results'
import { shatteringScatter } from '../depth/scatter'
import { SHATTERING_MOMENTS, shatteringFinding, shatteringPoints } from '../depth/shattering'
import { fieldsOf, numbersIn } from '../runs/curves'
import { dataOfContent } from './content-data'
import type { Figure, FigureContent } from './figure'
import { belongingOf, type RunParts } from './parts'

/** Shattered gradients of each network against its training error, before and after training, where measured. */
export function depthFigures(parts: RunParts): Figure[] {
  const { run, names, looks } = parts
  const cells = cellsIn(run.result)
  const shown = names.map((name, series) => ({ series, id: String(series), name, look: looks[series] }))
  return SHATTERING_MOMENTS.flatMap((moment): Figure[] => {
    if (!shatteringPoints({ cells }, moment).length) return []
    const content: FigureContent = { kind: 'lines', model: shatteringScatter(cells, shown, moment) }
    return [
      {
        ...{ id: `shattering-${moment}`, title: 'Shattered gradients' },
        subtitle:
          `${CORRELATION_MEANING}, ${moment === 'initial' ? 'before the first' : 'after the last'} step, against ` +
          'the training error after the last step; each mark is one network.',
        finding: shatteringFinding({ cells }),
        content,
        ...belongingOf(parts),
        data: dataOfContent(content),
      },
    ]
  })
}

/** Cells that say what the chart shows; of older runs, or what is not understood, none. */
function cellsIn(result: unknown): DepthCell[] {
  const { cells } = fieldsOf(result)
  if (!Array.isArray(cells)) return []
  return cells.filter((cell): cell is DepthCell => {
    const { series, depth, evaluations } = fieldsOf(cell)
    const { train, shattering } = fieldsOf(evaluations)
    const errors = fieldsOf(train).error
    const isWhole =
      typeof series === 'number' &&
      typeof depth === 'number' &&
      Array.isArray(errors) &&
      Array.isArray(shattering)
    return (
      isWhole &&
      errors.every((row) => numbersIn(row)) &&
      shattering.every((one) => one === null || numbersIn(fieldsOf(one).correlation))
    )
  })
}
