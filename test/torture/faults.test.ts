import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { replaceFile } from '../../main/files/write'
import { replaceFileNow } from '../../main/files/write-now'
import { installRuntime, verifyRuntime } from '../../main/runtime'
import { surroundings } from '../runtime/surroundings'
import { SCENARIOS } from './scenarios'
import { KNOWN, failCall, type Fault } from './shim'

// Whatever fails, and whenever the machine stops: the old document or the new one, never neither; what is said to be
// saved is saved; and the next change works. `TORTURE=1` tries every call, else every third.

const STEP = process.env.TORTURE ? 1 : 3
const names = Object.keys(SCENARIOS)

let folder: string
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-torture-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

/** What is there before and after a change that nothing disturbs, and how many calls it takes. */
async function undisturbed(name: string) {
  const { prepare, change, look } = SCENARIOS[name]
  const place = path.join(folder, 'undisturbed')
  await prepare(place)
  const before = await look(place)
  const restore = failCall(0, 'EIO')
  await change(place)
  const calls = restore()
  return { before, after: await look(place), calls }
}

test('the shim knows its calls', () => expect(KNOWN).toBe(true))

describe.each(names)('%s', (name) => {
  const { prepare, change, look } = SCENARIOS[name]

  test.each<Fault>(['ENOSPC', 'EIO', 'EMFILE', 'short'])('each call fails with %s', async (fault) => {
    const { before, after, calls } = await undisturbed(name)
    expect(before).not.toBe(after)
    expect(calls).toBeGreaterThan(10)
    for (let n = 1; n <= calls; n += STEP) {
      const place = path.join(folder, String(n))
      await prepare(place)
      const restore = failCall(n, fault)
      const failed = await change(place).then(
        () => false,
        () => true,
      )
      restore()
      const found = await look(place)
      expect([before, after], `call ${n}`).toContain(found)
      if (!failed) expect(found, `said to be done at call ${n}`).toBe(after)
      if (found === before) await change(place)
      expect(await look(place)).toBe(after)
    }
  })
})

describe('killed at each call', () => {
  let bundle: string
  beforeAll(async () => {
    bundle = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-torture-child-'))
    await build({
      configFile: false,
      logLevel: 'error',
      build: { ssr: path.join(import.meta.dirname, 'child.ts'), outDir: bundle, target: 'node20' },
      ssr: { noExternal: true },
    })
  })
  afterAll(() => fs.rmSync(bundle, { recursive: true, force: true }))

  const run = (...args: string[]) => spawnSync(process.execPath, [path.join(bundle, 'child.mjs'), ...args])

  test.each(names)('%s', async (name) => {
    const { prepare, change, look } = SCENARIOS[name]
    const { before, after } = await undisturbed(name)
    // Until a child comes to its end before its call: how many calls it makes depends on the clock by one or two, since
    // an index is saved some time after a change.
    let n = 1
    for (let isKilled = true; isKilled; n += 2 * STEP) {
      const place = path.join(folder, String(n))
      await prepare(place)
      const { signal, status, stdout, stderr } = run(name, place, String(n), 'kill')
      isKilled = signal === 'SIGKILL'
      const found = await look(place)
      if (isKilled) expect([before, after], `call ${n}`).toContain(found)
      else {
        expect({ signal, status }, String(stderr)).toEqual({ signal: null, status: 0 })
        expect(Number(stdout), 'calls in all').toBeLessThan(n)
        expect(found).toBe(after)
      }
      if (found === before) await change(place)
      expect(await look(place)).toBe(after)
    }
    expect(n).toBeGreaterThan(10)
  })
})

const isRoot = process.platform === 'linux' && process.getuid?.() === 0

/** Does something on a disk of a given size. */
async function onSmallDisk(size: string, work: (disk: string) => Promise<void>) {
  const disk = path.join(folder, 'disk')
  fs.mkdirSync(disk)
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk])
  // A container without the right to mount: said aloud, since nothing was tried.
  if (status !== 0)
    return console.warn(`No small disk could be mounted (${String(stderr).trim()}): NOT TRIED.`)
  try {
    await work(disk)
  } finally {
    spawnSync('umount', [disk])
  }
}

describe.skipIf(!isRoot)('a full disk in truth', () => {
  test('what does not fit leaves the old file whole', () =>
    onSmallDisk('64k', async (disk) => {
      const file = path.join(disk, 'file')
      await replaceFile(file, 'old'.repeat(5000))
      await expect(replaceFile(file, 'new'.repeat(18_000))).rejects.toThrow('ENOSPC')
      expect(fs.readFileSync(file, 'utf8')).toBe('old'.repeat(5000))
      expect(fs.readdirSync(disk)).toEqual(['file'])
    }))

  test('what is written part by part leaves the old file whole where the last part does not fit', () =>
    onSmallDisk('64k', async (disk) => {
      const file = path.join(disk, 'file')
      const part = (letter: string) => Buffer.from(letter.repeat(6000))
      replaceFileNow(file, [part('a'), part('b')])
      const tooMuch = Array.from({ length: 9 }, () => part('c'))
      expect(() => replaceFileNow(file, tooMuch)).toThrow('ENOSPC')
      expect(fs.readFileSync(file, 'utf8')).toBe('a'.repeat(6000) + 'b'.repeat(6000))
      expect(fs.readdirSync(disk)).toEqual(['file'])
    }))

  test('a library that does not fit leaves the old one, and nothing half made', () =>
    onSmallDisk('256k', async (disk) => {
      const machine = surroundings(path.join(folder, 'machine'))
      const options = machine.options({ cacheFolder: disk })
      const old = await installRuntime({ ...options, from: machine.wheel })
      const filler = path.join(disk, 'filler')
      // Room for the first pages of a library, not for all.
      const { bavail, bsize } = fs.statfsSync(disk)
      fs.writeFileSync(filler, Buffer.alloc((bavail - 4) * bsize))
      await expect(installRuntime({ ...options, from: machine.wheel })).rejects.toThrow(
        /^Not enough disk space in .*disk: 50 MB are needed/,
      )
      expect((await verifyRuntime(options)).library).toEqual(old)
      expect(fs.readdirSync(path.join(disk, 'runtime')).filter((name) => name.startsWith('tmp-'))).toEqual([])
      fs.rmSync(filler)
      await installRuntime({ ...options, from: machine.wheel })
      expect((await verifyRuntime(options)).library).not.toEqual(old)
    }))
})
