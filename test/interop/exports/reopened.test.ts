import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { EXPORT_FORMATS } from '../../../main/export/formats'
import type { ExportSource } from '../../../main/export/source'
import { exportCases } from './cases'

/** Relative to the largest output: of float32, and of weights rounded to half precision. */
const TOLERANCE = 1e-5
const HALF_TOLERANCE = 0.02

const folder = mkdtempSync(path.join(tmpdir(), 'exports-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const CASES = exportCases()

test.each(EXPORT_FORMATS.map((format) => [format.title, format] as const))(
  'a network is the same byte for byte in %s, whenever it is written',
  async (_, format) => {
    const { network, arrays } = CASES.find(({ name }) => name === 'original, none')!
    const source = { network, arrays, document: { entry: { id: 'fern-12' } } } as unknown as ExportSource
    const filesOf = async (name: string) => {
      const target = path.join(folder, `${format.name}-${name}`)
      await format.write(target, source, { texts: new Map(), isFloat16: false })
      if (format.is === 'file') return [readFileSync(target)]
      return readdirSync(target).map((file) => readFileSync(path.join(target, file)))
    }
    const first = await filesOf('first')
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 100_000)
    const second = await filesOf('second')
    clock.mockRestore()
    expect(second).toEqual(first)
  },
)

describe.each(EXPORT_FORMATS.map((format) => [format.title, format] as const))(
  'what is written for %s is opened again, and computes the same',
  (_, format) => {
    test.each(CASES.map((one, i) => [one.name, one, i] as const))('%s', async (_, one, i) => {
      const { network, arrays, x, outputs } = one
      const source = { network, arrays, document: { entry: { id: 'fern-12' } } } as unknown as ExportSource
      const largest = outputs.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      for (const isFloat16 of [false, true]) {
        if (isFloat16 && format.name === 'keras') continue
        const target = path.join(folder, `${format.name}-${i}-${isFloat16}`)
        await format.write(target, source, { texts: new Map([['README.md', 'a text']]), isFloat16 })
        const found = await (await format.reopen(target, source))(x)
        expect(found.length).toBe(outputs.length)
        const apart = outputs.reduce((most, value, at) => Math.max(most, Math.abs(value - found[at])), 0)
        expect(apart).toBeLessThanOrEqual((isFloat16 ? HALF_TOLERANCE : TOLERANCE) * largest)
      }
    })
  },
)
