import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { createSupervisor, type TrainerNotice } from '../../main/hosts/lab/supervisor'
import { nodeTrainer } from '../../main/hosts/lab/supervisor-node'
import { recordFiles } from '../../main/runtime/integrity'
import { DEFAULT_HOST_SETTINGS, trainerSettings } from '../../shared/protocol/host-settings'
import { defaultExperiment } from '../../shared/settings/table'
import { temporary } from '../runtime/fakes'

// The real command and the real trainer, where TensorFlow's library does not live, or the trainer has to be recycled.

const root = path.join(import.meta.dirname, '../..')
const launcher = path.join(root, 'bin/residual-lab.mjs')
const SMALL = ['signal', '--blocks', '2', '--width', '8', '--replicas', '1', '--batch', '8', '--json']

const run = (args: string[], cache?: string) => {
  const env = { ...process.env, ...(cache && { RESIDUAL_LAB_CACHE: cache }) }
  return spawnSync(process.execPath, [launcher, ...args], { encoding: 'utf8', env })
}

// What is not built yet is built by the first command, which says so.
beforeAll(() => void run(['presets']))

/** A library as an installation leaves it, whose binding cannot be loaded. */
async function brokenLibrary() {
  const cache = temporary()
  const folder = path.join(cache, 'runtime/lib-broken')
  const binding = path.join(folder, 'binding/tfjs_binding.node')
  fs.mkdirSync(path.dirname(binding), { recursive: true })
  fs.writeFileSync(binding, 'what was installed')
  const platform = `${process.platform}-${process.arch}`
  const files = await recordFiles(folder)
  const record = {
    version: '2.21.0',
    source: 'wheel',
    device: 'cpu',
    note: null,
    platform,
    libraries: [],
    linked: null,
  }
  fs.writeFileSync(path.join(folder, 'library.json'), JSON.stringify({ ...record, files }))
  fs.writeFileSync(path.join(cache, 'runtime/current.json'), '{"folder": "lib-broken"}')
  return { cache, binding }
}

test('a library that cannot be loaded: why is said in the terminal, and the plain backend computes', async () => {
  const { cache, binding } = await brokenLibrary()
  fs.writeFileSync(binding, 'what was altered..')
  const { status, stdout, stderr } = run(SMALL, cache)
  expect(stderr).toContain(`The installed library is damaged: ${binding} is not what was installed.`)
  expect(stderr).toContain('Plain JavaScript: ten to a hundred times as slow as TensorFlow')
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ device: { backend: 'cpu' }, series: [{ block: 'relu-linear' }] })
})

test('files that are as they were installed are not blamed', async () => {
  const { cache } = await brokenLibrary()
  const { status, stderr } = run(SMALL, cache)
  expect(stderr).toContain('Its files are as they were installed. Choose another with')
  expect(status).toBe(0)
})

let close = () => {}
afterEach(() => close())

test('the real trainer says what it holds, and answers as before once it has been recycled', async () => {
  const notices: TrainerNotice[] = []
  const spawn = nodeTrainer(path.join(root, 'out/main/trainer.cjs'))
  let starts = 0
  const supervisor = createSupervisor({
    spawn: () => {
      starts++
      return spawn()
    },
    onNotice: (notice) => notices.push(notice),
    rest: { idleMs: 50, idleBytes: -(2 ** 40) },
    settings: trainerSettings({ ...DEFAULT_HOST_SETTINGS, device: 'cpu' }),
  })
  close = () => supervisor.close()
  supervisor.start(null)
  const experiment = { ...defaultExperiment(), blocks: 2, width: 8, replicas: 1, batch: 8 }
  const measure = () =>
    new Promise<unknown>((resolve, reject) => {
      const body = { type: 'signal', experiment } as never
      supervisor.request(supervisor, { kind: 'request', id: `${starts}`, body }, (response) => {
        if (response.kind === 'reply') resolve(response.value)
        if (response.kind === 'error') reject(new Error(response.error.message))
      })
    })
  const withoutTime = (value: unknown) =>
    JSON.stringify(value, (key, one: unknown) => (key === 'seconds' ? 0 : one))
  const first = await measure()
  await vi.waitFor(() => expect(starts).toBe(2), { timeout: 10_000 })
  expect(withoutTime(await measure())).toEqual(withoutTime(first))
  expect(notices.map(({ state }) => state)).toEqual(['starting', 'ready'])
})
