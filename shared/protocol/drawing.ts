/** A finished drawing on its way to the host, which writes files of it (see shared/figures/drawing.ts). */
import * as v from 'valibot'
import type { Drawing } from '../figures/drawing'

const number = v.pipe(v.number(), v.finite())
const opacity = v.pipe(number, v.minValue(0), v.maxValue(1))
const ink = { colour: v.pipe(v.string(), v.regex(/^#[\da-f]{6}$/i)), opacity }

/** Longer ones are no chart: a curve of a thousand blocks has some ten thousand characters. */
const LONGEST_PATH = 2 ** 21
const MOST_MARKS = 200_000
/** CSS pixels: wider than a page and longer than any figure with its words. */
const LARGEST = 4000

const path = v.object({
  kind: v.literal('path'),
  path: v.pipe(v.string(), v.maxLength(LONGEST_PATH), v.regex(/^[MLCAZ\d .e-]*$/)),
  fill: v.nullable(v.object({ ...ink, evenOdd: v.boolean() })),
  stroke: v.nullable(
    v.object({
      ...ink,
      width: v.pipe(number, v.minValue(0)),
      dash: v.pipe(v.array(v.pipe(number, v.minValue(0))), v.maxLength(16), v.readonly()),
      cap: v.picklist(['butt', 'round', 'square']),
      join: v.picklist(['bevel', 'round', 'miter']),
    }),
  ),
  clip: v.nullable(v.object({ x: number, y: number, width: number, height: number })),
})

const text = v.object({
  kind: v.literal('text'),
  text: v.pipe(v.string(), v.maxLength(2000)),
  x: number,
  y: number,
  anchor: v.picklist(['start', 'middle', 'end']),
  angle: number,
  size: v.pipe(number, v.minValue(0), v.maxValue(200)),
  fill: v.object(ink),
})

const side = v.pipe(number, v.minValue(1), v.maxValue(LARGEST))

export const DRAWING = v.object({
  width: side,
  height: side,
  marks: v.pipe(v.array(v.variant('kind', [path, text])), v.maxLength(MOST_MARKS), v.readonly()),
}) satisfies v.GenericSchema<unknown, Drawing>
