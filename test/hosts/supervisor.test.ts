import * as path from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { TERMINAL_WORDS, causeKeeper } from '../../main/hosts/lab/death'
import { createSupervisor, type Supervisor, type TrainerNotice } from '../../main/hosts/lab/supervisor'
import { nodeTrainer } from '../../main/hosts/lab/supervisor-node'
import type { Response } from '../../shared/protocol/protocol'

const SETTINGS = { device: 'auto', gpu: null, gpuMemory: null, threads: null, memory: null } as const
/** Without TensorFlow's library: no GPU is looked for. */
const ON_CPU = { ...SETTINGS, device: 'cpu' } as const
const FIXTURE = path.join(__dirname, 'fixture-trainer.cjs')

let supervisor: Supervisor
let notices: TrainerNotice[] = []

function supervise(options: Partial<Parameters<typeof createSupervisor>[0]> = {}) {
  notices = []
  supervisor = createSupervisor({
    spawn: nodeTrainer(FIXTURE),
    onNotice: (notice) => notices.push(notice),
    ...options,
  })
  return supervisor
}

afterEach(() => {
  supervisor.close()
  vi.unstubAllEnvs()
})

/** A front end: asks, and keeps what it is answered. */
function frontEnd() {
  const owner = {}
  const responses: Response[] = []
  const until = (kind: Response['kind'], id: string) =>
    vi.waitFor(
      () => {
        const found = responses.find((response) => response.kind === kind && response.id === id)
        if (!found) throw new Error(`no ${kind} for ${id} in ${JSON.stringify(responses)}`)
        return found
      },
      { timeout: 10_000, interval: 20 },
    )
  const ask = (id: string, body: Record<string, unknown>) =>
    supervisor.request(owner, { kind: 'request', id, body } as never, (response) => responses.push(response))
  return {
    owner,
    responses,
    until,
    signal: (id: string, what: string) => ask(id, { type: 'signal', experiment: { do: what } }),
    /** Says what computes, and no more. */
    start: (id: string) => ask(id, { type: 'signal', experiment: { seed: 32 } }),
    control: (id: string, job: string, action: string) => ask(id, { type: 'control', job, action }),
  }
}

const pidOf = (response: unknown) =>
  ((response as { event?: { pid: number } }).event ?? (response as { value: { pid: number } }).value).pid
const states = () => notices.map((notice) => notice.state)
const untilState = (state: TrainerNotice['state']) =>
  vi.waitFor(() => expect(states()).toContain(state), { timeout: 10_000, interval: 20 })

test('what waits when it is closed, and what comes afterwards, is answered', async () => {
  supervise()
  const tab = frontEnd()
  tab.signal('before', 'answer')
  supervisor.close()
  tab.signal('after', 'answer')
  for (const id of ['before', 'after'])
    expect(await tab.until('error', id)).toMatchObject({
      error: { message: 'The laboratory was closed.', reason: 'interrupted' },
    })
})

test('requests wait for the trainer, and numbers that are not finite arrive as they are', async () => {
  supervise({ settings: ON_CPU }).start(null, 'A remark on the library.')
  const tab = frontEnd()
  tab.signal('a', 'answer')
  const reply = (await tab.until('reply', 'a')) as { value: unknown }
  expect(reply.value).toMatchObject({ finished: true, large: Infinity })
  expect(states()).toEqual(['starting', 'ready'])
  expect(supervisor.notice).toMatchObject({
    message: 'CPU, fixture A remark on the library.',
    device: { description: 'CPU, fixture', note: 'A remark on the library.' },
  })
})

test('two front ends may use the same ids, and control only their own jobs', async () => {
  supervise().start(null)
  const [one, two] = [frontEnd(), frontEnd()]
  one.signal('a', 'wait')
  two.signal('a', 'wait')
  await one.until('event', 'a')
  await two.until('event', 'a')
  two.control('b', 'a', 'stop')
  await two.until('reply', 'a')
  await two.until('reply', 'b')
  expect(one.responses).toHaveLength(1)
})

