import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { exportDocument } from '../../../main/export/about'
import { EXPORT_FORMATS } from '../../../main/export/formats'
import type { ExportFormat } from '../../../main/export/format'
import { proveExport, trialOf } from '../../../main/export/proof'
import type { ExportSource } from '../../../main/export/source'
import { importedNetwork } from '../../../main/import/network'
import { exportedNetwork } from '../../../shared/export/network'
import { referenceOutputs } from '../../../shared/export/reference'
import { exportCases, type ExportCase } from './cases'

const folder = mkdtempSync(path.join(tmpdir(), 'imports-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Networks that were trained: others have no outputs, and become no run. */
const CASES = exportCases().filter(({ network }) => network.outputs !== null)

const entry = {
  ...{ id: 'fern-12', name: 'fern-12', kind: 'train', created: '2026-01-01T00:00:00Z', device: 'CPU' },
  steps: { done: 40, planned: 50 },
}

/** As `export` writes it, with its proof. */
async function exported(format: ExportFormat, one: ExportCase, target: string, isFloat16 = false) {
  const { network, arrays } = one
  const document = { entry, experiment: network.experiment, environment: null }
  const source = { network, arrays, document, series: 1, replica: 1 } as unknown as ExportSource
  await format.write(target, source, { texts: new Map(), isFloat16 })
  const proof = await proveExport(format, target, source, trialOf(source), isFloat16)
  rmSync(target, { recursive: true })
  const facts = exportDocument(format, source, { float16: isFloat16, fold: false, licence: null })
  const texts = new Map([
    ['export.json', JSON.stringify(facts)],
    ['proof.json', JSON.stringify(proof)],
  ])
  await format.write(target, source, { texts, isFloat16 })
  if (format.is === 'folder') for (const [name, text] of texts) writeFileSync(path.join(target, name), text)
}

const hasStandardised = ({ network }: ExportCase) =>
  network.blocks.some(({ nodes }) => nodes.some(({ layer }) => 'standardised' in layer && layer.standardised))

/** Forms that hold standardised weights as they act, not as they were learned. */
const ACTING = ['keras', 'onnx', 'tfjs', 'savedmodel']

describe.each(EXPORT_FORMATS.map((format) => [format.title, format] as const))(
  'what was exported for %s comes back, and computes the same to the last bit',
  (_, format) => {
    test.each(CASES.map((one, i) => [one.name, one, i] as const))('%s', async (_name, one, i) => {
      const target = path.join(folder, `${format.name}-${i}${format.is === 'file' ? `.${format.name}` : ''}`)
      await exported(format, one, target)
      const found = await importedNetwork(target, null)
      // What nothing reads is not in every form.
      const missing = found.table.missing.filter(({ needed }) => needed)
      expect([found.problem, missing, found.table.unused]).toEqual([null, [], []])
      expect(found.table.rows.every(({ by }) => by === 'name')).toBe(true)
      expect([found.from?.id, found.steps]).toEqual(['fern-12', 40])
      const network = exportedNetwork(found.experiment, 0, true)
      const outputs = referenceOutputs(network, found.arrays[0], one.x)
      if (!hasStandardised(one) || !ACTING.includes(format.name)) {
        expect(found.difference).toBe(0)
        expect(outputs).toEqual(one.outputs)
        return
      }
      const largest = one.outputs.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      const apart = one.outputs.reduce((most, value, at) => Math.max(most, Math.abs(value - outputs[at])), 0)
      expect(apart).toBeLessThan(1e-5 * largest)
      expect(found.note).toContain('Standardised weights are in it as they act')
    })

    // The export to Keras refuses half precision.
    if (format.name === 'keras') return
    test('in half precision, as it is said', async () => {
      const target = path.join(folder, `${format.name}-half${format.is === 'file' ? `.${format.name}` : ''}`)
      const one = CASES.find(({ name }) => name === 'original, batch-norm')!
      await exported(format, one, target, true)
      const found = await importedNetwork(target, null)
      expect(found.note).toContain('Its weights were rounded to half precision (float16).')
      expect(found.difference).toBeGreaterThan(0)
      expect(found.difference).toBeLessThan(0.02)
    })
  },
)
