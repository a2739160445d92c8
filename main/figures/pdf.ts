import PDFDocument from 'pdfkit'
import type { Drawing, PathMark, TextMark } from '../../shared/figures/drawing'
import { FIGURE_FAMILY } from '../../shared/figures/font-metrics'
import type { FigureWords } from '../../shared/figures/figure'
import { figureFont } from './font'

/** CSS pixels in points of 1/72 inch. */
const POINTS = 72 / 96

/**
 * The drawing as a page of its own size: vectors, words in an embedded font, nothing else, as LaTeX includes it. The
 * same drawing gives the same bytes.
 */
export function pdfOf(drawing: Drawing, { title, description, version, made }: FigureWords): Promise<Buffer> {
  const size: [number, number] = [drawing.width * POINTS, drawing.height * POINTS]
  const info = {
    ...{ Title: title, Subject: description, Creator: `Residual Lab ${version}` },
    // Of which the file's id is made: the beginning of 1970 where nothing was measured.
    CreationDate: new Date(made ?? 0),
  }
  return pdfBytes({ size, margin: 0, info }, (page) => {
    page.scale(POINTS)
    drawMarks(page, drawing)
  })
}

export type Page = InstanceType<typeof PDFDocument>

/** A document whose words are in the figures' font, which is embedded. @param draw all of it, from its first page on */
export function pdfBytes(
  options: NonNullable<ConstructorParameters<typeof PDFDocument>[0]>,
  draw: (page: Page) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // No font of its own.
    const document = new PDFDocument({ ...options, font: '' })
    const pieces: Buffer[] = []
    document.on('error', reject)
    document.on('data', (piece: Buffer) => pieces.push(piece))
    document.on('end', () => resolve(Buffer.concat(pieces)))
    document.registerFont(FIGURE_FAMILY, figureFont())
    document.font(FIGURE_FAMILY)
    draw(document)
    document.end()
  })
}

/** Onto a page whose units are the drawing's. */
export function drawMarks(page: Page, { marks }: Drawing): void {
  for (const mark of marks) {
    page.save()
    if (mark.kind === 'text') write(page, mark)
    else draw(page, mark)
    page.restore()
  }
}

function draw(page: Page, { path, fill, stroke, clip }: PathMark): void {
  if (clip) page.rect(clip.x, clip.y, clip.width, clip.height).clip()
  page.path(path)
  if (fill) page.fillColor(fill.colour, fill.opacity).fill(fill.evenOdd ? 'even-odd' : 'non-zero')
  if (!stroke) return
  page.lineWidth(stroke.width).lineCap(stroke.cap).lineJoin(stroke.join)
  // A list of lengths is what pdfkit takes and its types leave out.
  if (stroke.dash.length) page.dash(stroke.dash as unknown as number, {})
  page.strokeColor(stroke.colour, stroke.opacity).stroke()
}

const ANCHORED = { start: 0, middle: 0.5, end: 1 }

function write(page: Page, { text, x, y, anchor, angle, size, fill }: TextMark): void {
  if (angle) page.rotate(angle, { origin: [x, y] })
  page.fontSize(size).fillColor(fill.colour, fill.opacity)
  const left = x - ANCHORED[anchor] * page.widthOfString(text)
  page.text(text, left, y, { lineBreak: false, baseline: 'alphabetic' })
}
