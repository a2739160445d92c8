import { Resvg, initWasm } from '@resvg/resvg-wasm'
import module from '@resvg/resvg-wasm/index_bg.wasm?url&inline'
import { FIGURE_FAMILY } from '../../shared/figures/font-metrics'
import { bytesOf, figureFont } from './font'

let ready: Promise<void> | null = null

/** An SVG of a figure as a picture, so many pixels wide; its words are in the figures' font on every machine. */
export async function pngOf(svg: string, width: number): Promise<Buffer> {
  await (ready ??= initWasm(bytesOf(module)))
  const picture = new Resvg(svg, {
    fitTo: { mode: 'width', value: width },
    font: { fontBuffers: [figureFont()], defaultFontFamily: FIGURE_FAMILY },
  })
  try {
    return Buffer.from(picture.render().asPng())
  } finally {
    picture.free()
  }
}
