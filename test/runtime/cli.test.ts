import { expect, it } from 'vitest'
import { runtimeCommand, type RuntimeArguments } from '../../main/runtime/cli'
import { byteProgress, progressPrinter, progressText } from '../../main/runtime/progress'
import type { InstallProgress } from '../../main/runtime/types'
import { fakes, type Fakes } from './fakes'

async function command(lab: Fakes, args: RuntimeArguments, env = {}) {
  const out = { stdout: '', stderr: '' }
  const io = {
    stdout: { write: (text: string) => void (out.stdout += text) },
    stderr: { write: (text: string) => void (out.stderr += text) },
  }
  const code = await runtimeCommand(args, io, lab.options({}, env))
  return { code, ...out }
}

it('prints exactly one JSON document, progress on standard error', async () => {
  const lab = fakes()
  const { code, stdout, stderr } = await command(lab, { action: 'install', json: true })
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    version: 1,
    library: { version: '2.21.0', source: 'wheel', device: 'cpu' },
    problem: null,
    cacheFolder: lab.cache,
    platform: 'linux-x64',
  })
  expect(stderr).toContain("Compiling TensorFlow.js's native binding\n")
  expect(stderr).toContain('TensorFlow 2.21.0 is ready (CPU)\n')
})

it('tells people the same', async () => {
  const lab = fakes()
  const before = await command(lab, { action: 'status', json: false })
  expect(before.code).toBe(0)
  expect(before.stdout).toContain("No TensorFlow library: TensorFlow's library is not installed.")
  const { stdout } = await command(lab, { action: 'install', json: false })
  expect(stdout).toMatch(/^TensorFlow 2\.21\.0 on CPU\nsource: {3}Python wheel\n/)
})

it('exits with 2 on bad input and 1 on anything else, saying what and how to mend it in one line', async () => {
  const lab = fakes()
  const missing = await command(lab, { action: 'use', path: '/no/such', json: false })
  expect([missing.code, missing.stdout]).toEqual([2, ''])
  expect(missing.stderr.trim().split('\n').pop()).toBe(
    'There is nothing at /no/such. Give the path of an existing folder.',
  )
  expect((await command(lab, { action: 'use', json: false })).code).toBe(2)
  const offline = await command(lab, { action: 'install', json: true }, { FAKE_PIP: 'offline' })
  expect(offline.code).toBe(1)
  expect(JSON.parse(offline.stdout).problem).toContain('could not be reached')
})

it('reports bytes, rate and time left, no more than a few times a second', () => {
  const seen: InstallProgress[] = []
  let now = 0
  const report = byteProgress(
    (progress) => seen.push(progress),
    'downloading',
    'Downloading',
    100e6,
    () => now,
  )
  for (; now <= 2000; now += 10) report((now / 2000) * 100e6)
  expect(seen.length).toBeLessThan(15)
  const half = seen.find(({ done }) => done === 50e6)!
  expect(half).toMatchObject({ bytesPerSecond: 50e6, secondsLeft: 1 })
  expect(progressText(half)).toBe('Downloading: 50 MB of 100 MB (50 %), 50 MB/s, 1 s left')
})

it('rewrites one line in a terminal, and prints few lines elsewhere', () => {
  const text = { terminal: '', file: '' }
  const terminal = progressPrinter({ isTTY: true, write: (more) => void (text.terminal += more) })
  const file = progressPrinter({ write: (more) => void (text.file += more) })
  for (const print of [terminal, file]) {
    for (const done of [1, 2, 3])
      print({ stage: 'downloading', message: 'Downloading', done: done * 1e6, total: 3e6 })
    print({ stage: 'done', message: 'Ready' })
  }
  expect(text.file).toBe('Downloading: 1 MB of 3 MB (33 %)\nReady\n')
  expect(text.terminal.split('\r')).toHaveLength(5)
  expect(text.terminal.split('\n')).toHaveLength(2)
})