test('a job that has ended can be controlled without harm', async () => {
  supervise().start(null)
  const tab = frontEnd()
  tab.signal('a', 'answer')
  await tab.until('reply', 'a')
  tab.control('b', 'a', 'stop')
  expect(await tab.until('reply', 'b')).toEqual({ kind: 'reply', id: 'b', value: null })
})

test('what a front end had running is stopped when it goes', async () => {
  supervise().start(null)
  const [gone, stays] = [frontEnd(), frontEnd()]
  gone.signal('a', 'wait')
  await gone.until('event', 'a')
  supervisor.disconnect(gone.owner)
  stays.signal('b', 'answer')
  await stays.until('reply', 'b')
  expect(gone.responses).toHaveLength(1)
})

test('a crash interrupts what was running, and the trainer is started again', async () => {
  supervise().start(null)
  const tab = frontEnd()
  tab.signal('running', 'wait')
  const before = pidOf(await tab.until('event', 'running'))
  tab.signal('crash', 'crash')
  const error = await tab.until('error', 'running')
  expect(error).toEqual({
    kind: 'error',
    id: 'running',
    error: {
      reason: 'interrupted',
      message:
        'The process that computes has ended (signal SIGABRT). It is being started again; then run this again.',
    },
  })
  tab.signal('again', 'answer')
  expect(pidOf(await tab.until('reply', 'again'))).not.toBe(before)
  expect(states()).toEqual(['starting', 'ready', 'restarting', 'ready'])
})

test('a trainer killed from outside: the message says what may have been the cause', async () => {
  supervise().start(null)
  const tab = frontEnd()
  tab.signal('running', 'wait')
  process.kill(pidOf(await tab.until('event', 'running')), 'SIGKILL')
  const { error } = (await tab.until('error', 'running')) as { error: { message: string; reason: string } }
  expect(error.reason).toBe('interrupted')
  expect(error.message).toBe(
    'The process that computes has ended (signal SIGKILL). It was killed from outside: by the system if ' +
      'memory ran out, then a smaller network helps. Run this again when it is ready.',
  )
})

test('a trainer that dies at every start is given up, with a hint; asking again tries again', async () => {
  vi.stubEnv('FIXTURE_DIES', 'at start')
  supervise({ settings: ON_CPU }).start(null)
  const tab = frontEnd()
  tab.signal('a', 'answer')
  await untilState('failed')
  expect(supervisor.notice.message).toMatch(
    /^The process that computes ended 3 times in a row .*\(exit code 7\)\. Press play to try again/,
  )
  expect(await tab.until('error', 'a')).toMatchObject({ error: { reason: 'failed' } })
  expect(states()).toEqual(['starting', 'restarting', 'restarting', 'failed'])

  vi.stubEnv('FIXTURE_DIES', '')
  tab.signal('b', 'answer')
  await tab.until('reply', 'b')
  expect(supervisor.notice.state).toBe('ready')
})

test('a trainer that dies of an error says which', async () => {
  vi.stubEnv('FIXTURE_DIES', 'of an error')
  supervise({ quickDeaths: 1, words: TERMINAL_WORDS }).start(null)
  await untilState('failed')
  expect(supervisor.notice.message).toBe(
    'The process that computes ended as soon as it was started (exit code 1: RangeError: Invalid typed array ' +
      'length: 9). Run the command again; if that does not help, choose another TensorFlow with ' +
      '`npx residual-lab runtime use PATH`.',
  )
})

