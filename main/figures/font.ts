import url from 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf?inline'

/** DejaVu Sans, whose widths `shared/figures/font-metrics.ts` knows. */
export const figureFont = (): Buffer => bytesOf(url)

/** What a data URL holds. */
export const bytesOf = (dataUrl: string): Buffer =>
  Buffer.from(dataUrl.slice(dataUrl.indexOf(',') + 1), 'base64')
