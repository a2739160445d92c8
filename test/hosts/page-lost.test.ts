import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { trainerByDevice } from '../../main/hosts/electron/trainer-choice'
import { createSupervisor, type Supervisor, type TrainerNotice } from '../../main/hosts/lab/supervisor'
import type { JobRequest } from '../../main/hosts/lab/supervisor-jobs'
import { nodeTrainer } from '../../main/hosts/lab/supervisor-node'
import { runtimeStatus } from '../../main/runtime'
import { parseExperiment } from '../../shared/experiment/experiment'
import { DEFAULT_HOST_SETTINGS, trainerSettings } from '../../shared/protocol/host-settings'
import type { JobResult } from '../../shared/protocol/jobs'
import type { Place, Response } from '../../shared/protocol/protocol'
import { defaultExperiment } from '../../shared/settings/table'
import { findChromium } from '../e2e/browser-host'
import { openPages, type PageTrainer } from './page-in-chromium'

// A page that computes by WebGPU, in a real Chromium, whose GPU or whose process goes while it trains, with the host's
// own supervisor before it: what it says, what computes next, and that the training goes on there.

const root = fileURLToPath(new URL('../..', import.meta.url))
const executable = findChromium()
const isBuilt = fs.existsSync(path.join(root, 'out', 'renderer', 'trainer.html'))
const missing = executable ? (isBuilt ? null : 'no build: run `npm run build`') : 'no Chromium on the PATH'

const WAIT = { timeout: 100_000, interval: 50 }
const settings = trainerSettings({ ...DEFAULT_HOST_SETTINGS, device: 'webgpu-software' })
const experiment = parseExperiment({
  ...defaultExperiment(),
  ...{
    blocks: 2,
    width: 16,
    trainReplicas: 2,
    data: 'digits',
    steps: 100_000,
    batch: 64,
    remedies: ['none'],
  },
})

let pages: Awaited<ReturnType<typeof openPages>>
let folder: string
let supervisor: Supervisor
const open: PageTrainer[] = []

beforeAll(async () => {
  if (!missing) pages = await openPages(executable!, ['--enable-unsafe-webgpu'])
}, 60_000)
afterAll(() => pages?.close())
afterEach(() => {
  supervisor.close()
  for (const one of open.splice(0)) one.kill()
  fs.rmSync(folder, { recursive: true, force: true })
})

/** A host with one page at hand, opened before, for the first process that is to compute by WebGPU. */
async function openHost(atHand = 1) {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'page-lost-'))
  for (let i = 0; i < atHand; i++) open.push(await pages.open(folder))
  const ready = [...open]
  const notices: TrainerNotice[] = []
  supervisor = createSupervisor({
    spawn: trainerByDevice(() => ready.shift()!, nodeTrainer(path.join(root, 'out', 'main', 'trainer.cjs'))),
    onNotice: (notice) => notices.push(notice),
    settings,
  })
  supervisor.start((await runtimeStatus()).library)
  await expect.poll(() => supervisor.notice.device?.description, WAIT).toContain('WebGPU')
  return notices
}

/** Asks for a training. */
function train(place: Place) {
  const owner = {}
  const heard: Response[] = []
  const ask = (id: string, body: JobRequest['body']) =>
    supervisor.request(owner, { kind: 'request', id, body }, (one) => heard.push(one), place)
  ask('a', { type: 'train', experiment: { ...experiment }, weights: true })
  const until = <T>(find: (one: Response) => T | false | undefined) =>
    vi.waitFor(() => {
      const found = heard.map(find).find(Boolean)
      if (!found) throw new Error(`not in ${JSON.stringify(heard).slice(-500)}`)
      return found as T
    }, WAIT)
  return {
    until,
    say: (action: 'pause' | 'resume' | 'stop') => ask(action, { type: 'control', job: 'a', action }),
    end: () => until((one) => one.id === 'a' && one.kind !== 'event' && one),
  }
}

describe.skipIf(missing)('the page that computes loses its GPU in the middle of a training', () => {
  const losses = {
    'with the process for the GPU': () => pages.killGpu(),
    'as a device that is destroyed': async () => {
      const [jobs] = open[0].page.workers().filter((one) => one.url().includes('trainer-jobs'))
      await jobs.evaluate(() => (globalThis as unknown as { device: GPUDevice }).device.destroy())
    },
  }
  test.each(Object.entries(losses))(
    '%s: it is interrupted with the cause, and goes on on the next device',
    async (_how, lose) => {
      const notices = await openHost()
      const place = { folder: path.join(folder, 'run'), resume: false }
      fs.mkdirSync(place.folder)
      const { until, say, end } = train(place)
      await until((one) => one.kind === 'event' && one.event.type === 'frame')
      say('pause')
      const kept = await until((one) => one.kind === 'event' && one.event.type === 'checkpoint' && one.event)
      say('resume')
      const isAfter = (one: Response) =>
        one.kind === 'event' && one.event.type === 'progress' && one.event.done
      await until((one) => isAfter(one) && Number(isAfter(one)) > kept.step)
      await lose()
      expect(await end()).toMatchObject({
        kind: 'error',
        error: {
          reason: 'interrupted',
          message: expect.stringMatching(
            /^The GPU \(.+\) was lost: .+[^.]\. Run it again, or go on with it where it can be: another device computes /,
          ),
        },
      })
      await expect.poll(() => supervisor.notice.state, WAIT).toBe('ready')
      expect(supervisor.notice.device?.description).toMatch(/^CPU/)
      expect(supervisor.notice.device?.note).toMatch(/^The GPU \(.+\) was lost: /)
      expect(notices.map(({ state }) => state)).not.toContain('failed')
      expect(open[0].printed).toEqual([])
      const again = train({ ...place, resume: true })
      const first = await again.until(
        (one) => one.kind === 'event' && one.event.type === 'frame' && one.event.step,
      )
      expect(first).toBeGreaterThanOrEqual(kept.step)
      again.say('stop')
      const { value } = (await again.end()) as { value: JobResult<'train'> }
      expect(value.steps).toBeGreaterThan(kept.step)
      expect(value.finished).toBe(false)
    },
    240_000,
  )
})