test.each([
  ['node:internal:1\n  throw x\n  ^\n\nTypeError: x is no function\n    at f', 'TypeError: x is no function'],
  [
    'Error [ERR_WORKER_OUT_OF_MEMORY]: Worker terminated',
    'Error [ERR_WORKER_OUT_OF_MEMORY]: Worker terminated',
  ],
  ['FATAL ERROR: Reached heap limit Allocation failed', 'FATAL ERROR: Reached heap limit Allocation failed'],
  [
    "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n",
    'what():  std::bad_alloc',
  ],
])('the cause in %j', (text, cause) => {
  const keeper = causeKeeper()
  keeper.hear(text)
  keeper.hear('    at Module._compile (node:internal)\n')
  expect(keeper.told('exit code 1')).toBe(`exit code 1: ${cause}`)
})

test('a trainer that never gets ready is ended', async () => {
  const silent = path.join(__dirname, 'fixture-silent.cjs')
  supervise({ spawn: nodeTrainer(silent), startMs: 300, quickDeaths: 1 }).start(null)
  await untilState('failed')
  expect(supervisor.notice.message).toContain('it was not ready after 0.3 s')
})

test('another library: the trainer is replaced, and what was running is interrupted', async () => {
  supervise().start(null)
  const tab = frontEnd()
  tab.signal('a', 'wait')
  const before = pidOf(await tab.until('event', 'a'))
  supervisor.start(null)
  expect(await tab.until('error', 'a')).toMatchObject({
    error: { reason: 'interrupted', message: expect.stringContaining('library was changed') },
  })
  tab.signal('b', 'answer')
  expect(pidOf(await tab.until('reply', 'b'))).not.toBe(before)
  await vi.waitFor(() => expect(() => process.kill(before, 0)).toThrow(), { timeout: 10_000 })
})

test('a job that waits for the trainer can be stopped', async () => {
  supervise()
  const tab = frontEnd()
  tab.signal('a', 'answer')
  tab.control('b', 'a', 'stop')
  expect(await tab.until('reply', 'a')).toMatchObject({ value: { finished: false, series: [] } })
  await tab.until('reply', 'b')
})

test('closing ends the process', async () => {
  supervise().start(null)
  const tab = frontEnd()
  tab.signal('a', 'wait')
  const pid = pidOf(await tab.until('event', 'a'))
  supervisor.close()
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), { timeout: 10_000 })
})

const LIBRARY = {
  path: '/lib',
  bindingPath: '/binding',
  version: '2.21.0',
  source: 'wheel',
  device: 'cpu',
  note: null,
} as const

test('a library that the trainer dies of: what is wrong with it is said, and the plain backend goes on', async () => {
  vi.stubEnv('FIXTURE_DIES', 'of its library')
  const explain = vi.fn(() => Promise.resolve('The installed library is damaged.'))
  supervise({ explain, settings: ON_CPU }).start(LIBRARY)
  const tab = frontEnd()
  tab.signal('a', 'answer')
  await tab.until('reply', 'a')
  expect(states()).toEqual(['starting', 'restarting', 'restarting', 'restarting', 'starting', 'ready'])
  expect(notices[3]!.message).toBe(
    'TensorFlow ended 3 times in a row as soon as it was started (signal SIGSEGV). Its files are being checked.',
  )
  expect(supervisor.notice.device!.note).toBe(
    'TensorFlow ended 3 times in a row as soon as it was started (signal SIGSEGV). The installed library is damaged.',
  )
  expect(explain).toHaveBeenCalledTimes(1)
  expect(supervisor.inUse.failedLibrary).toBe(LIBRARY)

  // Repaired.
  vi.stubEnv('FIXTURE_DIES', '')
  supervisor.start(LIBRARY)
  tab.signal('b', 'answer')
  await tab.until('reply', 'b')
  expect(supervisor.notice.device!.note).toBeNull()
  expect(supervisor.inUse.failedLibrary).toBeNull()
})

test('where the plain backend cannot live either, the trainer is given up', async () => {
  vi.stubEnv('FIXTURE_DIES', 'at start')
  supervise({ quickDeaths: 1, settings: ON_CPU }).start(LIBRARY)
  await untilState('failed')
  expect(states()).toEqual(['starting', 'restarting', 'starting', 'failed'])
})

