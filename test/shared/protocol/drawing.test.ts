import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { DEFAULT_LOOK, figureDrawing } from '../../../shared/figures/layout'
import { figuresOf } from '../../../shared/figures/run-figures'
import { DRAWING } from '../../../shared/protocol/drawing'
import { measuredRun } from '../figures/measured-run'

const drawing = figureDrawing(figuresOf(measuredRun())[0], DEFAULT_LOOK)
const accepts = (value: unknown) => v.safeParse(DRAWING, value).success

test('a figure’s drawing travels as it is', () => {
  expect(v.parse(DRAWING, JSON.parse(JSON.stringify(drawing)))).toEqual(drawing)
})

describe('what is no drawing is refused', () => {
  const path = drawing.marks.find(({ kind }) => kind === 'path')!
  const words = drawing.marks.find(({ kind }) => kind === 'text')!
  test.each([
    ['a page without end', { ...drawing, height: 1e9 }],
    ['a path that is more', { ...drawing, marks: [{ ...path, path: 'M0 0"/><script>' }] }],
    [
      'a colour that is none',
      { ...drawing, marks: [{ ...path, fill: { colour: 'url(#a)', opacity: 1, evenOdd: false } }] },
    ],
    ['a place that is nowhere', { ...drawing, marks: [{ ...words, x: Infinity }] }],
    ['letters as large as a house', { ...drawing, marks: [{ ...words, size: 1e6 }] }],
    ['a mark of another kind', { ...drawing, marks: [{ kind: 'image', href: 'file:///etc/passwd' }] }],
  ])('%s', (_, value) => {
    expect(accepts(drawing)).toBe(true)
    expect(accepts(value)).toBe(false)
  })
})
