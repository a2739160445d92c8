import { once } from 'node:events'
import * as fs from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { JobReply } from '../../shared/protocol/jobs'
import type { Replies } from '../../shared/protocol/protocol'
import { ALL_SMALL_JOBS, LONG_JOB } from './jobs'
import * as lab from './lab'

// Whoever is killed, and whenever: the laboratory answers afterwards, the workspace is an old or a new one, nobody is
// left behind.

const TRAINER_KILLS = lab.WHOLE ? 50 : 4
const HOST_KILLS = lab.WHOLE ? 30 : 3

let folder: string
let hosts: lab.Host[]
beforeEach(() => {
  folder = lab.temporaryFolder()
  hosts = []
})
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.close()))
  fs.rmSync(folder, { recursive: true, force: true })
})

async function start(): Promise<lab.Host> {
  const host = await lab.startHost(folder)
  hosts.push(host)
  return host
}

const untilGone = (pid: number) =>
  vi.waitFor(() => expect(lab.isRunning(pid), `process ${pid} is left behind`).toBe(false), {
    timeout: 10_000,
    interval: 50,
  })

const isReady = ({ state }: lab.TrainerNotice) => state === 'ready'

describe('the trainer is killed in the middle of jobs', () => {
  test('each is answered, and the next ones are computed', { timeout: 1_800_000 }, async ({ skip }) => {
    if (lab.missing) return skip(lab.missing)
    const seed = Date.now() % 2 ** 31
    console.info(`Crash loop: seed ${seed}.`)
    const random = new lab.Random(seed)
    const host = await start()
    const tabs = [await host.join(), await host.join()]
    const best = (await tabs[0].untilTrainer(isReady)).device!.backend
    const seen = { interrupted: 0, 'done before': 0, 'on the plain backend': 0 }

    for (let n = 1; n <= TRAINER_KILLS; n++) {
      const trainer = await vi.waitUntil(() => host.trainer(), { timeout: 10_000 })
      const jobs = tabs.flatMap((tab) => [
        tab.send(ALL_SMALL_JOBS[random.below(ALL_SMALL_JOBS.length)]).answer,
        tab.send(LONG_JOB).answer,
      ])
      await lab.pause(random.below(1500))
      process.kill(trainer, random.below(2) ? 'SIGSEGV' : 'SIGKILL')
      const answers = await lab.inTime(Promise.all(jobs), 60_000, `kill ${n}: not every job was answered`)
      for (const answer of answers) {
        if (answer.kind === 'error') expect(answer.error.reason).toMatch(/^(interrupted|failed)$/)
        seen[answer.kind === 'error' ? 'interrupted' : 'done before']++
      }
      await untilGone(trainer)
      // Where it has been given up, the next question starts it again.
      const next = await tabs[1].ask(ALL_SMALL_JOBS[0], 60_000)
      expect(next, `after kill ${n}`).toMatchObject({ kind: 'reply', value: { finished: true } })
      expect((next as { value: JobReply<'signal'> }).value.series.length).toBeGreaterThan(0)
      await tabs[0].untilTrainer(isReady)
      expect(lab.childrenOf(host.pid)).toHaveLength(1)
      if (tabs[0].trainer!.device!.backend === best) continue
      // It was killed so often that the plain backend stands in: the library is sound, and is taken up again.
      seen['on the plain backend']++
      expect(await tabs[0].ask({ type: 'runtime.install' }, 120_000)).toMatchObject({ kind: 'reply' })
      await tabs[0].untilTrainer((notice) => isReady(notice) && notice.device!.backend === best)
    }
    expect(seen.interrupted).toBeGreaterThan(0)
    console.info(`Crash loop: the trainer was killed ${TRAINER_KILLS} times: ${JSON.stringify(seen)}.`)
    for (const tab of tabs) expect([...tab.answers.values()].every((count) => count === 1)).toBe(true)
  })
})

describe('the host is killed while it saves', () => {
  const workspace = (n: number) => ({
    version: 1,
    experiment: { seed: n },
    view: { filler: 'x'.repeat(100_000) },
  })

  test('the workspace is an old or a new one', { timeout: 1_200_000 }, async ({ skip }) => {
    if (lab.missing) return skip(lab.missing)
    const random = new lab.Random(Date.now() % 2 ** 31)
    let last = 0
    let saves = 0

    /** What is there, as its number. */
    async function load(tab: lab.FrontEnd) {
      const answer = await tab.ask({ type: 'workspace.load' }, 10_000)
      const { document, revision, problem } = (answer as { value: Replies['workspace.load'] }).value
      expect(problem).toBeNull()
      if (!document) return { n: 0, revision }
      const n = (document.experiment as { seed: number }).seed
      expect(document).toEqual(workspace(n))
      return { n, revision }
    }

    for (let kill = 1; kill <= HOST_KILLS; kill++) {
      const host = await start()
      const tab = await host.join()
      let { revision } = await load(tab)
      if (kill % 2) await tab.untilTrainer(isReady)
      void tab.send(LONG_JOB)
      const trainer = await vi.waitUntil(() => host.trainer(), { timeout: 10_000 })

      const gone = once(tab.socket, 'close').then(() => null)
      let [sent, saved, isKilled] = [last, last, false]
      const saving = (async () => {
        while (!isKilled) {
          const n = ++sent
          const { answer } = tab.send({ type: 'workspace.save', document: workspace(n), base: revision })
          const reply = await Promise.race([answer, gone])
          if (!reply) return
          expect(reply).toMatchObject({ kind: 'reply', value: { revision: expect.any(String) } })
          revision = (reply as { value: Replies['workspace.save'] }).value.revision
          saved = n
        }
      })()
      await lab.pause(50 + random.below(400))
      host.process.kill('SIGKILL')
      await once(host.process, 'exit')
      await gone
      isKilled = true
      await saving
      saves += saved - last
      await untilGone(trainer)

      // Nothing blocks who comes next, and what was said to be saved is saved.
      const after = await start()
      const next = await after.join()
      const found = await load(next)
      expect(found.n, `after kill ${kill}`).toBeGreaterThanOrEqual(saved)
      expect(found.n).toBeLessThanOrEqual(sent)
      last = sent + 1
      const document = workspace(last)
      const again = await next.ask({ type: 'workspace.save', document, base: found.revision }, 5000)
      expect(again).toMatchObject({ kind: 'reply', value: { revision: expect.any(String), kept: null } })
      expect((await load(next)).n).toBe(last)
      await after.close()
    }
    expect(saves).toBeGreaterThan(0)
    console.info(`Crash loop: the host was killed ${HOST_KILLS} times in ${saves} saves.`)
  })
})