describe('a GPU that the process dies of', () => {
  const ON_GPU = { ...LIBRARY, device: 'gpu' } as const
  const given = (response: unknown) =>
    (response as { value: { settings: object; library: object | null } }).value

  test('is left alone: TensorFlow goes on on the CPU, and says why, wherever it is asked', async () => {
    vi.stubEnv('FIXTURE_DIES', 'of a GPU')
    const explain = vi.fn(() => Promise.resolve('Its files are as they were installed.'))
    supervise({ explain }).start(ON_GPU)
    const tab = frontEnd()
    tab.signal('a', 'answer')
    const answered = given(await tab.until('reply', 'a'))
    expect(answered).toMatchObject({ settings: { ...SETTINGS, device: 'cpu' }, library: ON_GPU })
    expect(states()).toEqual(['starting', 'restarting', 'restarting', 'restarting', 'starting', 'ready'])
    const cause = 'TensorFlow on the GPU ended 3 times in a row as soon as it was started (signal SIGSEGV).'
    expect(notices[3]!.message).toBe(`${cause} Its files are being checked.`)
    expect(supervisor.notice.device!.note).toBe(
      `${cause} Its files are as they were installed. The next device computes until one is chosen anew in the ` +
        'settings; a driver that hangs is mended by a restart of the machine.',
    )
    expect(supervisor.inUse.failedLibrary).toBeNull()

    // Whoever chooses a device anew means it.
    vi.stubEnv('FIXTURE_DIES', '')
    expect(supervisor.configure({ ...SETTINGS, device: 'gpu' }, true)).toBe('now')
    expect(supervisor.configure({ ...SETTINGS, device: 'gpu' }, true)).toBeNull()
    tab.signal('b', 'answer')
    expect(given(await tab.until('reply', 'b')).settings).toEqual({ ...SETTINGS, device: 'gpu' })
    expect(supervisor.notice.device!.note).toBeNull()
  })

  test('is the next device tried after WebGPU, and the one after it the CPU', async () => {
    vi.stubEnv('FIXTURE_DIES', 'of a GPU')
    supervise({ quickDeaths: 1, settings: { ...SETTINGS, device: 'webgpu' } }).start(ON_GPU)
    const tab = frontEnd()
    tab.signal('a', 'answer')
    expect(given(await tab.until('reply', 'a')).settings).toEqual({ ...SETTINGS, device: 'cpu' })
    expect(states()).toEqual(['starting', 'restarting', 'starting', 'restarting', 'starting', 'ready'])
    expect(supervisor.notice.device!.note).toMatch(
      /^WebGPU ended as soon as it was started .* TensorFlow on the GPU ended as soon as it was started /,
    )
  })

  test('and a library that the process dies of everywhere: the plain backend goes on', async () => {
    vi.stubEnv('FIXTURE_DIES', 'of its library')
    supervise({ quickDeaths: 1 }).start(ON_GPU)
    const tab = frontEnd()
    tab.signal('a', 'answer')
    expect(given(await tab.until('reply', 'a')).library).toBeNull()
    expect(supervisor.inUse.failedLibrary).toBe(ON_GPU)
    expect(supervisor.notice.device!.note).toMatch(/TensorFlow on the GPU ended .* TensorFlow ended /)

    // Chosen once more while the plain backend is at work: the library is tried again when that has ended.
    tab.signal('b', 'wait')
    await tab.until('event', 'b')
    vi.stubEnv('FIXTURE_DIES', '')
    expect(supervisor.configure({ ...SETTINGS }, true)).toBe('after the run')
    tab.control('c', 'b', 'stop')
    await tab.until('reply', 'b')
    tab.signal('d', 'answer')
    expect(given(await tab.until('reply', 'd')).library).toEqual(ON_GPU)
    expect(supervisor.inUse.failedLibrary).toBeNull()
    expect(supervisor.notice.device!.note).toBeNull()
  })

  test('and nothing that lives: a device that is chosen once more is tried once more', async () => {
    vi.stubEnv('FIXTURE_DIES', 'at start')
    supervise({ quickDeaths: 1 }).start(null)
    await untilState('failed')
    vi.stubEnv('FIXTURE_DIES', '')
    expect(supervisor.configure({ ...SETTINGS }, true)).toBe('now')
    await untilState('ready')
  })

  test('counts as one where the process has said so, whatever the library was installed for', async () => {
    vi.stubEnv('FIXTURE_DEVICE', 'GPU fixture')
    supervise({ quickDeaths: 1 }).start(LIBRARY)
    const tab = frontEnd()
    tab.signal('a', 'crash')
    await tab.until('error', 'a')
    tab.signal('b', 'answer')
    expect(given(await tab.until('reply', 'b'))).toMatchObject({
      settings: { ...SETTINGS, device: 'cpu' },
      library: LIBRARY,
    })
  })
})

