import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'

// A folder is the lock: making one is atomic on every file system. Its holder touches it every few seconds,
// so that the lock of a killed process (or of a machine that shares the home folder) is recognised as dead.
const TOUCH_MS = 3000
const POLL_MS = 200

export async function withLock(folder, work, { signal, onWait, staleMs = 30_000 } = {}) {
  await mkdir(dirname(folder), { recursive: true })
  const token = `${process.pid}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`
  let told = false
  while (!(await tryLock(folder, token))) {
    if (signal?.aborted) throw abortError()
    if (await breakIfStale(folder, token, staleMs)) continue
    if (!told) {
      told = true
      onWait?.((await readOwner(folder)) ?? null)
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  const touch = setInterval(() => {
    const now = new Date()
    utimes(folder, now, now).catch(() => {})
  }, TOUCH_MS)
  touch.unref()
  try {
    return await work()
  } finally {
    clearInterval(touch)
    const owner = await readOwner(folder)
    if (owner?.token === token) await rm(folder, { recursive: true, force: true })
  }
}

async function tryLock(folder, token) {
  try {
    await mkdir(folder)
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
  await writeFile(join(folder, 'owner.json'), JSON.stringify({ pid: process.pid, host: hostname(), token }))
  return true
}

async function readOwner(folder) {
  try {
    return JSON.parse(await readFile(join(folder, 'owner.json'), 'utf8'))
  } catch {
    return null
  }
}

async function breakIfStale(folder, token, staleMs) {
  const owner = await readOwner(folder)
  let age
  try {
    age = Date.now() - (await stat(folder)).mtimeMs
  } catch {
    return true // released meanwhile
  }
  const dead = owner && owner.host === hostname() && !alive(owner.pid)
  if (!dead && age < staleMs) return false
  // Renaming first lets exactly one waiter win; a lock that changed hands in between is put back.
  const aside = `${folder}.stale-${token}`
  try {
    await rename(folder, aside)
  } catch {
    return true
  }
  const moved = await readOwner(aside)
  if (moved?.token !== owner?.token) {
    await rename(aside, folder).catch(() => {})
    return false
  }
  await rm(aside, { recursive: true, force: true })
  return true
}

function alive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function abortError() {
  const error = new Error('Cancelled.')
  error.name = 'AbortError'
  return error
}
