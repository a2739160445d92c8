import { spawn, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest'
import { openRunLibrary } from '../../main/runs/library'
import { hasProgram, noSlurmReason, startSlurm } from './slurm'

// The scripts of docs/cluster.md as they stand there, with real GNU parallel, Slurm and Ray where they are installed.

const root = path.join(import.meta.dirname, '../..')
const page = fs.readFileSync(path.join(root, 'docs/cluster.md'), 'utf8')
const MINUTES = 60_000

/** Sixteen shards of eighteen points: two of them have two. */
const OPTIONS = [
  'signal',
  '--width',
  '8',
  '--replicas',
  '2',
  '--batch',
  '8',
  '--blocks',
  '1..9',
  '--gain',
  '1,1.5',
]

let folder: string
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-cluster-'))
  lab('one', 'presets')
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

function lab(machine: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'bin/residual-lab.mjs'), ...args],
    {
      encoding: 'utf8',
      env: { ...process.env, RESIDUAL_LAB_DATA: path.join(folder, machine) },
    },
  )
  expect(status, stderr).toBe(0)
  return { stdout, stderr }
}

/** The block of code that the page says was tried, in a folder of its own from which `npx residual-lab` is this one. */
function workplace(name: string, file: string): string {
  const [, code] = new RegExp(`<!-- tried: ${name} -->\\s*\`\`\`\\w+\\n([^]*?)\`\`\``).exec(page)!
  const own = path.join(folder, name)
  fs.mkdirSync(path.join(own, 'node_modules/.bin'), { recursive: true })
  fs.symlinkSync(path.join(root, 'bin/residual-lab.mjs'), path.join(own, 'node_modules/.bin/residual-lab'))
  fs.writeFileSync(path.join(own, 'package.json'), '{}')
  fs.writeFileSync(path.join(own, file), code, { mode: 0o755 })
  return own
}

/** What was measured at each point, as text. */
function measured(machine: string): string[] {
  const data = path.join(folder, machine)
  const runs = openRunLibrary(data).list().runs
  expect(runs.map(({ sweep }) => sweep!.index).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 18 }, (_, i) => i),
  )
  return runs
    .sort((a, b) => a.sweep!.index - b.sweep!.index)
    .map(({ id }) => fs.readFileSync(path.join(data, 'runs', id, 'curves.csv'), 'utf8'))
}

/** The whole sweep on one machine, done once. */
let whole: string[] | null = null
function wholeSweep() {
  if (!whole) {
    lab('one', 'sweep', ...OPTIONS)
    whole = measured('one')
  }
  return whole
}

/** The points' files into a library, of which the sweep then has nothing left to do. */
function merged(machine: string, own: string): string[] {
  lab(machine, 'runs', 'import', path.join(own, 'points'))
  expect(lab(machine, 'sweep', ...OPTIONS).stderr).toBe('18 of 18 points are kept already.\n')
  return measured(machine)
}

/** How many shards have a point of their own. */
const shardsIn = (own: string) => fs.readdirSync(path.join(own, 'shards')).length

function needs(context: TestContext, reason: string | null) {
  if (reason !== null) context.skip(`NOT TRIED: ${reason}`)
}

test('GNU parallel', { timeout: 8 * MINUTES }, (context) => {
  needs(context, hasProgram('parallel') ? null : 'GNU parallel is not installed (Debian: parallel)')
  const own = workplace('parallel', 'sweep-parallel.sh')
  const run = () => {
    const env = { ...process.env, RESIDUAL_LAB_DATA: path.join(folder, 'of-parallel') }
    const { status, stdout, stderr } = spawnSync('./sweep-parallel.sh', OPTIONS, {
      cwd: own,
      encoding: 'utf8',
      env,
    })
    expect(status, stderr).toBe(0)
    return { stdout, stderr }
  }
  expect(run().stdout).toContain('18 runs are in the library now; 0 were there already.\n')
  expect(shardsIn(own)).toBe(16)
  expect(measured('of-parallel')).toEqual(wholeSweep())
  // Started again, no point is done again.
  const again = run()
  expect(again.stdout).toContain('0 runs are in the library now; 18 were there already.\n')
  expect(again.stderr).not.toContain('Point ')
})

test('Slurm, as an array of sixteen tasks on one node', { timeout: 8 * MINUTES }, async (context) => {
  needs(context, noSlurmReason())
  const own = workplace('slurm', 'sweep.sbatch')
  const files = path.join(folder, 'slurm-files')
  fs.mkdirSync(files)
  const slurm = await startSlurm(files)
  const submit = () =>
    slurm.run('sbatch', '--parsable', `--chdir=${own}`, path.join(own, 'sweep.sbatch'), ...OPTIONS).trim()
  const left = (job: string) =>
    slurm.run('squeue', '-h', '-r', '-j', job, '-o', '%i').split('\n').filter(Boolean)
  try {
    // What is cancelled in the middle, and submitted again, ends with each point once.
    const first = submit()
    while (left(first).length > 11) await delay(100)
    slurm.run('scancel', '--signal=KILL', '--full', first)
    slurm.run('scancel', first)
    while (left(first).length) await delay(100)
    const before = fs.existsSync(path.join(own, 'points')) ? fs.readdirSync(path.join(own, 'points')) : []
    expect(before.length).toBeGreaterThan(0)
    expect(before.length).toBeLessThan(18)
    const second = submit()
    while (left(second).length) await delay(200)
  } finally {
    slurm.stop()
  }
  expect(shardsIn(own)).toBe(16)
  expect(merged('of-slurm', own)).toEqual(wholeSweep())
  const logs = Array.from({ length: 16 }, (_, i) =>
    fs.readFileSync(path.join(own, `shard-${i + 1}.log`), 'utf8'),
  )
  expect(logs.filter((text) => text.includes('kept already')).length).toBeGreaterThan(0)
})

/** A Python that has Ray: `RAY_PYTHON` names one that is not the system's. */
const python = process.env.RAY_PYTHON ?? 'python3'
const hasRay = () => spawnSync(python, ['-c', 'import ray']).status === 0

test('Ray', { timeout: 8 * MINUTES }, async (context) => {
  needs(context, hasRay() ? null : 'no Python with Ray (pip install ray; RAY_PYTHON names its Python)')
  const own = workplace('ray', 'sweep_ray.py')
  const child = spawn(python, ['sweep_ray.py', ...OPTIONS], {
    cwd: own,
    env: { ...process.env, RAY_USAGE_STATS_ENABLED: '0' },
  })
  let text = ''
  child.stderr.on('data', (chunk) => (text += String(chunk)))
  child.stdout.on('data', (chunk) => (text += String(chunk)))
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect(code, text).toBe(0)
  expect(shardsIn(own)).toBe(16)
  expect(merged('of-ray', own)).toEqual(wholeSweep())
})
