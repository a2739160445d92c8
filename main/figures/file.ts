import type { Drawing } from '../../shared/figures/drawing'
import { svgOf } from '../../shared/figures/files'
import { wordsOf, type Figure, type FigureWords } from '../../shared/figures/figure'
import type { FigureFormat } from '../../shared/figures/formats'
import { DEFAULT_LOOK, figureDrawing, pixelsOf, type FigureLook } from '../../shared/figures/layout'
import { svgText } from '../../shared/figures/svg'

/** A figure as a file. @param resolution of a PNG, in pixels an inch */
export async function figureFile(
  figure: Figure,
  format: FigureFormat,
  look: Partial<FigureLook>,
  resolution: number,
): Promise<Buffer> {
  if (format === 'svg') return Buffer.from(svgOf(figure, look))
  const drawing = figureDrawing(figure, { ...DEFAULT_LOOK, ...look })
  return drawingFile(drawing, format, wordsOf(figure), resolution)
}

/**
 * A drawing as a file; the writers are loaded when they are asked for.
 * @param resolution of a PNG, in pixels an inch
 */
export async function drawingFile(
  drawing: Drawing,
  format: Exclude<FigureFormat, 'svg'>,
  words: FigureWords,
  resolution: number,
): Promise<Buffer> {
  if (format === 'pdf') {
    const { pdfOf } = await import('./pdf')
    return pdfOf(drawing, words)
  }
  const { pngOf } = await import('./png')
  return pngOf(svgText(drawing, { id: 'figure', ...words }), pixelsOf(drawing.width, resolution))
}
