import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLog } from '../../main/files/log'
import { diagnosticsText, withoutNames } from '../../main/hosts/lab/diagnostics'

let folder: string
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-log-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

test('an entry is one line with its time; a full file gives way to a new one', () => {
  const log = openLog(path.join(folder, 'new'), () => new Date(0))
  log.add('one\n  at somewhere')
  log.add('two')
  expect(log.tail(5)).toEqual([
    `1970-01-01T00:00:00.000Z ${process.pid} one | at somewhere`,
    `1970-01-01T00:00:00.000Z ${process.pid} two`,
  ])
  expect(log.tail(1)).toHaveLength(1)
  fs.appendFileSync(log.file, 'x'.repeat(2 ** 20))
  log.add('three')
  expect(log.tail(5)).toHaveLength(1)
  expect(fs.existsSync(`${log.file}.old`)).toBe(true)
})

test('a log that cannot be written keeps nobody from working', () => {
  fs.writeFileSync(path.join(folder, 'file'), '')
  const log = openLog(path.join(folder, 'file'))
  log.add('one')
  expect(log.tail(5)).toEqual([])
})

test('what is copied names neither the user nor the machine nor the home folder', () => {
  const who = { home: '/home/ada', user: 'ada', machine: 'engine.local' }
  const text = 'at /home/ada/.cache and /srv/ada/x on engine.local; adapted, canada'
  expect(withoutNames(text, who)).toBe('at ~/.cache and /srv/USER/x on MACHINE; adapted, canada')
  expect(withoutNames('a b', { home: '', user: 'a', machine: 'b' })).toBe('a b')
})

test('diagnostics say what the machine is and has', () => {
  const text = diagnosticsText({
    host: 'browser',
    folder: path.join(os.homedir(), 'data'),
    device: null,
    trainer: 'restarting: it has ended (signal SIGKILL).',
    runtime: {
      ...{ library: null, problem: 'It is not installed.', hint: 'Install it.', cacheFolder: '/cache' },
      gpu: {
        driver: '470.57.02',
        gpus: [
          {
            ...{ index: 0, uuid: 'GPU-secret', name: 'NVIDIA L4' },
            ...{ memoryBytes: 24e9, freeBytes: null, capability: 8.9 },
          },
        ],
        problem: 'The driver is too old.',
      },
    },
    webGpu: { library: true, adapter: null, why: 'WebGPU finds no GPU.' },
    log: ['a line'],
  })
  expect(text).toMatch(/^Residual Lab \d+\.\d+\.\d+, browser, Node \d+/)
  for (const words of [
    'Memory ',
    'signal SIGKILL',
    'It is not installed.',
    '~/data',
    '  a line',
    'NVIDIA:   driver 470.57.02; 0: NVIDIA L4, 24.0 GB, compute capability 8.9\n          The driver is too old.\n',
    'WebGPU:   WebGPU finds no GPU.',
  ]) {
    expect(text).toContain(words)
  }
  expect(text).not.toContain(os.homedir())
  expect(text).not.toContain('GPU-secret')
})
