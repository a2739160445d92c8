import type { Drawing, Mark, PathMark, Rect, Stroke, TextMark } from './drawing'
import { FIGURE_TYPEFACE } from './font-metrics'
import { rounded } from './traced-path'

/** What stands in the file beside the drawing. */
export interface SvgWords {
  /** Before the ids in the file, so that several can stand in one page: letters, digits and hyphens. */
  id: string
  title: string
  /** For screen readers, and whoever finds the file without its text. */
  description: string
}

/** The drawing as an SVG document, its words as text, of the size that it has on paper. */
export function svgText({ width, height, marks }: Drawing, { id, title, description }: SvgWords): string {
  const clips = clipsOf(marks)
  const size = `width="${millimetres(width)}mm" height="${millimetres(height)}mm"`
  const head =
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${rounded(width)} ${rounded(height)}" ` +
    `role="img" aria-labelledby="${id}-title ${id}-desc" font-family="${FIGURE_TYPEFACE}">`
  return [
    head,
    `<title id="${id}-title">${escaped(title)}</title>`,
    `<desc id="${id}-desc">${escaped(description)}</desc>`,
    ...(clips.length ? ['<defs>', ...clips.map((clip, i) => clipPath(id, clip, i)), '</defs>'] : []),
    ...marks.map((mark) => (mark.kind === 'text' ? textElement(mark) : pathElement(mark, id, clips))),
    '</svg>',
    '',
  ].join('\n')
}

/** Millimetres of CSS pixels, to a thousandth. */
const millimetres = (pixels: number): number => Math.round(((pixels * 25.4) / 96) * 1000) / 1000

const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')

const textOfClip = ({ x, y, width, height }: Rect): string => [x, y, width, height].map(rounded).join(' ')

/** Each once, in the order in which they are needed. */
function clipsOf(marks: readonly Mark[]): string[] {
  const needed = marks.flatMap((mark) => (mark.kind === 'path' && mark.clip ? [textOfClip(mark.clip)] : []))
  return [...new Set(needed)]
}

function clipPath(id: string, clip: string, i: number): string {
  const [x, y, width, height] = clip.split(' ')
  const rect = `<rect x="${x}" y="${y}" width="${width}" height="${height}"/>`
  return `<clipPath id="${id}-clip-${i + 1}">${rect}</clipPath>`
}

function pathElement({ path, fill, stroke, clip }: PathMark, id: string, clips: readonly string[]): string {
  const clipped = clip ? ` clip-path="url(#${id}-clip-${clips.indexOf(textOfClip(clip)) + 1})"` : ''
  const filled = fill
    ? ` fill="${fill.colour}"${opacity('fill', fill.opacity)}${fill.evenOdd ? ' fill-rule="evenodd"' : ''}`
    : ' fill="none"'
  return `<path d="${path}"${filled}${stroke ? stroked(stroke) : ''}${clipped}/>`
}

function stroked({ colour, opacity: share, width, dash, cap, join }: Stroke): string {
  const dashes = dash.length ? ` stroke-dasharray="${dash.map(rounded).join(' ')}"` : ''
  const capped = cap === 'butt' ? '' : ` stroke-linecap="${cap}"`
  const joined = join === 'miter' ? '' : ` stroke-linejoin="${join}"`
  return ` stroke="${colour}"${opacity('stroke', share)} stroke-width="${rounded(width)}"${dashes}${capped}${joined}`
}

const opacity = (what: 'fill' | 'stroke', share: number): string =>
  share === 1 ? '' : ` ${what}-opacity="${rounded(share)}"`

function textElement({ text, x, y, anchor, angle, size, fill }: TextMark): string {
  const place = `x="${rounded(x)}" y="${rounded(y)}"`
  const turned = rounded(angle) ? ` transform="rotate(${rounded(angle)} ${rounded(x)} ${rounded(y)})"` : ''
  const anchored = anchor === 'start' ? '' : ` text-anchor="${anchor}"`
  const filled = `fill="${fill.colour}"${opacity('fill', fill.opacity)}`
  return `<text ${place} font-size="${rounded(size)}" ${filled}${anchored}${turned}>${escaped(text)}</text>`
}
