import { spawn, type ChildProcess } from 'node:child_process'
import * as fs from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from '../../bin/lib/lock.mjs'

let folder: string
const children: ChildProcess[] = []
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-lock-'))))
afterEach(() => {
  children.splice(0).forEach((child) => child.kill('SIGKILL'))
  fs.rmSync(folder, { recursive: true, force: true })
})

const lock = () => path.join(folder, 'lock')

/** Another process that holds the lock until it is killed; resolved when it has it. */
function holder(): Promise<ChildProcess> {
  const library = path.join(__dirname, '../../bin/lib/lock.mjs')
  const work = `() => new Promise(() => { process.stdout.write('held'); setInterval(() => {}, 1e6) })`
  const program = `import { withLock } from ${JSON.stringify(library)}
    await withLock(${JSON.stringify(lock())}, ${work})`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  return new Promise((resolve) => child.stdout!.once('data', () => resolve(child)))
}

/** Makes the lock as old as if its owner had been suspended. */
const age = () => fs.utimesSync(lock(), new Date(0), new Date(0))

test('work under one lock is done one after the other', async () => {
  let inside = 0
  const work = async () => {
    expect(++inside).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 5))
    inside--
    return 1
  }
  expect(await Promise.all([1, 2, 3].map(() => withLock(lock(), work)))).toEqual([1, 1, 1])
  expect(fs.existsSync(lock())).toBe(false)
})

test('whoever is killed while giving it back leaves no lock that blocks', { timeout: 5000 }, async () => {
  const promises = createRequire(import.meta.url)('node:fs/promises') as { rm: unknown }
  const { rm } = promises
  promises.rm = (place: string) => {
    // As far as it came: a folder is removed after what is in it.
    fs.rmSync(path.join(place, 'owner.json'), { force: true })
    return Promise.reject(new Error('killed'))
  }
  syncBuiltinESMExports()
  try {
    await withLock(lock(), async () => {})
  } finally {
    promises.rm = rm
    syncBuiltinESMExports()
  }
  expect(await withLock(lock(), async () => 'mine')).toBe('mine')
})

test.skipIf(process.platform === 'win32')(
  'a suspended owner keeps the lock, however long; a dead one loses it',
  async () => {
    const child = await holder()
    child.kill('SIGSTOP')
    age()
    const waiting = new AbortController()
    let waited: { pid: number } | null = null
    const take = withLock(lock(), async () => 'mine', {
      signal: waiting.signal,
      staleMs: 1,
      onWait: (owner) => (waited = owner),
    })
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(waited).toMatchObject({ pid: child.pid })
    expect(fs.existsSync(lock())).toBe(true)
    child.kill('SIGKILL')
    expect(await take).toBe('mine')
  },
)

test.skipIf(!fs.existsSync('/proc/self/stat'))(
  'a process that was given the number of a dead owner is another',
  async () => {
    fs.mkdirSync(lock())
    const owner = { pid: process.pid, born: '1', host: os.hostname(), token: 'x' }
    fs.writeFileSync(path.join(lock(), 'owner.json'), JSON.stringify(owner))
    expect(await withLock(lock(), async () => 'mine')).toBe('mine')
  },
)

test('a lock of another machine is dead when it is no longer touched, one that nobody signed too', async () => {
  for (const owner of [{ pid: 1, host: 'elsewhere', token: 'x' }, null]) {
    fs.mkdirSync(lock())
    if (owner) fs.writeFileSync(path.join(lock(), 'owner.json'), JSON.stringify(owner))
    const waiting = new AbortController()
    setTimeout(() => waiting.abort(), 300)
    await expect(withLock(lock(), async () => 'mine', { signal: waiting.signal })).rejects.toThrow(
      'Cancelled.',
    )
    age()
    expect(await withLock(lock(), async () => 'mine')).toBe('mine')
  }
})

type Rename = typeof fs.promises.rename

/** Does `work` with another way to rename. */
async function renaming(how: (rename: Rename) => Rename, work: () => Promise<void>) {
  const promises = createRequire(import.meta.url)('node:fs/promises') as { rename: Rename }
  const { rename } = promises
  promises.rename = how(rename)
  syncBuiltinESMExports()
  try {
    await work()
  } finally {
    promises.rename = rename
    syncBuiltinESMExports()
  }
}

test('a lock that is released just when another is refused it is got by trying again', async () => {
  let tries = 0
  const refusing =
    (rename: Rename): Rename =>
    (from, to) => {
      if (to !== lock() || ++tries > 1) return rename(from, to)
      // The other one's folder stood there a moment ago.
      return Promise.reject(Object.assign(new Error('ENOTEMPTY: directory not empty'), { code: 'ENOTEMPTY' }))
    }
  await renaming(refusing, async () => {
    expect(await withLock(lock(), () => Promise.resolve('done'))).toBe('done')
  })
  expect(tries).toBe(2)
  expect(fs.readdirSync(folder)).toEqual([])
})

test('a lock that its owner does not know of yet is not taken for a dead one’s', async () => {
  const slow =
    (rename: Rename): Rename =>
    async (from, to) => {
      await rename(from, to)
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
  let inside = 0
  const work = async () => {
    expect(++inside).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 500))
    inside--
  }
  await renaming(slow, async () => {
    await Promise.all([1, 2].map(() => withLock(lock(), work)))
  })
  expect(fs.readdirSync(folder)).toEqual([])
})
