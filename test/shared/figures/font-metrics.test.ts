import { createRequire } from 'node:module'
import PDFDocument from 'pdfkit'
import { expect, test } from 'vitest'
import { characterWidths, textWidth } from '../../../shared/figures/font-metrics'

const EM = 2048
/** The font as an independent reader knows it. */
const document = new PDFDocument()
  .font(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'))
  .fontSize(EM)

test('every width of the table is the font’s own', () => {
  const widths = characterWidths()
  expect(widths.size).toBeGreaterThan(1000)
  // Soft hyphens are laid out as nothing.
  const wrong = [...widths].filter(
    ([code, width]) =>
      code !== 0xad && Math.abs(document.widthOfString(String.fromCodePoint(code)) - width) > 1e-6,
  )
  expect(wrong).toEqual([])
})

test('what charts write is in the table', () => {
  const widths = characterWidths()
  const texts = '0123456789 −1/√2 log₂ 2²⁰ 10⁻³ ∞ ▲▼▽△× ‘’“” ∂loss/∂h ½ … – — · ≈ ≤ ≥ σ µ é ² ³ ∝'
  expect([...texts].filter((character) => !widths.has(character.codePointAt(0)!))).toEqual([])
})

test('text is as wide as its letters together', () => {
  expect(textWidth('mean', EM)).toBeCloseTo(document.widthOfString('mean', { features: [] }), 6)
  expect(textWidth('mean', 10)).toBeCloseTo((10 * textWidth('mean', EM)) / EM, 9)
})
