import { toCsv } from '../base/csv'
import { wordsOf, type Figure } from './figure'
import { DEFAULT_LOOK, figureDrawing, type FigureLook } from './layout'
import { svgText } from './svg'

/**
 * The figure as the text of an SVG file: real text in DejaVu Sans (or Verdana), the same bytes for the same figure.
 * @param look theme, size, and whether words stand around the chart; what is left out is light, a column, with words
 * @param id before the ids in the file: where several figures stand in one page, each needs its own
 */
export function svgOf(figure: Figure, look: Partial<FigureLook> = {}, id = figure.id): string {
  return svgText(figureDrawing(figure, { ...DEFAULT_LOOK, ...look }), { id, ...wordsOf(figure) })
}

/** The figure's numbers as CSV, below what they are of: one line of "# name: value" for each fact. */
export function csvOf(figure: Figure): string | null {
  if (!figure.data) return null
  const facts = [
    { name: 'figure', value: figure.title },
    { name: 'shows', value: figure.subtitle },
    ...figure.facts,
  ]
  const head = facts.map(({ name, value }) => `# ${name}: ${value.replace(/[\r\n]+/g, ' ')}\r\n`)
  return head.join('') + toCsv(figure.data.header, figure.data.rows)
}
