import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openRunLibrary } from '../../main/runs/library'
import { createRecorder } from '../../main/runs/recorder'
import type { Request, Response } from '../../shared/protocol/protocol'
import { defaultExperiment } from '../../shared/settings/table'
import { RESULT } from './runs'

let folder: string
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-runs-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const experiment = defaultExperiment() as unknown as Record<string, unknown>
const device = { backend: 'cpu', name: 'CPU', version: '1', description: 'CPU, fixture', note: null } as const

/** Asks for a measurement, which ends once `act` has been done. @returns its reply */
async function measured(act: (say: (body: Request['body']) => void) => void): Promise<Response> {
  const recorder = createRecorder(openRunLibrary(folder))
  const page = {}
  const replied = new Promise<Response>((resolve) => {
    const request: Request = { kind: 'request', id: 'r1', body: { type: 'signal', experiment, keep: true } }
    const answer = (response: Response) => response.kind === 'reply' && resolve(response)
    let end: () => void = () => {}
    recorder.record(
      request,
      answer,
      (one, _place, hear) => {
        const started = { type: 'started', device, experiment: defaultExperiment(), series: [] } as const
        hear({ kind: 'event', id: one.id, event: { ...started, series: [] } })
        const value = { ...RESULT, finished: false, seconds: 1 } as never
        end = () => hear({ kind: 'reply', id: one.id, value })
      },
      () => true,
      page,
    )
    act((body) =>
      recorder.record(
        { kind: 'request', id: 'r2', body },
        () => {},
        () => {},
        () => true,
        page,
      ),
    )
    end()
  })
  const response = await replied
  await recorder.close()
  return response
}

test('what is stopped becomes a run', async () => {
  const { value } = (await measured((say) => say({ type: 'control', job: 'r1', action: 'stop' }))) as never
  expect(value).toMatchObject({ run: { kind: 'signal', state: 'stopped' } })
  expect(openRunLibrary(folder).list().runs).toHaveLength(1)
})

test('what a newer one has superseded does not', async () => {
  const stop = { type: 'control', job: 'r1', action: 'stop', keep: false } as const
  const { value } = (await measured((say) => say(stop))) as never
  expect(value).toMatchObject({ finished: false, run: null })
  expect(openRunLibrary(folder).list().runs).toEqual([])
})
