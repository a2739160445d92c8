import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openRunLibrary } from '../../main/runs/library'
import type { QueueProgress } from '../../shared/protocol/protocol'
import type { QueueEntry } from '../../shared/queue/entry'

// The queue by the real command and the real trainer, each test in a data folder of its own.

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')
const SMALL = ['--width', '8', '--replicas', '2', '--batch', '8']
const LEARNING = ['train', '--blocks', '2', '--width', '16', '--replicas', '2']
const soon = { timeout: 60_000, interval: 50 }

let home: string
beforeAll(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-queue-'))
  // What is not built yet is built by the first command, which says so.
  command('none', 'presets')
})
afterAll(() => fs.rmSync(home, { recursive: true, force: true }))

const folderOf = (machine: string) => path.join(home, machine)
const environment = (machine: string) => ({ ...process.env, RESIDUAL_LAB_DATA: folderOf(machine) })

interface QueueDocument {
  version: number
  isPaused: boolean
  entries: (Omit<QueueEntry, 'id'> & { entry: string })[]
}

function command(machine: string, ...args: string[]) {
  const options = { encoding: 'utf8', env: environment(machine) } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], options)
  return { status, stdout, stderr, document: () => JSON.parse(stdout) as QueueDocument }
}
const queue = (machine: string, ...args: string[]) => command(machine, 'queue', ...args)
const entriesOf = (machine: string) => queue(machine, 'list', '--json').document().entries
const statesOf = (machine: string) => entriesOf(machine).map(({ entry, state }) => `${entry} ${state}`)
const runsOf = (machine: string) => openRunLibrary(folderOf(machine)).list().runs

/** `queue run`, up to where something of the entry under way is done. */
async function underWay(machine: string): Promise<{ child: ChildProcess; said: () => string }> {
  const file = path.join(folderOf(machine), 'queue-progress.json')
  fs.rmSync(file, { force: true })
  const child = spawn(process.execPath, [launcher, 'queue', 'run'], {
    env: environment(machine),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text) => (said += String(text)))
  const done = () => (JSON.parse(fs.readFileSync(file, 'utf8')) as QueueProgress).event.done
  await vi.waitFor(() => expect(done()).toBeGreaterThan(0), soon)
  return { child, said: () => said }
}

