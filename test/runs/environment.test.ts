import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { environmentOf } from '../../main/runs/environment'
import { parseExperiment } from '../../shared/experiment/experiment'
import { describedData } from '../../shared/data/data-sets'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'environment-'))
afterEach(() => {
  vi.unstubAllEnvs()
  fs.rmSync(folder, { recursive: true, force: true })
})

const hashOf = (data: string) =>
  environmentOf({
    kind: 'train',
    experiment: parseExperiment({ version: 1, data }),
    ...{ device: null, start: '2026-01-01T00:00:00.000Z', seconds: 1, command: null },
  }).data?.sha256

test('a run says the hash of its data: made, pinned, or as the files were that were kept', () => {
  vi.stubEnv('RESIDUAL_LAB_DATA', folder)
  const kept = { ...describedData({ data: 'cifar10' }), sha256: 'c'.repeat(64) }
  fs.mkdirSync(path.join(folder, 'data', 'cifar10'), { recursive: true })
  const document = { version: 1, description: kept, numbers: 'uint8', scale: null }
  fs.writeFileSync(path.join(folder, 'data', 'cifar10', 'data.json'), JSON.stringify(document))

  expect(hashOf('cifar10')).toBe('c'.repeat(64))
  expect(hashOf('moons')).toMatch(/^[0-9a-f]{64}$/)
  expect(hashOf('moons')).not.toBe(hashOf('spirals'))
})
