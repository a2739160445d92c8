import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openRunLibrary } from '../../main/runs/library'
import { createRecorder } from '../../main/runs/recorder'
import { verifyRun } from '../../main/runs/verify'
import type { Request, Response } from '../../shared/protocol/protocol'
import { defaultExperiment } from '../../shared/settings/table'

let folder: string
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-recorder-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const device = {
  backend: 'tensorflow',
  name: 'GPU A',
  version: '1',
  description: 'GPU A',
  note: null,
} as const
const gpu = { busy: 0.5, bytes: 1e9, total: 2e9, readings: 3 }
const rows = { loss: [[2], [1]], error: [[0.9], [0.4]] }
const SERIES = [
  {
    ...{ block: 'relu-linear', remedy: 'none', skip: 'on', parameters: 7, failure: null, seconds: 1 },
    evaluations: { step: [0, 5], learningRate: [0.1, 0.1], train: rows, test: rows },
    ...{ train: null, test: null },
  },
]

/** A training that is kept, and replies so. */
async function trained(also: object): Promise<string> {
  const library = openRunLibrary(folder)
  const recorder = createRecorder(library)
  const experiment = { ...defaultExperiment() }
  const request: Request = { kind: 'request', id: 'r1', body: { type: 'train', experiment, keep: true } }
  const { value } = await new Promise<Extract<Response, { kind: 'reply' }>>((resolve) =>
    recorder.record(
      request,
      (response) => response.kind === 'reply' && resolve(response),
      (one, _place, hear) => {
        const started = { type: 'started', device, experiment: defaultExperiment(), series: [] } as const
        hear({ kind: 'event', id: one.id, event: { ...started, series: [] } })
        const value = { finished: true, steps: 5, series: SERIES, frames: [], seconds: 1, ...also }
        hear({ kind: 'reply', id: one.id, value: value as never })
      },
    ),
  )
  await recorder.close()
  return (value as unknown as { run: { id: string } }).run.id
}

/** What is asked of the trainer where a run is done again. */
async function askedAgain(id: string): Promise<object> {
  let asked: object = {}
  const nobody = () => Promise.reject(new Error('nobody asks for this'))
  await verifyRun(openRunLibrary(folder), id, {
    ...{ paths: nobody, regions: nobody, trainedPaths: nobody },
    job(body) {
      asked = body
      return Promise.resolve({ device, result: { finished: true, steps: 5, series: SERIES } as never })
    },
  })
  return asked
}

test('how steps were computed and how busy the GPU was are kept beside the device, not in the result', async () => {
  const xla = { used: true, times: { compiled: 4, plain: 6 }, why: null }
  const id = await trained({ gpu, xla })
  const { environment, result, entry } = openRunLibrary(folder).open(id)
  expect(environment).toMatchObject({ xla, gpu })
  expect(result).not.toHaveProperty('xla')
  expect(result).not.toHaveProperty('gpu')
  expect(entry.deviceNote).toMatch(/^Steps are compiled by XLA.*Kernels ran on the GPU 50 % of the time/)
  expect(await askedAgain(id)).toMatchObject({ type: 'train', xla: true })
})

test('a training without XLA is done again without it, also where it would win now', async () => {
  const id = await trained({})
  expect(openRunLibrary(folder).open(id).environment).toMatchObject({ xla: null, gpu: null })
  expect(await askedAgain(id)).toMatchObject({ xla: false })
  const refused = { used: false, times: null, why: 'it does not compile these steps (no)' }
  expect(await askedAgain(await trained({ xla: refused }))).toMatchObject({ xla: false })
})
