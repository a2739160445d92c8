import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { replaceFile } from '../../main/files/write'
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
    const { before, after, calls } = await undisturbed(name)
    for (let n = 1; n <= calls; n += 2 * STEP) {
      const place = path.join(folder, String(n))
      await prepare(place)
      const { signal, stderr } = run(name, place, String(n), 'kill')
      expect(signal, String(stderr)).toBe('SIGKILL')
      const found = await look(place)
      expect([before, after], `call ${n}`).toContain(found)
      if (found === before) await change(place)
      expect(await look(place)).toBe(after)
    }
  })
})

const isRoot = process.platform === 'linux' && process.getuid?.() === 0

test.skipIf(!isRoot)('a full disk in truth: what does not fit leaves the old file whole', async () => {
  const disk = path.join(folder, 'disk')
  fs.mkdirSync(disk)
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk])
  // A container without the right to mount: said aloud, since nothing was tried.
  if (status !== 0)
    return console.warn(`No small disk could be mounted (${String(stderr).trim()}): NOT TRIED.`)
  try {
    const file = path.join(disk, 'file')
    await replaceFile(file, 'old'.repeat(5000))
    await expect(replaceFile(file, 'new'.repeat(18_000))).rejects.toThrow('ENOSPC')
    expect(fs.readFileSync(file, 'utf8')).toBe('old'.repeat(5000))
    expect(fs.readdirSync(disk)).toEqual(['file'])
  } finally {
    spawnSync('umount', [disk])
  }
})
