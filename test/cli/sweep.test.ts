import { spawn, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRunLibrary } from '../../main/runs/library'
import type { RunEntry } from '../../shared/runs/run'

// Sweeps by the real command and the real trainer, each machine a data folder of its own.

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')
const SMALL = ['signal', '--width', '8', '--replicas', '2', '--batch', '8']
const SWEPT = [...SMALL, '--blocks', '1,2', '--gain', '0.5..1.5:3']

let home: string
beforeAll(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-sweep-'))
  // What is not built yet is built by the first command, which says so.
  command('none', 'presets')
})
afterAll(() => fs.rmSync(home, { recursive: true, force: true }))

const folderOf = (machine: string) => path.join(home, machine)
const environment = (machine: string) => ({ ...process.env, RESIDUAL_LAB_DATA: folderOf(machine) })

function command(machine: string, ...args: string[]) {
  const options = { encoding: 'utf8', env: environment(machine) } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], options)
  return { status, stdout, stderr, document: () => JSON.parse(stdout) as SweepDocument }
}

interface SweepDocument {
  run: string
  swept: unknown
  size: number
  shard: unknown
  points: { index: number; settings: Record<string, number>; run: string | null; problem: string | null }[]
}

const runsOf = (machine: string): RunEntry[] => openRunLibrary(folderOf(machine)).list().runs

/** What was measured, as text: by the point's number in the sweep. */
function measured(machine: string): Map<number, string> {
  const found = runsOf(machine).map(({ id, sweep }): [number, string] => {
    const read = (name: string) => fs.readFileSync(path.join(folderOf(machine), 'runs', id, name), 'utf8')
    return [sweep!.index, read('experiment.json') + read('curves.csv')]
  })
  return new Map(found.sort(([a], [b]) => a - b))
}