describe('a job that needs more than TensorFlow’s pool of memory', () => {
  test('is done in a process without one, in silence, and what waited behind it, too', async () => {
    supervise().start(null)
    const tab = frontEnd()
    tab.signal('small', 'answer')
    const pooled = await tab.until('reply', 'small')
    expect(pooled).toMatchObject({ value: { isPooled: true } })
    notices = []
    tab.signal('large', 'need much')
    tab.signal('behind', 'answer')
    const large = await tab.until('reply', 'large')
    expect(large).toMatchObject({ value: { isPooled: false } })
    expect(pidOf(large)).not.toBe(pidOf(pooled))
    expect(pidOf(await tab.until('reply', 'behind'))).toBe(pidOf(large))
    expect(notices).toEqual([])
    // The next one of that kind need not wait.
    tab.signal('again', 'need much')
    expect(pidOf(await tab.until('reply', 'again'))).toBe(pidOf(large))
  })

  test('can be stopped before that process is there, and other settings bring the pool back', async () => {
    supervise().start(null)
    const tab = frontEnd()
    tab.signal('small', 'answer')
    await tab.until('reply', 'small')
    tab.signal('large', 'need much')
    tab.control('stop', 'large', 'stop')
    await tab.until('reply', 'stop')
    expect(await tab.until('reply', 'large')).toBeTruthy()
    tab.signal('larger', 'need much')
    expect(await tab.until('reply', 'larger')).toMatchObject({ value: { isPooled: false } })
    supervisor.configure({ ...SETTINGS, threads: 1 })
    tab.signal('after', 'answer')
    expect(await tab.until('reply', 'after')).toMatchObject({ value: { isPooled: true } })
  })
})

test('a process that dies before it is ready has not lived, however long it took', async () => {
  vi.stubEnv('FIXTURE_DIES', 'at start')
  supervise({ quickMs: 0, settings: ON_CPU }).start(null)
  await untilState('failed')
  expect(states()).toEqual(['starting', 'restarting', 'restarting', 'failed'])
})

test('a library that is chosen while another is looked into is the one that counts', async () => {
  vi.stubEnv('FIXTURE_DIES', 'of its library')
  let told = (_why: string) => {}
  supervise({ quickDeaths: 1, explain: () => new Promise((resolve) => (told = resolve)) }).start(LIBRARY)
  await untilState('restarting')
  vi.stubEnv('FIXTURE_DIES', '')
  supervisor.start({ ...LIBRARY })
  await untilState('ready')
  told('The installed library is damaged.')
  const tab = frontEnd()
  tab.signal('a', 'answer')
  await tab.until('reply', 'a')
  expect(supervisor.notice.message).toBe('CPU, fixture')
  expect(states()).toEqual(['starting', 'restarting', 'starting', 'ready'])
})

