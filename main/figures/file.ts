import { descriptionOf, svgOf } from '../../shared/figures/files'
import type { Figure } from '../../shared/figures/figure'
import type { FigureFormat } from '../../shared/figures/formats'
import { DEFAULT_LOOK, figureDrawing, pixelsOf, type FigureLook } from '../../shared/figures/layout'

/**
 * A figure as a file; the writers of PDF and PNG are loaded when they are asked for.
 * @param resolution of a PNG, in pixels an inch
 * @param version of the program, for the file's properties
 */
export async function figureFile(
  figure: Figure,
  format: FigureFormat,
  look: Partial<FigureLook>,
  { resolution, version }: { resolution: number; version: string },
): Promise<Buffer> {
  const whole = { ...DEFAULT_LOOK, ...look }
  switch (format) {
    case 'svg':
      return Buffer.from(svgOf(figure, whole))
    case 'pdf': {
      const { pdfOf } = await import('./pdf')
      const creator = `Residual Lab ${version}`
      const { title, made } = figure
      const words = { title, description: descriptionOf(figure), creator, made }
      return pdfOf(figureDrawing(figure, whole), words)
    }
    case 'png': {
      const { pngOf } = await import('./png')
      return pngOf(svgOf(figure, whole), pixelsOf(whole.size, resolution))
    }
  }
}
