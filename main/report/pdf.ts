import { figureDrawing } from '../../shared/figures/layout'
import { textOf, type Block } from '../../shared/report/markdown'
import type { Report, ReportSection } from '../../shared/report/report'
import { drawMarks, pdfBytes, type Page } from '../figures/pdf'

/** Points of 1/72 inch. */
const MARGIN = 54
const SIZE = { title: 20, section: 15, heading: 11.5, body: 9.5, note: 8 }
const INK = '#000000'
const MUTED = '#444444'

/** A report on pages of A4, with charts as vectors and one embedded font; the same bytes for the same report. */
export function reportPdf(report: Report): Promise<Buffer> {
  // The file's id is made of its date, of which a report has none.
  const info = { Title: report.title, Creator: 'Residual Lab', CreationDate: new Date(0) }
  return pdfBytes({ size: 'A4', margin: MARGIN, info }, (page) => {
    write(page, report.title, SIZE.title)
    prose(page, report.prose)
    for (const one of report.sections) section(page, one)
    heading(page, 'References', SIZE.section)
    report.references.forEach((one, i) => write(page, `${i + 1}. ${one}`, SIZE.body))
    heading(page, 'BibTeX', SIZE.heading)
    write(page, report.bibtex.trimEnd(), SIZE.note, MUTED)
  })
}

function section(
  page: Page,
  { title, facts, note, figures, numbers, methods, command }: ReportSection,
): void {
  heading(page, title, SIZE.section)
  write(page, facts, SIZE.note, MUTED)
  prose(page, note)
  for (const figure of figures) {
    const drawing = figureDrawing(figure, { theme: 'print', size: 'page', words: false })
    const scale = widthOf(page) / drawing.width
    const height = drawing.height * scale
    // A chart stands under its title, and is not cut.
    room(page, height + 60)
    heading(page, figure.title, SIZE.heading)
    page.save()
    page.translate(MARGIN, page.y).scale(scale)
    const top = page.y
    drawMarks(page, drawing)
    page.restore()
    page.x = MARGIN
    page.y = top + height + 4
    write(page, [figure.subtitle, figure.finding].filter(Boolean).join(' '), SIZE.note, MUTED)
  }
  if (numbers.length) heading(page, 'Numbers', SIZE.heading)
  for (const [label, mean, spread, n] of numbers)
    write(page, `${label}: ${mean}${spread && ` (5 % to 95 %: ${spread})`}, n = ${n}`, SIZE.body)
  heading(page, 'Methods', SIZE.heading)
  write(page, methods, SIZE.body)
  if (command !== null) write(page, command, SIZE.note, MUTED)
}

function prose(page: Page, blocks: readonly Block[]): void {
  for (const block of blocks) {
    if (block.kind === 'heading') heading(page, textOf(block.parts), SIZE.heading)
    else if (block.kind === 'code') write(page, block.text, SIZE.note, MUTED)
    else if (block.kind === 'list')
      block.items.forEach((item, i) =>
        write(page, `${block.ordered ? `${i + 1}.` : '•'} ${textOf(item)}`, SIZE.body),
      )
    else write(page, textOf(block.parts), SIZE.body, block.kind === 'quotation' ? MUTED : INK)
  }
}

const widthOf = (page: Page) => page.page.width - 2 * MARGIN

function room(page: Page, height: number): void {
  if (page.y + height > page.page.height - MARGIN) page.addPage()
}

function heading(page: Page, text: string, size: number): void {
  room(page, 5 * size)
  page.y += size * 0.8
  write(page, text, size)
}

function write(page: Page, text: string, size: number, colour = INK): void {
  if (!text) return
  page.fontSize(size).fillColor(colour, 1)
  page.text(text, MARGIN, page.y, { width: widthOf(page), lineGap: size * 0.2, paragraphGap: size * 0.4 })
}