describe('a trainer that rests', () => {
  const rest = { idleMs: 300, idleBytes: 100 * 2 ** 20 }
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }

  test('and holds too much is started again in silence, and nothing is lost', async () => {
    supervise({ rest }).start(null)
    const tab = frontEnd()
    tab.signal('a', 'hold')
    const before = pidOf(await tab.until('reply', 'a'))
    await vi.waitFor(() => expect(isAlive(before)).toBe(false), { timeout: 10_000, interval: 5 })
    tab.signal('b', 'answer')
    expect(pidOf(await tab.until('reply', 'b'))).not.toBe(before)
    expect(states()).toEqual(['starting', 'ready'])
  })

  test('is asked at any moment meanwhile: every request is answered', async () => {
    supervise({ rest: { idleMs: 20, idleBytes: -(2 ** 40) } }).start(null)
    const tab = frontEnd()
    const pids = new Set<number>()
    for (let i = 0; i < 60; i++) {
      tab.signal(`${i}`, 'answer')
      pids.add(pidOf(await tab.until('reply', `${i}`)))
      await new Promise((resolve) => setTimeout(resolve, i % 30))
    }
    expect(pids.size).toBeGreaterThan(3)
    expect(states()).toEqual(['starting', 'ready'])
  })

  test('and holds little is left alone; so is one that is at work', async () => {
    supervise({ rest }).start(null)
    const tab = frontEnd()
    tab.signal('a', 'answer')
    const before = pidOf(await tab.until('reply', 'a'))
    await new Promise((resolve) => setTimeout(resolve, 3 * rest.idleMs))
    tab.signal('b', 'hold')
    tab.signal('c', 'wait')
    expect(pidOf(await tab.until('event', 'c'))).toBe(before)
    await new Promise((resolve) => setTimeout(resolve, 3 * rest.idleMs))
    tab.control('d', 'c', 'stop')
    expect(pidOf(await tab.until('reply', 'c'))).toBe(before)
    await vi.waitFor(() => expect(isAlive(before)).toBe(false), { timeout: 10_000, interval: 20 })
  })

  test('dies while it is started again: that is told as any death is', async () => {
    supervise({ rest }).start(null)
    const tab = frontEnd()
    tab.signal('a', 'hold')
    vi.stubEnv('FIXTURE_DIES', 'at start')
    await untilState('restarting')
    vi.stubEnv('FIXTURE_DIES', '')
    tab.signal('b', 'answer')
    await tab.until('reply', 'b')
  })
})

