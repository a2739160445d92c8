import * as fs from 'node:fs'
import * as path from 'node:path'
import { describe, expect, it } from 'vitest'
import { DARK_COLOURS, LIGHT_COLOURS, type Colours } from '../../shared/charts/palette'
import { TEXT_SIZES } from '../../shared/charts/type'

const folder = path.resolve(__dirname, '..', '..', 'renderer')
const files = fs
  .readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(svelte|css|ts|html)$/.test(name))
  .map((name) => ({ name, text: fs.readFileSync(path.join(folder, name), 'utf8') }))
const tokens = files.find(({ name }) => name === path.join('style', 'tokens.css'))!.text

/** Every match of `pattern` in renderer/ that is not allowed, as "file: what". */
const found = (pattern: RegExp, allowed: RegExp) =>
  files.flatMap(({ name, text }) =>
    [...text.matchAll(pattern)].flatMap(([match]) => (allowed.test(match) ? [] : [`${name}: ${match}`])),
  )

describe('the style sheet', () => {
  it('has at most six sizes of type, each with its name in charts/type.ts', () => {
    const sizes = [...tokens.matchAll(/--text-(\w+): ([\d.]+)px/g)].map(([, name, size]) => ({ name, size }))
    expect(sizes.map(({ name }) => name)).toEqual(TEXT_SIZES)
    expect(new Set(sizes.map(({ size }) => size)).size).toBe(sizes.length)
    expect(sizes.length).toBeLessThanOrEqual(6)
    const numbers = sizes.map(({ size }) => Number(size))
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
  })

  it('is where every size, weight and typeface comes from', () => {
    expect(found(/font-size\s*[:=][^;\n]*/g, /(var\(--text-(\w+|\{\w+\})\)|inherit)["']?/)).toEqual([])
    expect(found(/\bfont:[^;\n]*;/g, /font: inherit;/)).toEqual([])
    expect(found(/font-weight:[^;\n]*/g, /var\(--weight-\w+\)|inherit/)).toEqual([])
    expect(found(/font-family:[^;\n]*/g, /var\(--typeface(-code)?\)/)).toEqual([])
    // Charts and canvases.
    expect(found(/\.font = .*/g, /canvasFont\(|= font$/)).toEqual([])
    expect(found(/\bsize: .*[fF]ont.*|[fF]ont: \{.*/g, /textSize\('\w+'\)/)).toEqual([])
  })

  it('has the colours that charts draw with', () => {
    const theme = (name: string) => tokens.slice(tokens.indexOf(`data-theme='${name}'`)).split('}')[0]
    const shared = ['surface', 'ink', 'muted', 'alarm'] as const satisfies readonly (keyof Colours)[]
    for (const [name, palette] of [
      ['light', LIGHT_COLOURS],
      ['dark', DARK_COLOURS],
    ] as const)
      for (const colour of shared) expect(theme(name)).toContain(`--${colour}: ${palette[colour]};`)
  })
})
