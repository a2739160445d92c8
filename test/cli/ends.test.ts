import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

// How commands end where something else ends them: a reader that has gone, a full disk, Ctrl+C, a dead trainer.

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')
const REMEDIES = ['none', 'rsqrt2', 'batch-norm', 'layer-norm', 'rsqrt-depth', 'skipinit', 'layerscale', 'nf']
const LONG = ['signal', '--blocks', '2000', '--width', '600', '--replicas', '40', '--batch', '256']

/** A command in the shell's words; `around` is what stands around it, with COMMAND in its place. */
function shell(args: string, around: string) {
  const script = around.replace('COMMAND', `{ "${process.execPath}" "${launcher}" ${args}; echo "$?" >&3; }`)
  const { stdout, stderr, output } = spawnSync('sh', ['-c', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  return { stdout, stderr, code: Number(output[3]!.trim()) }
}

let folder: string
// What is not built yet is built by the first command, which says so.
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-cli-ends-'))
  void shell('presets', 'COMMAND')
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

describe.skipIf(process.platform === 'win32')('output that cannot be written', () => {
  test.each(['presets', 'presets --json', 'theory --blocks 300 --json', '--help', 'paths --blocks 3'])(
    '%s ends well and quietly where nobody reads any more',
    (args) => {
      const { code, stderr } = shell(args, 'COMMAND | { exec 0<&-; }')
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    },
  )

  test.skipIf(!fs.existsSync('/dev/full')).each(['presets', 'theory --json', 'paths --blocks 3', '--help'])(
    '%s on a full disk: one line, and exit code 1',
    (args) => {
      const { code, stderr } = shell(args, 'COMMAND >/dev/full')
      expect(stderr).toMatch(
        /^The output could not be written \(ENOSPC.*\)\. Free some space, or write it elsewhere\.\n$/,
      )
      expect(code).toBe(1)
    },
  )

  test.skipIf(!fs.existsSync('/dev/full'))('what cannot be said on standard error is not said', () => {
    expect(shell('presets --json', 'COMMAND 2>/dev/full')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('{'),
    })
    expect(shell('signal --blocks none', 'COMMAND 2>/dev/full')).toMatchObject({ code: 2, stdout: '' })
  })
})

/** A command whose trainer is at work, in a group of its own as a terminal makes it. */
async function working(...args: string[]) {
  const command = spawn(process.execPath, [launcher, ...args], {
    env: { ...process.env, RESIDUAL_LAB_DATA: folder },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  command.stderr.on('data', (text) => (stderr += text))
  const trainer = await expect
    .poll(() => busyChildOf(command), { timeout: 60_000, interval: 100 })
    .toBeGreaterThan(0)
    .then(() => busyChildOf(command)!)
  return { command, trainer, said: () => stderr }
}

/** The child that has computed for more than two seconds. */
function busyChildOf({ pid }: ChildProcess): number {
  try {
    const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
    return Number(children.find((child) => secondsOf(child) > 2) ?? 0)
  } catch {
    return 0
  }
}

/** How long a process has computed. */
function secondsOf(pid: number | string): number {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

const isAlive = (pid: number) => fs.existsSync(`/proc/${pid}`)

describe.skipIf(process.platform !== 'linux')('what ends from outside', () => {
  test('Ctrl+C: exit code 130, “Stopped.”, and no process is left', async () => {
    const { command, trainer, said } = await working(...LONG)
    process.kill(-command.pid!, 'SIGINT')
    expect(await once(command, 'exit')).toEqual([130, null])
    expect(said()).toMatch(/(^|\n)Stopped\.\n$/)
    await expect.poll(() => isAlive(trainer), { timeout: 10_000 }).toBe(false)
  })

  test('Ctrl+C where the command computes by itself: heard at once', async () => {
    const args = ['paths', '--blocks', '20', '--width', '64', '--replicas', '40', '--terms', 'length']
    const command = spawn(process.execPath, [launcher, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [command.stdout, command.stderr]) stream.on('data', (text) => (said += text))
    await expect.poll(() => secondsOf(command.pid!), { timeout: 30_000 }).toBeGreaterThan(2)
    command.kill('SIGINT')
    const start = performance.now()
    expect(await once(command, 'exit')).toEqual([130, null])
    expect(performance.now() - start).toBeLessThan(10_000)
    expect(said).toMatch(/(^|\n)Stopped\.\n$/)
  })

  test.each([
    ['signal', [...LONG, '--keep']],
    ['order', ['order', ...LONG.slice(1), '--block', 'relu-linear']],
  ])('Ctrl+C keeps what %s has measured until then, as a run that was stopped', async (kind, args) => {
    const { command, trainer, said } = await working(...args)
    process.kill(-command.pid!, 'SIGINT')
    expect(await once(command, 'exit')).toEqual([130, null])
    const [, id] = /^What was (?:measured|found) is kept as (\S+)\.\nStopped\.\n$/m.exec(said()) ?? []
    expect(id, said()).toBeDefined()
    const entry = JSON.parse(fs.readFileSync(path.join(folder, 'runs', id, 'run.json'), 'utf8'))
    expect(entry.entry).toMatchObject({ id, kind, state: 'stopped' })
    await expect.poll(() => isAlive(trainer), { timeout: 10_000 }).toBe(false)
  })

  test('Ctrl+C keeps the series whose paths are measured until then', async () => {
    const size = ['--blocks', '6', '--width', '16', '--replicas', '100', '--terms', 'length']
    const many = ['--block', 'relu-linear,practical,bottleneck,original', '--remedies', REMEDIES.join()]
    const args = ['paths', ...size, ...many, '--keep']
    const env = { ...process.env, RESIDUAL_LAB_DATA: folder }
    const command = spawn(process.execPath, [launcher, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [command.stdout, command.stderr]) stream.on('data', (text) => (said += text))
    await expect.poll(() => secondsOf(command.pid!), { timeout: 60_000 }).toBeGreaterThan(8)
    command.kill('SIGINT')
    expect(await once(command, 'exit')).toEqual([130, null])
    const [, id] = /^What was measured is kept as (\S+)\.\nStopped\.\n$/.exec(said) ?? []
    expect(id, said).toBeDefined()
  })

  test('a dead trainer: exit code 1, and what it died of in the words of a terminal', async () => {
    const { command, trainer, said } = await working(...LONG)
    process.kill(trainer, 'SIGKILL')
    expect(await once(command, 'exit')).toEqual([1, null])
    expect(said().split('\n').slice(-2)).toEqual([
      'The process that computes has ended (signal SIGKILL). It was killed from outside: by the system if memory ran ' +
        'out, then a smaller network helps.',
      '',
    ])
    expect(said()).not.toMatch(/play/i)
  })
})
