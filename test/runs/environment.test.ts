import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { environmentOf } from '../../main/runs/environment'
import { parseExperiment } from '../../shared/experiment/experiment'
import { endedEntry, firstEntry } from '../../main/runs/library/outcome'
import { parseEnvironment } from '../../shared/runs/environment'
import { parseRunEntry } from '../../shared/runs/run'
import { newRun, outcome } from './runs'
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

test('a run says why no other device computed it, where that was to be said', () => {
  const device = { backend: 'tensorflow', name: 'CPU', version: '2.21.0', description: 'CPU' } as const
  const note = 'TensorFlow on the GPU ended as soon as it was started.'
  const made = (said: string | null) =>
    environmentOf({
      ...{ kind: 'signal', experiment: parseExperiment({ version: 1 }), device: { ...device, note: said } },
      ...{ start: '2026-01-01T00:00:00.000Z', seconds: 1, command: null },
    })
  for (const said of [note, null]) {
    const environment = made(said)
    expect(parseEnvironment(structuredClone(environment), 'it').deviceNote).toBe(said)
    const [run, end] = [newRun(), outcome({ environment })]
    const first = firstEntry('fern-1', run, null, 'running')
    const entry = endedEntry(first, run.experiment, end, { bytes: 1, hasCheckpoint: false })
    expect(parseRunEntry(structuredClone(entry), 'it').deviceNote).toBe(said ?? undefined)
  }
  // Runs from before it was kept.
  const { deviceNote: _, ...older } = made(null)
  expect(parseEnvironment(older, 'it').deviceNote).toBeNull()
})

test('a run says whether XLA compiled its steps and how busy its GPU was, where the device is', () => {
  const device = { backend: 'tensorflow', name: 'GPU A', version: '2.21.0', description: 'GPU A' } as const
  const xla = { used: true, times: { compiled: 4.1, plain: 6.3 }, why: null }
  const gpu = { busy: 0.87, bytes: 3.2e9, total: 8.5e10, readings: 45 }
  const environment = environmentOf({
    ...{
      kind: 'train',
      experiment: parseExperiment({ version: 1 }),
      device: { ...device, note: 'One of two.' },
    },
    ...{ start: '2026-01-01T00:00:00.000Z', seconds: 1, command: null, xla, gpu },
  })
  expect(parseEnvironment(structuredClone(environment), 'it')).toMatchObject({
    xla,
    gpu,
    deviceNote: 'One of two.',
  })
  const run = newRun()
  const first = firstEntry('fern-1', run, null, 'running')
  const end = { bytes: 1, hasCheckpoint: false }
  expect(endedEntry(first, run.experiment, outcome({ environment }), end).deviceNote).toBe(
    'One of two. Steps are compiled by XLA, TensorFlow’s compiler: 4.10 ms a step, 6.30 ms without it (medians, ' +
      'measured before the first step). Kernels ran on the GPU 87 % of the time (utilization.gpu of nvidia-smi, mean ' +
      'of 45 readings); at most 3.2 GB of its 85.0 GB of memory were in use.',
  )
  const { xla: _xla, gpu: _gpu, ...older } = environment
  expect(parseEnvironment(older, 'it')).toMatchObject({ xla: null, gpu: null })
  const damaged: [object, RegExp][] = [
    [{ xla: 'yes' }, /^it\.xla: this is no choice of XLA/],
    [{ xla: { ...xla, used: 1 } }, /^it\.xla\.used: 1 is neither true nor false/],
    [{ xla: { ...xla, times: { compiled: 1 } } }, /^it\.xla\.times\.plain: /],
    [{ xla: { ...xla, why: 3 } }, /^it\.xla\.why: this is no text/],
    [{ gpu: { ...gpu, busy: 87 } }, /^it\.gpu\.busy: 87 is out of range/],
    [{ gpu: { busy: 1, bytes: 1, total: 1 } }, /^it\.gpu\.readings: /],
  ]
  for (const [wrong, words] of damaged)
    expect(() => parseEnvironment({ ...environment, ...wrong }, 'it')).toThrow(words)
})

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