describe('the queue', () => {
  test('takes jobs, a sweep and a set of orderings, and works them off in its order', () => {
    const add = (...args: string[]) => queue('whole', 'add', ...args)
    expect(add('signal', ...SMALL, '--blocks', '5', '--name', 'fives').stdout).toBe(
      'job-1: signal, fives; next.\n',
    )
    expect(add(...LEARNING, '--steps', '20').stdout).toBe(
      'job-2: train, Type 2, L = 2, width 16; after 1 other.\n',
    )
    expect(add('sweep', 'signal', ...SMALL, '--blocks', '1,2', '--priority', 'high').stdout).toBe(
      'job-3: sweep signal, Type 2 over Depth L, 2 points; next.\n',
    )
    add('order', ...SMALL, '--block', 'original', '--blocks', '2', '--priority', 'low')
    add('shatter', '--blocks', '2', '--width', '8', '--replicas', '2', '--points', '16')
    add('lesion', ...SMALL, '--blocks', '3', '--delete', '2')
    expect(queue('whole', 'move', 'job-2', 'first').stdout).toBe('job-2 is moved.\n')
    expect(queue('whole', 'priority', 'job-5', 'low').stdout).toBe('job-5 has the priority low.\n')
    const before = queue('whole', 'list', '--json').document()
    expect(before).toMatchObject({ version: 1, isPaused: false, note: null, progress: null, problem: null })
    expect(before.entries.map(({ entry }) => entry)).toEqual(
      [3, 2, 1, 6, 4, 5].map((number) => `job-${number}`),
    )
    expect(queue('whole', 'list').stdout).toMatch(
      /^entry {2}state {4}priority {2}command {7}name\njob-3 {2}waiting {2}high/,
    )
    const { status, stdout, stderr } = queue('whole', 'run')
    expect(stderr.split('\n').map((line) => line.split(',')[0])).toEqual(
      [3, 2, 1, 6, 4, 5].map((number) => `job-${number}`).concat(''),
    )
    expect({ status, stdout }).toEqual({ status: 0, stdout: '6 done.\n' })
    const runs = runsOf('whole')
    expect(runs.map(({ kind }) => kind).sort()).toEqual(
      ['lesion', 'order', 'shatter', 'signal', 'signal', 'signal', 'train'].sort(),
    )
    expect(runs.find(({ name }) => name === 'fives')).toMatchObject({
      kind: 'signal',
      settings: { blocks: 5 },
    })
    const points = runs.filter(({ sweep }) => sweep)
    expect(new Set(points.map(({ sweep }) => sweep!.id))).toEqual(
      new Set([entriesOf('whole').find(({ entry }) => entry === 'job-3')!.sweep]),
    )
    // The same sweep on the command line finds them done.
    expect(command('whole', 'sweep', 'signal', ...SMALL, '--blocks', '1,2').stderr).toBe(
      '2 of 2 points are kept already.\n',
    )
    expect(queue('whole', 'run').stdout).toBe('0 done.\n')
  })

  test('is paused, cleared and restored', () => {
    queue('held', 'add', 'signal', ...SMALL)
    queue('held', 'add', 'signal', ...SMALL, '--seed', '2')
    expect(queue('held', 'pause').stdout).toBe('The queue is paused.\n')
    const refused = queue('held', 'run')
    expect(refused).toMatchObject({
      ...{ status: 2, stdout: '' },
      stderr: 'queue: it is paused. Let it go on with `npx residual-lab queue resume`.\n',
    })
    queue('held', 'resume')
    expect(queue('held', 'pause', 'job-1').stdout).toBe('job-1 is paused.\n')
    expect(queue('held', 'run').stdout).toBe('1 done.\n')
    expect(statesOf('held')).toEqual(['job-1 paused', 'job-2 done'])
    expect(queue('held', 'clear', '--ended').stdout).toMatch(/^One entry is off the queue: job-2\./)
    expect(queue('held', 'clear').stdout).toMatch(/^One entry is off the queue: job-1\./)
    expect(queue('held', 'list').stdout).toMatch(/^Nothing is in the queue\./)
    queue('held', 'restore', 'job-1')
    queue('held', 'resume', 'job-1')
    expect(queue('held', 'run').stdout).toBe('1 done.\n')
  })

  test('goes on where it was stopped with Ctrl+C, and where it was killed', async () => {
    queue('stopped', 'add', ...LEARNING, '--steps', '12000')
    queue('stopped', 'add', 'signal', ...SMALL)
    const { child, said } = await underWay('stopped')
    child.kill('SIGINT')
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).toBe(130)
    expect(said()).toMatch(/^Stopping; once more ends at once\.$/m)
    expect(statesOf('stopped')).toEqual(['job-1 waiting', 'job-2 waiting'])
    const [{ id, steps, ...run }] = runsOf('stopped')
    expect(run).toMatchObject({ state: 'stopped', canResume: true })
    expect(steps!.done).toBeGreaterThan(0)

    const { child: again } = await underWay('stopped')
    again.kill('SIGKILL')
    await once(again, 'exit')
    expect(statesOf('stopped')).toEqual(['job-1 waiting', 'job-2 waiting'])
    expect(runsOf('stopped')).toMatchObject([{ id, state: 'interrupted', canResume: true }])

    expect(queue('stopped', 'run').stdout).toBe('2 done.\n')
    expect(runsOf('stopped')).toMatchObject([
      { kind: 'signal', state: 'finished' },
      { id, kind: 'train', state: 'finished', steps: { done: 12_000, planned: 12_000 } },
    ])
  }, 180_000)

  test.each([
    [
      ['remove', 'job-7'],
      'ENTRY: there is no entry "job-7" in the queue. See `npx residual-lab queue list`.',
    ],
    [['move', 'job-7', 'upp'], 'TO: "upp" is not a choice. Did you mean "up"?'],
    [['add', 'train', '--blocks', '0'], '--blocks: 0 is out of range. Give a whole number from 1 to 10000.'],
    [['add', 'signal', '--priority', 'hi'], /^--priority: "hi" is not a choice\. [^\n]*\n$/],
    [
      ['add', 'sweep', 'signal', '--blocks', '3'],
      'sweep: no setting is swept. Give one or two settings a list or a range, for example --gain 0.5..2:7.',
    ],
    [['add', 'paths'], /unknown command 'paths'/],
  ])('%j is refused in one line', (args, line) => {
    const { status, stdout, stderr } = queue('none', ...args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    if (typeof line === 'string') expect(stderr).toBe(`${line}\n`)
    else expect(stderr).toMatch(line)
    expect(fs.existsSync(path.join(folderOf('none'), 'queue.json'))).toBe(false)
  })
})