describe('other settings', () => {
  /** The fixture answers with what it was started with. */
  const settingsOf = (response: unknown) => (response as { value: { settings: unknown } }).value.settings

  test('a trainer that has nothing to do starts again with them, says so, and is as ready as before', async () => {
    supervise({ settings: { ...SETTINGS, threads: 1 } }).start(LIBRARY)
    const tab = frontEnd()
    tab.signal('a', 'answer')
    const first = await tab.until('reply', 'a')
    expect(settingsOf(first)).toEqual({ ...SETTINGS, threads: 1 })
    expect(supervisor.configure({ ...SETTINGS, threads: 1 })).toBeNull()
    expect(supervisor.configure({ ...SETTINGS, threads: 2, memory: 1 })).toBe('now')
    // What comes meanwhile waits.
    tab.signal('b', 'answer')
    const second = await tab.until('reply', 'b')
    expect(settingsOf(second)).toEqual({ ...SETTINGS, threads: 2, memory: 1 })
    await vi.waitFor(() => expect(() => process.kill(pidOf(first), 0)).toThrow(), { timeout: 10_000 })
    expect(states()).toEqual(['starting', 'ready', 'starting', 'ready'])
    expect(notices[2]!.message).toBe('The process that computes starts again with the new settings.')
    expect(tab.responses.filter(({ kind }) => kind === 'error')).toEqual([])
  })

  test('a run goes on to its end; then the trainer starts again', async () => {
    supervise().start(LIBRARY)
    const tab = frontEnd()
    tab.signal('a', 'wait')
    const before = pidOf(await tab.until('event', 'a'))
    expect(supervisor.configure({ ...SETTINGS, device: 'cpu', gpu: null })).toBe('after the run')
    tab.signal('b', 'wait')
    await tab.until('event', 'b')
    tab.control('c', 'a', 'stop')
    expect(pidOf(await tab.until('reply', 'a'))).toBe(before)
    expect(states()).toEqual(['starting', 'ready'])
    tab.control('d', 'b', 'stop')
    expect(pidOf(await tab.until('reply', 'b'))).toBe(before)
    tab.signal('e', 'answer')
    const after = await tab.until('reply', 'e')
    expect(pidOf(after)).not.toBe(before)
    expect(settingsOf(after)).toEqual({ ...SETTINGS, device: 'cpu', gpu: null })
    expect(tab.responses.filter(({ kind }) => kind === 'error')).toEqual([])
  })

  describe('a GPU by WebGPU', () => {
    const device = () => notices.at(-1)!.device

    test('that is refused: another device computes, and says why', async () => {
      vi.stubEnv('FIXTURE_GPU', 'refused')
      supervise({ settings: { ...SETTINGS, device: 'webgpu' } }).start(LIBRARY)
      const tab = frontEnd()
      tab.signal('a', 'answer')
      expect(settingsOf(await tab.until('reply', 'a'))).toEqual(SETTINGS)
      expect(states()).toEqual(['starting', 'starting', 'ready'])
      expect(device()?.note).toContain('There is no GPU.')
    })

    test('that is lost: what ran is interrupted with the cause, and the next device goes on', async () => {
      supervise({ settings: { ...SETTINGS, device: 'webgpu' } }).start(LIBRARY)
      const tab = frontEnd()
      tab.signal('a', 'wait')
      await tab.until('event', 'a')
      tab.signal('b', 'lose the GPU')
      for (const id of ['a', 'b'])
        expect(await tab.until('error', id)).toMatchObject({
          error: {
            reason: 'interrupted',
            message: expect.stringContaining('it was taken away. Run it again'),
          },
        })
      tab.signal('c', 'answer')
      expect(settingsOf(await tab.until('reply', 'c'))).toEqual(SETTINGS)
      expect(states()).toEqual(['starting', 'ready', 'restarting', 'ready'])
      expect(device()?.note).toContain('The GPU was lost')
      // Whoever chooses it once more means it; of another setting nobody has changed anything.
      expect(supervisor.configure({ ...SETTINGS, device: 'webgpu' })).toBeNull()
      expect(supervisor.configure({ ...SETTINGS, device: 'webgpu' }, true)).toBe('now')
      tab.signal('d', 'answer')
      expect(settingsOf(await tab.until('reply', 'd'))).toEqual({ ...SETTINGS, device: 'webgpu' })
    })
  })

  test('before the trainer is there they count from its start', async () => {
    supervise()
    expect(supervisor.configure({ ...SETTINGS, threads: 7 })).toBeNull()
    supervisor.start(LIBRARY)
    const tab = frontEnd()
    tab.signal('a', 'answer')
    expect(settingsOf(await tab.until('reply', 'a'))).toEqual({ ...SETTINGS, threads: 7 })
  })
})

