import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { deflateRawSync } from 'node:zlib'
import type { RuntimeOptions } from '../../main/runtime'
import type { Context } from '../../main/runtime/context'
import type { InstallProgress } from '../../main/runtime/types'

// What an installation finds around it, in play. Apart from fakes.ts, so that a process without vitest can have it.

/** A zip archive; every second member is compressed. Checksums of members are left zero, as the reader ignores them. */
export function zip(files: Record<string, string>): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [index, [name, text]] of Object.entries(files).entries()) {
    const method = index % 2 === 0 ? 8 : 0
    const raw = Buffer.from(text)
    const data = method === 8 ? deflateRawSync(raw) : raw
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(method, 8)
    local.writeUInt32LE(data.length, 18)
    local.writeUInt32LE(raw.length, 22)
    local.writeUInt16LE(name.length, 26)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50, 0)
    central.writeUInt16LE(method, 10)
    central.writeUInt32LE(data.length, 20)
    central.writeUInt32LE(raw.length, 24)
    central.writeUInt16LE(name.length, 28)
    central.writeUInt32LE(offset, 42)
    directory.push(central, Buffer.from(name))
    bodies.push(local, Buffer.from(name), data)
    offset += 30 + name.length + data.length
  }
  const end = Buffer.alloc(22)
  const size = directory.reduce((sum, part) => sum + part.length, 0)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Object.keys(files).length, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...bodies, ...directory, end])
}

export const WHEEL_FILES = {
  'tensorflow/__init__.py': '',
  'tensorflow/libtensorflow_cc.so.2': 'the library'.repeat(1000),
  'tensorflow/libtensorflow_framework.so.2': 'the framework',
  'tensorflow/include/tensorflow/c/eager/c_api.h': '// eager',
  'tensorflow/include/tensorflow/core/framework/huge.h': '// not needed',
  'tensorflow/include/LICENSE': 'Apache',
  'tensorflow/THIRD_PARTY_NOTICES.txt': 'Others',
}

// The tools are small Node programs, because the tests empty PATH.
const PYTHON = `#!${process.execPath}
const fs = require('fs'), path = require('path'), args = process.argv.slice(2), mode = process.env.FAKE_PIP
if (args.includes('--version')) process.exit(mode === 'none' ? 1 : 0)
if (!args.includes('download')) process.exit(1)
if (args.includes('--help')) {
  const index = process.env.FAKE_INDEX
  console.log(index ? '  -i, --index-url <url>  Base URL of the index (default ' + index + '). And so on.' : '')
  process.exit(0)
}
fs.appendFileSync(process.env.FAKE_LOG, 'download ' + args[args.length - 1] + '\\n')
const dest = args[args.indexOf('--dest') + 1]
const put = (from) => fs.copyFileSync(from, path.join(dest, path.basename(process.env.FAKE_WHEEL)))
const fail = (text) => { console.error(text); process.exit(1) }
if (mode === 'offline') fail("WARNING: Retrying after connection broken by " +
  "'NewConnectionError: Temporary failure in name resolution'\\n" +
  "ERROR: No matching distribution found for tensorflow-cpu==2.21.0")
if (mode === 'absent') fail('ERROR: No matching distribution found for tensorflow-cpu==2.21.0')
if (mode === 'full') fail('ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device')
if (mode === 'family') {
  // A child that does not end when it is asked to, as a download that hangs.
  const child = require('child_process').spawn(process.execPath,
    ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.send('ready')"],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  child.on('message', () => fs.appendFileSync(process.env.FAKE_LOG, process.pid + ' ' + child.pid + '\\n'))
} else if (mode === 'wrong') put(process.argv[1])
else if (mode === 'hang') setTimeout(() => {}, 60000)
else if (mode === 'slow') setTimeout(() => put(process.env.FAKE_WHEEL), 600)
else put(process.env.FAKE_WHEEL)
`
const COMPILER = `#!${process.execPath}
const fs = require('fs'), args = process.argv.slice(2)
if (process.env.FAKE_COMPILER === 'fails') {
  console.error('quiet.cc:1:1: error: it does not like it')
  process.exit(1)
}
fs.writeFileSync(args[args.indexOf('-o') + 1], 'binding')
`

export interface Fakes {
  folder: string
  cache: string
  progress: InstallProgress[]
  /** The wheel's file, as on a stick. */
  wheel: string
  /** One line per download that pip was asked for. */
  downloads: () => string[]
  options: (changes?: Partial<Context>, env?: Record<string, string>) => RuntimeOptions
}

/** Surroundings in which everything works at once and nothing real is touched; those that are there are used again. */
export function surroundings(folder: string, tools: { python?: boolean; compiler?: boolean } = {}): Fakes {
  const bin = path.join(folder, 'bin')
  const cache = path.join(folder, 'cache')
  const log = path.join(folder, 'log')
  const file = 'tensorflow_cpu-2.21.0-cp311-cp311-test.whl'
  const data = zip(WHEEL_FILES)
  if (!fs.existsSync(bin)) {
    fs.mkdirSync(bin, { recursive: true })
    fs.writeFileSync(log, '')
    if (tools.python !== false) fs.writeFileSync(path.join(bin, 'python3'), PYTHON, { mode: 0o755 })
    if (tools.compiler !== false) fs.writeFileSync(path.join(bin, 'g++'), COMPILER, { mode: 0o755 })
    fs.writeFileSync(path.join(folder, file), data)
  }
  const wheel = {
    package: 'tensorflow-cpu' as const,
    version: '2.21.0',
    tag: 'test',
    file,
    bytes: data.length,
    unpackedBytes: 20_000,
    sha256: createHash('sha256').update(data).digest('hex'),
  }
  const progress: InstallProgress[] = []
  return {
    folder,
    cache,
    progress,
    wheel: path.join(folder, file),
    downloads: () =>
      fs
        .readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('download')),
    options: (changes = {}, env = {}) => ({
      onProgress: (report) => void progress.push(report),
      context: {
        env: { PATH: bin, FAKE_WHEEL: path.join(folder, file), FAKE_LOG: log, ...env },
        platform: 'linux',
        arch: 'x64',
        cacheFolder: cache,
        resourcesPath: null,
        freeBytes: () => Promise.resolve(1e12),
        proc: path.join(folder, 'proc'),
        wheels: { 'linux-x64-cpu': wheel },
        cuda: [],
        official: {},
        runCheck: () =>
          Promise.resolve({
            code: 0,
            output: 'CHECK {"version":"2.21.0","gpu":false,"result":[19,22,43,50]}',
          }),
        ...changes,
      },
    }),
  }
}