describe('a sweep', () => {
  test('keeps each point as a run, and does none of them twice', () => {
    const first = command('whole', 'sweep', ...SWEPT, '--name', 'gains', '--json')
    expect(first.stderr).toMatch(
      /^Point 1 of 6, blocks 1, gain 0\.5: \w+-1 \(.* s; .* a minute, about .* left\)\n.*\n/,
    )
    expect(first.status).toBe(0)
    const document = first.document()
    expect(document).toMatchObject({
      ...{ version: 1, command: 'signal', name: 'gains', size: 6, shard: null },
      swept: [
        { setting: 'blocks', values: [1, 2] },
        { setting: 'gain', values: [0.5, 1, 1.5] },
      ],
      experiment: { blocks: 1, gain: 0.5, width: 8 },
    })
    expect(document.run).toMatch(/^sweep-[0-9a-f]{12}$/)
    expect(document.points.map(({ settings }) => settings)).toEqual(
      [1, 2].flatMap((blocks) => [0.5, 1, 1.5].map((gain) => ({ blocks, gain }))),
    )
    const runs = runsOf('whole')
    expect(runs).toHaveLength(6)
    for (const { index, settings, run } of document.points) {
      const { sweep, name, settings: own } = runs.find(({ id }) => id === run)!
      expect(sweep).toMatchObject({ id: document.run, name: 'gains', index, points: 6, settings })
      expect(own).toMatchObject(settings)
      expect(name).toBe(`gains, blocks ${settings.blocks}, gain ${settings.gain}`)
    }

    // Options in another order, and values in another form, are the same sweep.
    const again = command(
      'whole',
      'sweep',
      'signal',
      '--gain',
      '0.5,1,1.5',
      ...SMALL.slice(1),
      '--blocks',
      '1..2',
    )
    expect(again.stderr).toBe('6 of 6 points are kept already.\n')
    const [headline, head, row] = again.stdout.split('\n')
    expect(headline).toBe(`${document.run}: signal over blocks (2 values) and gain (3 values), 6 points`)
    expect(head).toMatch(/^blocks {2}gain {2}run +none: q +none: p$/)
    expect(row).toMatch(/^1 +0\.5 +\w+-1 +[\d.]+ +[\d.]+$/)
    expect(runsOf('whole')).toHaveLength(6)
  })

  test('is that of an experiment’s file, where the command line says none', () => {
    const file = path.join(home, 'swept.json')
    const own = { width: 8, replicas: 2, batch: 8, compare: ['practical'] }
    const sweep = { command: 'signal', swept: { blocks: '1,2', gain: '0.5..1.5:3' } }
    fs.writeFileSync(file, JSON.stringify({ version: 1, ...own, sweep }))
    const given = command('whole', 'sweep', 'signal', '--experiment', file, '--json')
    expect(given.stderr).toBe('6 of 6 points are kept already.\n')
    // One number settles a setting that the file sweeps; a range takes the place of all that it sweeps.
    const settled = command('file', 'sweep', 'signal', '--experiment', file, '--gain', '1', '--json')
    expect(settled.document()).toMatchObject({ size: 2, swept: [{ setting: 'blocks', values: [1, 2] }] })
    const other = command('file', 'sweep', 'signal', '--experiment', file, '--width', '4,8', '--json')
    expect(other.document()).toMatchObject({ size: 2, swept: [{ setting: 'width', values: [4, 8] }] })
  })

  test('goes into the trash as a whole, by its name', () => {
    expect(command('trashed', 'sweep', ...SWEPT, '--name', 'gone').status).toBe(0)
    const removed = command('trashed', 'runs', 'remove', 'gone')
    expect(removed.stdout).toMatch(/^6 runs of gone are in the trash; /)
    expect(runsOf('trashed').map(({ removed: when }) => when)).not.toContain(null)
    expect(command('trashed', 'runs', 'remove', 'gone').status).toBe(2)
  })

  test('in shards on several machines, merged, is the same to the digit', () => {
    const files = path.join(home, 'files')
    const indices: number[] = []
    for (const i of [1, 2, 3]) {
      const shard = command(`shard${i}`, 'sweep', ...SWEPT, '--name', 'gains', '--shard', `${i}/3`, '--json')
      expect(shard.document()).toMatchObject({ size: 6, shard: { number: i, of: 3 } })
      indices.push(...shard.document().points.map(({ index }) => index))
      expect(command(`shard${i}`, 'runs', 'export', 'gains', files).status).toBe(0)
    }
    expect(indices.sort()).toEqual([0, 1, 2, 3, 4, 5])
    expect(command('merged', 'runs', 'import', files).stdout).toBe(
      '6 runs are in the library now; 0 were there already.\n',
    )
    expect(command('merged', 'runs', 'import', files).stdout).toBe(
      '0 runs are in the library now; 6 were there already.\n',
    )
    expect(command('merged', 'sweep', ...SWEPT).stderr).toBe('6 of 6 points are kept already.\n')
    expect([...measured('merged').keys()]).toEqual([0, 1, 2, 3, 4, 5])
    expect(measured('merged')).toEqual(measured('whole'))
  })

  test('killed in the middle and started again does the rest, and nothing twice', async () => {
    const args = ['sweep', ...SMALL, '--gain', '0.5..2:60']
    const child = spawn(process.execPath, [launcher, ...args], { env: environment('killed') })
    await new Promise<void>((resolve) => {
      let text = ''
      child.stderr.on('data', (chunk) => {
        text += String(chunk)
        if (text.includes('Point 3 of 60') && child.kill('SIGKILL')) resolve()
      })
    })
    await new Promise((resolve) => child.once('close', resolve))
    const before = runsOf('killed').map(({ id }) => id)
    expect(before.length).toBeGreaterThanOrEqual(3)
    expect(before.length).toBeLessThan(60)
    const again = command('killed', ...args)
    expect(again.status).toBe(0)
    expect(again.stderr).toContain(`${before.length} of 60 points are kept already.\n`)
    expect(again.stderr.match(/^Point /gm)).toHaveLength(60 - before.length)
    const after = runsOf('killed')
    expect(new Set(after.map(({ sweep }) => sweep!.index)).size).toBe(60)
    expect(after).toHaveLength(60)
    expect(after.map(({ id }) => id)).toEqual(expect.arrayContaining(before))
  })

  test('stopped with Ctrl+C says what is kept, and goes on with a training that was cut short', async () => {
    const args = [
      'sweep',
      'train',
      '--blocks',
      '2',
      '--width',
      '8',
      '--seeds',
      '1',
      '--learning-rate',
      '0.01,0.02',
    ]
    const long = [...args, '--steps', '4000']
    const interrupted = async (after: number) => {
      const child = spawn(process.execPath, [launcher, ...long], { env: environment('stopped') })
      let text = ''
      child.stderr.on('data', (chunk) => {
        text += String(chunk)
      })
      // The second training is asked for as soon as its folder is there.
      while (runsOf('stopped').length < 2 && child.exitCode === null) await delay(50)
      await delay(after)
      child.kill('SIGINT')
      const code = await new Promise((resolve) => child.once('close', resolve))
      expect(text).toContain('1 of 2 points is kept; the same command does the others.\n')
      expect(code).toBe(130)
    }
    // One that is stopped before its first step is as if it had never been.
    const isCutShort = () => runsOf('stopped').some(({ canResume }) => canResume)
    for (const after of [300, 1000, 3000]) if (!isCutShort()) await interrupted(after)
    expect(isCutShort()).toBe(true)
    const again = command('stopped', ...long)
    expect(again.status).toBe(0)
    expect(again.stderr).toMatch(/^Point 2 of 2, learning-rate 0.02: \w+-\d+, which was gone on with /m)
    const runs = runsOf('stopped')
    expect(runs.map(({ state, sweep }) => [state, sweep!.index])).toEqual([
      ['finished', 1],
      ['finished', 0],
    ])
  })

  test('a point that fails is said so, and the others are done', () => {
    fs.mkdirSync(folderOf('small'))
    fs.writeFileSync(path.join(folderOf('small'), 'settings.json'), '{"version": 1, "memory": 1}')
    const { status, stderr, document } = command(
      ...([
        'small',
        'sweep',
        'signal',
        '--blocks',
        '2',
        '--replicas',
        '1',
        '--batch',
        '8',
        '--json',
      ] as const),
      ...['--width', '16384,8'],
    )
    expect(stderr).toMatch(/Point 1 of 2, width 16384: .*GiB.*\nPoint 2 of 2, width 8: \w+-1 /)
    expect(stderr).toContain('1 of 2 points have no result; the same command does them again.\n')
    expect(status).toBe(1)
    expect(document().points).toMatchObject([
      { run: null, problem: expect.stringContaining('GiB') as string },
      { run: expect.any(String) as string, problem: null },
    ])
  })

  test.each([
    [
      ['signal'],
      'sweep: no setting is swept. Give one or two settings a list or a range, for example --gain 0.5..2:7.',
    ],
    [
      ['signal', '--gain', '1,2', '--width', '4,8', '--blocks', '1..3'],
      '--gain: --blocks and --width are swept already. Sweep at most two settings.',
    ],
    [
      ['signal', '--gain', '0..1:log'],
      '--gain: "0..1:log" is logarithmic, and begins at 0. Begin above 0, or leave log out.',
    ],
    [['signal', '--blocks', '0..3'], '--blocks: 0 is out of range. Give a whole number from 1 to 10000.'],
    [
      ['signal', '--gain', '1,2', '--shard', '0/2'],
      '--shard: "0/2" is no shard. Give 1/16 to 16/16 for sixteen of them.',
    ],
    [
      ['signal', '--width', '30,40', '--input', 'mnist1d'],
      '--stem: MNIST-1D has 40 values a sample and the network is 30 wide. Use stem "linear", or width 40.',
    ],
    [['presets'], /unknown command 'presets'/],
  ])('%j is refused in one line, before anything is computed', (args, line) => {
    const { status, stdout, stderr } = command('none', 'sweep', ...args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(typeof line === 'string' ? /^[^\n]+\n$/ : line)
    if (typeof line === 'string') expect(stderr).toBe(`${line}\n`)
  })
})
