import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Backend } from '../../../main/trainer/backend'
import { command, createControl } from '../../../main/trainer/engine/control'
import { measureLesion } from '../../../main/trainer/engine/lesion'
import { trainNetworks } from '../../../main/trainer/engine/train'
import type { RunFolder } from '../../../main/trainer/engine/run-folder'
import { nodeFolder } from '../../../main/trainer/node-folder'
import { trainingExperiment } from '../../../shared/experiment/experiment'
import type { LesionSet } from '../../../shared/lesion/lesion'
import { defaultExperiment } from '../../../shared/settings/table'
import { testBackend } from '../backend'

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

let folder: string
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-look-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const experiment = trainingExperiment({
  ...defaultExperiment(),
  ...{ blocks: 3, width: 12, trainReplicas: 2, batch: 64, steps: 40, remedies: ['batch-norm'] },
})
const lesions: LesionSet = { set: 'one', lesion: { delete: [2] } }
const looking = () => nodeFolder({ folder, resume: true, isReadOnly: true })

test('what is looked at is what was trained, and its folder stays as it is', async () => {
  const place = nodeFolder({ folder, resume: false })
  const trained = await trainNetworks(backend, experiment, createControl(), () => {}, {
    weights: true,
    place,
  })
  const file = path.join(folder, 'checkpoint.safetensors')
  const before = fs.readFileSync(file)
  const looked = await trainNetworks(backend, experiment, createControl(), () => {}, {
    weights: true,
    place: looking(),
  })
  expect(looked.series[0].weights).toEqual(trained.series[0].weights)
  expect(looked.series[0].test).toEqual(trained.series[0].test)
  const measure = async (at: RunFolder | null) =>
    (await measureLesion(backend, experiment, lesions, 'intact', createControl(), () => {}, at)).series
  expect(await measure(looking())).toEqual(await measure(null))
  expect(fs.readFileSync(file).equals(before)).toBe(true)
  expect(fs.readdirSync(folder)).toEqual(['checkpoint.safetensors'])
})

test('a training that was stopped is looked at where it stood', async () => {
  const control = createControl()
  const { steps } = await trainNetworks(
    backend,
    experiment,
    control,
    (event) => event.type === 'frame' && event.step > 0 && command(control, 'stop'),
    { place: nodeFolder({ folder, resume: false }) },
  )
  expect(steps).toBeLessThan(40)
  const looked = await trainNetworks(backend, experiment, createControl(), () => {}, { place: looking() })
  expect(looked).toMatchObject({ finished: true, steps })
})
