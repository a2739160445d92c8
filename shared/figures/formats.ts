/** Kinds of files that a figure can be. */
export const FIGURE_FORMATS = [
  {
    value: 'svg',
    label: 'SVG',
    type: 'image/svg+xml',
    definition: 'Vectors and real text: for the web, and to be edited.',
  },
  {
    value: 'pdf',
    label: 'PDF',
    type: 'application/pdf',
    definition: 'Vectors with the font embedded: LaTeX includes it as it is.',
  },
  {
    value: 'png',
    label: 'PNG',
    type: 'image/png',
    definition: 'Pixels, as many an inch as you choose: for slides.',
  },
] as const
export type FigureFormat = (typeof FIGURE_FORMATS)[number]['value']

/** Pixels of a PNG an inch. */
export const RESOLUTIONS = { least: 50, most: 1200, usual: 300 } as const