describe('without TensorFlow’s library', () => {
  const settingsOf = (response: unknown) => (response as { value: { settings: unknown } }).value.settings
  const note = () => supervisor.notice.device!.note

  test.each(['auto', 'gpu'] as const)(
    '%s: a GPU by WebGPU computes, until the library is there',
    async (device) => {
      const settings = { ...SETTINGS, device }
      supervise({ settings }).start(null, 'A remark on the library.')
      const tab = frontEnd()
      tab.signal('a', 'answer')
      expect(settingsOf(await tab.until('reply', 'a'))).toEqual({ ...SETTINGS, device: 'webgpu' })
      expect(notices.map(({ message }) => message)).toEqual([
        'Looking for a GPU by WebGPU.',
        expect.stringMatching(
          /^CPU, fixture A remark on the library\. In TensorFlow’s place a GPU computes, /,
        ),
      ])
      expect(note()).toMatch(/^A remark .* by WebGPU\. .* gets TensorFlow\.$/)
      expect(supervisor.inUse.standIn).toBeNull()
      supervisor.start(LIBRARY)
      tab.signal('b', 'answer')
      expect(settingsOf(await tab.until('reply', 'b'))).toEqual(settings)
      expect(note()).toBeNull()
    },
  )

  test('and without such a GPU the plain backend computes, and says why', async () => {
    vi.stubEnv('FIXTURE_GPU', 'refused')
    supervise().start(null)
    const tab = frontEnd()
    tab.signal('a', 'answer')
    expect(settingsOf(await tab.until('reply', 'a'))).toEqual(ON_CPU)
    expect(states()).toEqual(['starting', 'starting', 'ready'])
    expect(note()).toBe('There is no GPU.')
  })

  test('a GPU that the process dies of, or that is lost, is not tried again', async () => {
    vi.stubEnv('FIXTURE_DIES', 'of a GPU')
    supervise({ quickDeaths: 1 }).start(null)
    const tab = frontEnd()
    tab.signal('a', 'answer')
    expect(settingsOf(await tab.until('reply', 'a'))).toEqual(ON_CPU)
    expect(note()).toMatch(
      /^WebGPU ended as soon as it was started \(signal SIGSEGV\)\. The next device computes /,
    )

    // Whoever chooses a device anew means it.
    vi.stubEnv('FIXTURE_DIES', '')
    expect(supervisor.configure(SETTINGS, true)).toBe('now')
    tab.signal('b', 'answer')
    expect(settingsOf(await tab.until('reply', 'b'))).toEqual({ ...SETTINGS, device: 'webgpu' })
    tab.signal('c', 'lose the GPU')
    await tab.until('error', 'c')
    tab.signal('d', 'answer')
    expect(settingsOf(await tab.until('reply', 'd'))).toEqual(ON_CPU)
    expect(note()).toBe('The GPU was lost: it was taken away.')
  })

  test('also where it is there and the process dies of it', async () => {
    vi.stubEnv('FIXTURE_DIES', 'of its library')
    supervise({ quickDeaths: 1 }).start(LIBRARY)
    const tab = frontEnd()
    tab.signal('a', 'answer')
    expect(settingsOf(await tab.until('reply', 'a'))).toEqual({ ...SETTINGS, device: 'webgpu' })
    expect(states()).toEqual(['starting', 'restarting', 'starting', 'ready'])
    expect(note()).toMatch(
      /^TensorFlow ended as soon as it was started.* In TensorFlow’s place a GPU computes/,
    )
  })

  test('what the plain backend has yet to do when a GPU is chosen is not said to be a GPU’s', async () => {
    supervise({ settings: ON_CPU }).start(null)
    const tab = frontEnd()
    tab.signal('a', 'wait')
    await tab.until('event', 'a')
    expect(supervisor.configure(SETTINGS, true)).toBe('after the run')
    tab.start('b')
    const { event } = (await tab.until('event', 'b')) as { event: unknown }
    expect(event).toMatchObject({ type: 'started', device: { backend: 'cpu', note: null } })
  })

  test('where the CPU is asked for, no GPU is looked for', async () => {
    supervise({ settings: ON_CPU }).start(null)
    const tab = frontEnd()
    tab.signal('a', 'answer')
    expect(settingsOf(await tab.until('reply', 'a'))).toEqual(ON_CPU)
    expect(notices[0]!.message).toBe('Loading the plain backend.')
  })
})
