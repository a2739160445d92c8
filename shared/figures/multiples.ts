import type { Cell } from '../base/csv'
import type { Appearance } from '../charts/appearance'
import { drawMultiple as drawPicture, type Multiple } from '../charts/line-picture'
import { drawBreaks, drawPlane } from '../charts/regions'
import { drawMultiple, type MultipleModel } from '../charts/small-multiple'
import type { Plotted } from '../charts/curves'
import type { Figure, FigureContent, LegendEntry, Panel } from './figure'

type Panels = Extract<FigureContent, { kind: 'panels' }>

/** Forward signal above, gradient mirrored below, for each of some networks. @param legend of all of them */
export const mirroredContent = (
  multiples: readonly { title: string; model: Omit<MultipleModel, 'palette' | 'hovered'> }[],
  legend: readonly LegendEntry[],
): Panels => ({
  kind: 'panels',
  ratio: 0.95,
  panels: multiples.map(({ title, model }, i): Panel => ({
    title,
    content: {
      kind: 'drawn',
      // Said once for all of them.
      legend: i ? [] : legend,
      draw(ctx, size, palette, colour) {
        const own = (all: readonly Plotted[]) =>
          all.map((one) => ({
            ...one,
            curve: { ...one.curve, appearance: painted(one.curve.appearance, colour) },
          }))
        const { forward, backward } = model
        const inTheme = { ...model, forward: own(forward), backward: own(backward), palette, hovered: null }
        drawMultiple(ctx, { x: 0, y: 0, ...size }, inTheme)
      },
    },
  })),
})

const painted = (look: Appearance, colour: (own: string) => string): Appearance => ({
  ...look,
  colour: colour(look.colour),
})

/** y above dy/dx along a line of inputs, for each of some networks. */
export const picturesContent = (pictures: readonly Multiple[]): Panels => ({
  kind: 'panels',
  panels: pictures.map((one): Panel => ({
    title: one.name,
    content: {
      kind: 'drawn',
      legend: [],
      draw: (ctx, { width, height }, palette, colour) =>
        drawPicture(ctx, { ...one, colour: colour(one.colour) }, { left: 0, top: 0, width, height }, palette),
    },
  })),
})

/** Where ReLUs switch along the line, a row for each block. */
export interface Breaks {
  title: string
  breaks: readonly Float64Array[]
  colour: string
  depth: number
  range: readonly [number, number]
}

export const breaksContent = (sides: readonly Breaks[]): Panels => ({
  kind: 'panels',
  panels: sides.map(({ title, breaks, colour: own, depth, range }): Panel => ({
    title,
    content: {
      kind: 'drawn',
      legend: [],
      draw: (ctx, size, palette, colour) =>
        drawBreaks(ctx, breaks, { depth, range, ...size }, colour(own), palette),
    },
  })),
})

/** Activation patterns on a square of inputs, a colour each. @param patterns row by row from the top */
export const planesContent = (
  sides: readonly { title: string; patterns: Uint32Array; size: number }[],
): Panels => ({
  kind: 'panels',
  ratio: 1,
  panels: sides.map(({ title, patterns, size: points }): Panel => ({
    title,
    content: {
      kind: 'drawn',
      legend: [],
      draw: (ctx, { width, height }, palette) =>
        drawPlane(ctx, patterns, { size: points, x: 0, y: 0, edge: Math.min(width, height) }, palette),
    },
  })),
})

/** y and dy/dx of each network along the line, as numbers. */
export const dataOfPictures = (pictures: readonly Multiple[]): NonNullable<Figure['data']> => ({
  header: ['name', 'x', 'y', 'slope'],
  rows: pictures.flatMap(({ name, x, y, slope }) =>
    x.map((place, i): Cell[] => [name, place, y[i], slope[i]]),
  ),
})

/** Forward and backward curves of each network, as numbers. */
export function dataOfMultiples(
  multiples: readonly { title: string; forward: readonly Plotted[]; backward: readonly Plotted[] }[],
  quantity: string,
): NonNullable<Figure['data']> {
  const rows = multiples.flatMap(({ title, forward, backward }) =>
    [
      { name: quantity, plotted: forward },
      { name: 'p', plotted: backward },
    ].flatMap(({ name, plotted }) =>
      plotted
        .filter(({ curve }) => !curve.hidden)
        .flatMap(({ curve: { label, summary, theory } }) =>
          summary.mean.map((mean, k): Cell[] => [
            ...[title, label, name, k, mean, summary.low[k], summary.high[k]],
            theory?.[k] ?? null,
          ]),
        ),
    ),
  )
  return { header: ['network', 'name', 'quantity', 'block', 'mean', 'low', 'high', 'theory'], rows }
}
