import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { figureFile } from '../../main/figures/file'
import type { FigureFormat } from '../../shared/figures/formats'
import type { FigureLook } from '../../shared/figures/layout'
import { figuresOf } from '../../shared/figures/run-figures'
import { FIGURE_THEMES } from '../../shared/figures/themes'
import { measuredRun } from '../shared/figures/measured-run'

const [figure] = figuresOf(measuredRun())
const file = (format: FigureFormat, look: Partial<FigureLook> = {}, resolution = 96) =>
  figureFile(figure, format, look, resolution)

describe('PNG', () => {
  test.each([
    ['column', 300, 1004],
    ['page', 100, 669],
  ] as const)('a %s at %i pixels an inch is %i wide', async (size, resolution, width) => {
    expect(PNG.sync.read(await file('png', { size }, resolution)).width).toBe(width)
  })

  test('words and curves are there, on the ground of the theme', async () => {
    const pixels = async (theme: FigureLook['theme']) => PNG.sync.read(await file('png', { theme })).data
    const [light, dark, print] = [await pixels('light'), await pixels('dark'), await pixels('print')]
    expect([...light.subarray(0, 4)]).toEqual([255, 255, 255, 255])
    expect([...dark.subarray(0, 4)]).toEqual([0x17, 0x1b, 0x21, 255])
    expect(print[3]).toBe(0)
    const count = (data: Buffer, [r, g, b]: readonly number[]) => {
      let found = 0
      for (let i = 0; i < data.length; i += 4)
        if (data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] === 255) found++
      return found
    }
    // Vermillion, of two curves; and the ink of words.
    expect(count(light, [0xd5, 0x5e, 0x00])).toBeGreaterThan(200)
    expect(count(print, [0, 0, 0])).toBeGreaterThan(100)
  })

  test('the same figure gives the same bytes', async () => {
    expect((await file('png')).equals(await file('png'))).toBe(true)
  })
})

const hasPoppler = spawnSync('pdffonts', ['-v']).status === 0

describe('PDF', () => {
  let folder: string
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'residual-lab-figures-'))))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const asked = (program: string, ...options: string[]) =>
    spawnSync(program, options, { cwd: folder, encoding: 'utf8' }).stdout

  test('the same figure gives the same bytes, with the date of its run', async () => {
    const bytes = await file('pdf')
    expect(bytes.equals(await file('pdf'))).toBe(true)
    expect(bytes.toString('latin1')).toContain('(D:20261128110000Z)')
  })

  test.skipIf(!hasPoppler).each(FIGURE_THEMES)(
    'LaTeX includes it as it is: font embedded, words as text, no pictures ($value; needs poppler)',
    async ({ value: theme }) => {
      writeFileSync(join(folder, 'a.pdf'), await file('pdf', { theme }))
      expect(asked('pdffonts', 'a.pdf')).toMatch(/\+DejaVuSans +CID TrueType +Identity-H +yes yes yes/)
      expect(asked('pdfimages', '-list', 'a.pdf').trim().split('\n')).toHaveLength(2)
      const text = asked('pdftotext', '-layout', 'a.pdf', '-')
      for (const words of ['block k', 'Type 2 + 1/√2', '2⁵⁰', 'run: for <the> paper (fern-12)'])
        expect(text).toContain(words)
      // 85 mm in points.
      expect(asked('pdfinfo', 'a.pdf')).toMatch(/Page size: +240\.9\d* x/)
    },
  )
})
