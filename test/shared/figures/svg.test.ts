import { expect, test } from 'vitest'
import { csvOf, svgOf } from '../../../shared/figures/files'
import { FIGURE_SIZES } from '../../../shared/figures/layout'
import { figuresOf } from '../../../shared/figures/run-figures'
import { FIGURE_THEMES } from '../../../shared/figures/themes'
import { measuredRun } from './measured-run'

const figures = figuresOf(measuredRun())
const [q] = figures
const EVERY_LOOK = FIGURE_THEMES.flatMap(({ value: theme }) =>
  FIGURE_SIZES.flatMap(({ value: size }) => [true, false].map((words) => ({ theme, size, words }))),
)

const textsOf = (svg: string) => [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text)
const attribute = (tag: string, name: string) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1]
/** The places that a path goes through. */
const placesOf = (path: string) =>
  [...path.matchAll(/([MLCA])([^MLCAZ]*)/g)].flatMap(([, command, text]) => {
    const numbers = text
      .split(' ')
      .map(Number)
      .slice(command === 'A' ? 5 : 0)
    return numbers.flatMap((x, i) => (i % 2 ? [] : [{ x, y: numbers[i + 1] }]))
  })

test('a measurement has a figure for each quantity', () => {
  expect(figures.map(({ id }) => id)).toEqual(['q', 'v', 'm', 'p'])
})

test('words are text: title, axes, every network by its whole name, and the caption', () => {
  const texts = textsOf(svgOf(q))
  for (const text of [
    'Forward: mean square q',
    'block k',
    'q',
    'Type 2',
    'Type 2 + 1/√2',
    'Type 3',
    'theory',
  ])
    expect(texts).toContain(text)
  expect(texts.some((text) => /^2[⁰¹²³⁴⁵⁶⁷⁸⁹]+$/.test(text))).toBe(true)
  const all = texts.join(' ')
  expect(all).toContain('block: Type 2 and Type 3; remedies: none, 1/√2; depth:')
  expect(all).toContain('initialisation: He; input: Gaussian noise, batch of 128; n: 20 networks; seed: 1;')
  expect(all).toContain('run: for &lt;the&gt; paper (fern-12) of 2026-11-28; program: Residual Lab 0.1.0.')
  expect(all).toContain('∞ from block 15 (Type 3)')
})

test('without words there are axes and legend only', () => {
  const texts = textsOf(svgOf(q, { words: false }))
  expect(texts).toContain('Type 2 + 1/√2')
  expect(texts).not.toContain('Forward: mean square q')
  expect(texts.join(' ')).not.toContain('fern-12')
})

test.each(EVERY_LOOK)('everything lies within the figure: %o', (look) => {
  for (const figure of figures) {
    const svg = svgOf(figure, look)
    const [, , width, height] = attribute(svg, 'viewBox')!.split(' ').map(Number)
    const isInside = ({ x, y }: { x: number; y: number }) => x >= 0 && y >= 0 && x <= width && y <= height
    const tags = svg.match(/<(path|text|rect) [^>]*>/g)!
    const paths = tags.filter((tag) => tag.startsWith('<path') && !tag.includes('clip-path'))
    expect(paths.length).toBeGreaterThan(20)
    const outside = paths.filter((tag) => !placesOf(attribute(tag, 'd')!).every(isInside))
    expect(outside).toEqual([])
    const texts = tags.filter((tag) => tag.startsWith('<text'))
    expect(
      texts.every((tag) => isInside({ x: Number(attribute(tag, 'x')), y: Number(attribute(tag, 'y')) })),
    ).toBe(true)
    expect(svg).not.toMatch(/NaN|undefined|<image/)
  }
})

test.each(FIGURE_SIZES)('a $value is $width mm wide', ({ value, width }) => {
  expect(attribute(svgOf(q, { size: value }), 'width')).toBe(`${width}mm`)
})

test('the grey theme has greys alone, and tells curves apart', () => {
  const colours = [...svgOf(q, { theme: 'grey' }).matchAll(/(?:fill|stroke)="#(..)(..)(..)"/g)]
  expect(colours.length).toBeGreaterThan(20)
  expect(colours.filter(([, r, g, b]) => r !== g || g !== b)).toEqual([])
  const lines = (theme: 'grey' | 'print') =>
    new Set(
      [...svgOf(q, { theme }).matchAll(/stroke="(#\w+)" stroke-width="2"/g)].map(([, colour]) => colour),
    ).size
  expect(lines('grey')).toBe(lines('print'))
  expect(lines('grey')).toBe(2)
})

test('only what is seen on a screen has a ground', () => {
  const hasGround = (theme: 'light' | 'dark' | 'print' | 'grey') =>
    /<path d="M0 0L321/.test(svgOf(q, { theme }))
  expect((['light', 'dark', 'print', 'grey'] as const).map(hasGround)).toEqual([true, true, false, false])
})

test('the same run gives the same bytes', () => {
  expect(svgOf(figuresOf(measuredRun())[0])).toBe(svgOf(q))
})

test('ids begin as they are told, so that figures can stand in one page', () => {
  const ids = [...svgOf(q, {}, 'fern-12-q').matchAll(/id="([^"]*)"/g)].map(([, id]) => id)
  expect(ids.length).toBeGreaterThan(1)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.every((id) => id.startsWith('fern-12-q-'))).toBe(true)
})

test('the numbers come with what they are of', () => {
  const lines = csvOf(q)!.split('\r\n')
  expect(lines).toContain('# width: N = 100')
  expect(lines).toContain('# run: for <the> paper (fern-12) of 2026-11-28')
  const head = lines.findIndex((line) => !line.startsWith('#'))
  expect(lines[head]).toBe('name,quantity,block,mean,median,low,high,n,theory')
  expect(lines[head + 3]).toBe('Type 2,q,2,4,4,2,8,20,4')
  expect(lines.filter(Boolean).length - head - 1).toBe(3 * 21)
})

test('values are drawn on the axis that is asked for', () => {
  const [log10] = figuresOf(measuredRun(), { axis: 'log10', statistic: 'median', step: null })
  expect(textsOf(svgOf(log10)).join(' ')).toContain('median of n = 20 networks')
  expect(textsOf(svgOf(log10))).toContain('10²⁰')
})
