import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { onnx } from '../../../main/export/onnx'
import type { ExportSource } from '../../../main/export/source'
import { exportCases } from './cases'

/** Relative to the largest output, in float32. */
const TOLERANCE = 1e-5

const folder = mkdtempSync(path.join(tmpdir(), 'onnx-exports-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('ONNX Runtime opens what is exported, and computes the same', () => {
  test.each(exportCases().map((one, i) => [one.name, one, i] as const))('%s', async (_, one, i) => {
    const { network, arrays, x, outputs } = one
    const target = path.join(folder, `${i}.onnx`)
    const source = { network, arrays, document: { entry: { id: 'fern-12' } } } as unknown as ExportSource
    await onnx.write(target, source, { texts: new Map([['README.md', 'a text']]), isFloat16: false })
    const found = await (await onnx.reopen(target, source))(x)
    expect(found.length).toBe(outputs.length)
    const largest = outputs.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const apart = outputs.reduce((most, value, at) => Math.max(most, Math.abs(value - found[at])), 0)
    expect(apart).toBeLessThanOrEqual(TOLERANCE * largest)
  })
})
