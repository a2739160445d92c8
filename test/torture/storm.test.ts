import * as fs from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { RequestBody } from '../../shared/protocol/protocol'
import { ALL_SMALL_JOBS, LONG_JOB } from './jobs'
import * as lab from './lab'

// Starts, stops, pauses, steps and resumes in random order from several tabs, some of which vanish: each request gets
// exactly one answer, and nothing goes on running.

const ACTS = lab.WHOLE ? 6000 : 400
const TABS = 5
/** More than this many unanswered requests are refused by the host, rightly. */
const MOST_OPEN = 40

let folder: string
let host: lab.Host | null
beforeEach(() => {
  folder = lab.temporaryFolder()
  host = null
})
afterEach(async () => {
  await host?.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

interface Tab extends lab.FrontEnd {
  /** Ids of the jobs that it has asked for. */
  jobs: string[]
}

test('each request gets one answer, and nothing stays running', { timeout: 900_000 }, async ({ skip }) => {
  if (lab.missing) return skip(lab.missing)
  const seed = Date.now() % 2 ** 31
  console.info(`Storm: seed ${seed}.`)
  const random = new lab.Random(seed)
  const pick = <T>(list: readonly T[]) => list[random.below(list.length)]
  host = await lab.startHost(folder)
  const { join } = host
  const open = async (): Promise<Tab> => ({ ...(await join()), jobs: [] })
  const tabs = await Promise.all(Array.from({ length: TABS }, open))
  await tabs[0].untilTrainer(({ state }) => state === 'ready')
  const seen: Record<string, number> = {}
  const count = (what: string) => (seen[what] = (seen[what] ?? 0) + 1)

  async function act(i: number) {
    const tab = tabs[i]
    const roll = random.below(100)
    if (roll < 2) {
      // Cut off in the middle: a reset, not a farewell.
      count('cut off')
      const waiting = tab.socket as unknown as { _socket: { resetAndDestroy(): void } }
      waiting._socket.resetAndDestroy()
      check(tab)
      tabs[i] = await open()
      return
    }
    if (tab.open.size >= MOST_OPEN) return stopAll(tab)
    if (roll < 35) {
      count('start')
      tab.jobs.push(tab.send(roll < 8 ? LONG_JOB : pick(ALL_SMALL_JOBS)).id)
    } else if (roll < 90) {
      const action = pick(['pause', 'resume', 'step', 'stop', 'stop'] as const)
      // The newest most of all, and now and then one that is not there.
      const job = random.below(10)
        ? (pick(tab.jobs.slice(-4)) ?? 'none')
        : pick([...tab.jobs, 'none', '', '-1'])
      count(action)
      tab.send({ type: 'control', job, action })
    } else {
      count('others')
      const others: RequestBody[] = [
        { type: 'hello' },
        { type: 'workspace.load' },
        { type: 'workspace.save', document: { version: 1, view: { n: random.below(100) } } },
        { type: 'library.list' },
        { type: 'signal', experiment: { blocks: -1 } },
        { type: 'file.open' },
      ]
      tab.send(pick(others))
    }
  }

  function stopAll(tab: Tab) {
    count('stop all')
    for (const id of tab.open)
      if (tab.jobs.includes(id)) tab.send({ type: 'control', job: id, action: 'stop' })
  }

  let answers = 0
  function check(tab: Tab) {
    const wrong = [...tab.answers].filter(([, times]) => times !== 1)
    expect(wrong, 'answered more than once').toEqual([])
    answers += tab.answers.size
  }

  for (let n = 0; n < ACTS; n++) {
    await act(random.below(TABS))
    if (n % 10 === 0) await lab.pause(random.below(60))
  }
  tabs.forEach(stopAll)
  await vi.waitFor(() => expect(tabs.map((tab) => [...tab.open])).toEqual(tabs.map(() => [])), {
    timeout: 60_000,
    interval: 100,
  })
  tabs.forEach(check)

  // The trainer rests: it takes no time, has not died, and computes what is asked for at once.
  const trainer = host.trainer()!
  await vi.waitFor(
    async () => {
      const before = lab.processorTime(trainer)
      await lab.pause(500)
      expect(lab.processorTime(trainer) - before).toBeLessThan(10)
    },
    { timeout: 20_000, interval: 100 },
  )
  expect(await tabs[0].ask(ALL_SMALL_JOBS[0], 10_000)).toMatchObject({
    kind: 'reply',
    value: { finished: true },
  })
  expect(host.trainer()).toBe(trainer)
  console.info(`Storm: ${ACTS} acts ${JSON.stringify(seen)}, ${answers} answers.`)
})
