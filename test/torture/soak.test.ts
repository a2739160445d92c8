import { once } from 'node:events'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ALL_SMALL_JOBS, LONG_JOB, SMALL_JOBS } from './jobs'
import * as lab from './lab'

// Equal rounds of jobs of every kind, for as long as someone works with the laboratory before lunch: what host and
// trainer hold does not grow with it.

const SECONDS = lab.WHOLE ? Number(process.env.TORTURE_SECONDS ?? 900) : 8
const JOBS = lab.WHOLE ? ALL_SMALL_JOBS : Object.values(SMALL_JOBS).map((jobs) => jobs.at(-1)!)
/** Rounds at the beginning, in which caches fill. */
const WARM = lab.WHOLE ? 2 : 1

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

interface Round {
  /** MiB. */
  host: number
  trainer: number
  hostHandles: number
  trainerHandles: number
  tensors: { most: number; left: number[] }
}

test('memory levels off; handles and tensors stay as they are', { timeout: 1_800_000 }, async ({ skip }) => {
  if (lab.missing) return skip(lab.missing)
  const tensorFile = path.join(folder, 'tensors')
  fs.writeFileSync(tensorFile, '')
  host = await lab.startHost(path.join(folder, 'data'), {
    NODE_OPTIONS: `--import=${new URL('probe.mjs', import.meta.url)}`,
    TORTURE_TENSORS: tensorFile,
  })
  const { pid, join } = host
  const first = await join()
  await first.untilTrainer(({ state }) => state === 'ready')
  const trainer = host.trainer()!

  async function round(n: number): Promise<Round> {
    const tab = await join()
    const asked = JOBS.map((job) => tab.send(job).answer)
    const document = { version: 1, view: { filler: 'x'.repeat(100_000), n } }
    expect(await tab.ask({ type: 'workspace.save', document })).toMatchObject({ kind: 'reply' })
    for (const answer of await lab.inTime(Promise.all(asked), 120_000, `round ${n} was not answered`))
      expect(answer).toMatchObject({ kind: 'reply', value: { finished: true } })
    const long = tab.send(LONG_JOB)
    await lab.pause((n * 37) % 300)
    await tab.ask({ type: 'control', job: long.id, action: 'stop' })
    expect(await long.answer).toMatchObject({ kind: 'reply', value: { finished: false } })
    tab.socket.close()
    await once(tab.socket, 'close')
    const tensors = readTensors(tensorFile)
    // A kept copy of the replaced workspace is no leak of memory, but of this test's disk.
    const data = path.join(folder, 'data')
    for (const name of fs.readdirSync(data)) if (name.includes('.kept-')) fs.rmSync(path.join(data, name))
    await vi.waitFor(
      () => expect(lab.fileHandles(pid)).toBeLessThanOrEqual(rounds[0]?.hostHandles ?? Infinity),
      {
        timeout: 10_000,
        interval: 20,
      },
    )
    const memory = { host: lab.residentMemory(pid), trainer: lab.residentMemory(trainer) }
    return { ...memory, hostHandles: lab.fileHandles(pid), trainerHandles: lab.fileHandles(trainer), tensors }
  }

  const rounds: Round[] = []
  const end = Date.now() + SECONDS * 1000
  while (Date.now() < end || rounds.length < WARM + 2) rounds.push(await round(rounds.length))
  expect(host.trainer()).toBe(trainer)
  print(rounds)

  const equal = rounds.slice(WARM)
  const { trainerHandles, tensors } = equal[0]
  // The probe has seen some while the jobs ran, and the same number after each.
  expect(tensors.most).toBeGreaterThan(10)
  for (const one of equal) {
    expect(one.tensors.left).toEqual(tensors.left)
    expect(one.trainerHandles).toBe(trainerHandles)
  }
  const half = equal.length / 2
  for (const key of ['host', 'trainer'] as const) {
    const [before, after] = [equal.slice(0, half), equal.slice(half)].map((some) =>
      median(some.map((r) => r[key])),
    )
    // Garbage of seconds may still be there; of 15 minutes it may not.
    expect(after, `MiB of the ${key} in the second half`).toBeLessThan(before * (lab.WHOLE ? 1.05 : 1.5) + 20)
  }
})

/** What test/torture/probe.mjs has noted since the last time, "most/left" for each job. */
function readTensors(file: string): Round['tensors'] {
  const lines = fs.readFileSync(file, 'utf8').trim().split('\n')
  fs.writeFileSync(file, '')
  const counts = lines.map((line) => line.split('/').map(Number))
  return { most: Math.max(...counts.map(([most]) => most)), left: counts.map(([, left]) => left) }
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]

function print(rounds: Round[]) {
  const jobs = rounds.length * (JOBS.length + 1)
  console.info(`Soak: ${SECONDS} s, ${rounds.length} rounds, ${jobs} jobs.`)
  const shown = [0, 1, WARM, ...[0.25, 0.5, 0.75, 1].map((share) => Math.round(share * (rounds.length - 1)))]
  for (const i of [...new Set(shown)].sort((a, b) => a - b)) {
    const { host, trainer, hostHandles, trainerHandles, tensors } = rounds[i]
    const memory = `host ${host.toFixed()} MiB, trainer ${trainer.toFixed()} MiB`
    const held = `handles ${hostHandles} and ${trainerHandles}; tensors at most ${tensors.most}, left ${tensors.left}`
    console.info(`  round ${i + 1}: ${memory}; ${held}`)
  }
}
