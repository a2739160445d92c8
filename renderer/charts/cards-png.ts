import type { Palette } from '../../shared/charts/palette'
import { canvasFont } from './type'

/** Properties that the page's style sheets give the drawings; a picture of its own has no style sheet. */
const DRAWN = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'opacity',
  'font-family',
  'font-size',
  'font-style',
  'font-weight',
  'text-anchor',
]
const SCALE = 2
const MARGIN = 24
const LINE = 18
/** Titles have room above a small drawing too. */
const LEAST_WIDTH = 560

interface Words {
  title: string
  subtitle: string
  /** What solid and dashed lines are, or how the network was trained. */
  lines: string
  /** The sentences below the drawings. */
  finding: string
  palette: Palette
}

/**
 * All drawings of a page where they stand on the screen, with their titles and notes.
 * @param page holds `ChartCard`s; those whose picture is no SVG are left out
 * @returns base64 of a PNG
 */
export async function cardsPng(
  page: HTMLElement,
  { title, subtitle, lines: legend, finding, palette }: Words,
): Promise<string> {
  const cards = [...page.querySelectorAll<HTMLElement>('article[data-title]')].flatMap((card) => {
    const svg = card.querySelector('svg')
    return svg ? [{ card, svg }] : []
  })
  const boxes = cards.map(({ svg }) => svg.getBoundingClientRect())
  const left = Math.min(...boxes.map((box) => box.left))
  const right = Math.max(...boxes.map((box) => box.right))
  const top = Math.min(...boxes.map((box) => box.top))
  const bottom = Math.max(...boxes.map((box) => box.bottom))
  const head = MARGIN + 26 + LINE + 44
  const width = Math.max(LEAST_WIDTH, right - left + 2 * MARGIN)
  const canvas = document.createElement('canvas')
  const ctx = canvas.getContext('2d')!
  ctx.font = canvasFont('body')
  const lines = wrap(ctx, finding, width - 2 * MARGIN)
  const height = head + (bottom - top) + 24 + LINE * lines.length + MARGIN
  canvas.width = SCALE * width
  canvas.height = SCALE * height
  ctx.scale(SCALE, SCALE)
  ctx.fillStyle = palette.surface
  ctx.fillRect(0, 0, width, height)
  ctx.textBaseline = 'top'
  const write = (text: string, x: number, y: number, font: string, colour: string) => {
    ctx.font = font
    ctx.fillStyle = colour
    ctx.fillText(text, x, y)
  }
  write(title, MARGIN, MARGIN, canvasFont('large', 'strong'), palette.ink)
  write(`${subtitle}. ${legend}`, MARGIN, MARGIN + 26, canvasFont('body'), palette.muted)
  for (const [i, { card, svg }] of cards.entries()) {
    const box = boxes[i]
    const [x, y] = [MARGIN + box.left - left, head + box.top - top]
    const { title: name = '', note = '' } = card.dataset
    write(name, x, y - 20, canvasFont('note', 'strong'), palette.ink)
    ctx.font = canvasFont('note', 'strong')
    const indent = ctx.measureText(name).width + 8
    ctx.font = canvasFont('note')
    write(fitted(ctx, note, box.width - indent), x + indent, y - 20, canvasFont('note'), palette.muted)
    ctx.drawImage(await imageOf(svg, box), x, y, box.width, box.height)
  }
  lines.forEach((line, i) =>
    write(line, MARGIN, head + (bottom - top) + 24 + LINE * i, canvasFont('body'), palette.ink),
  )
  return canvas.toDataURL('image/png').split(',')[1]
}

/** The drawing by itself, with the looks that it has on the page. */
async function imageOf(svg: SVGSVGElement, box: DOMRect): Promise<HTMLImageElement> {
  const copy = svg.cloneNode(true) as SVGSVGElement
  const [from, to] = [svg, copy].map((root) => [...root.querySelectorAll('*')])
  from.forEach((element, i) => {
    const style = getComputedStyle(element)
    for (const name of DRAWN) to[i].setAttribute(name, style.getPropertyValue(name))
    to[i].removeAttribute('class')
  })
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  // Drawn at the size of the file, not of the screen.
  copy.setAttribute('viewBox', `0 0 ${box.width} ${box.height}`)
  copy.setAttribute('width', String(SCALE * box.width))
  copy.setAttribute('height', String(SCALE * box.height))
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`
  await image.decode()
  return image
}

function fitted(ctx: CanvasRenderingContext2D, text: string, width: number): string {
  if (ctx.measureText(text).width <= width) return text
  let end = text.length
  while (end > 1 && ctx.measureText(`${text.slice(0, end)}…`).width > width) end--
  return `${text.slice(0, end)}…`
}

function wrap(ctx: CanvasRenderingContext2D, text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.trim().split(/\s+/)) {
    const last = lines.length - 1
    const longer = last >= 0 ? `${lines[last]} ${word}` : word
    if (last >= 0 && ctx.measureText(longer).width <= width) lines[last] = longer
    else lines.push(word)
  }
  return lines
}
