import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { makeFolder } from './folder.mjs'

// A folder is the lock: giving one a name that is taken fails on every file system. Its owner is named in it. On this
// machine a lock is dead when its owner's process is, however long that one has been suspended; of another machine that
// shares the folder nothing is known but that its owner touches the lock every few seconds.
const TOUCH_MS = 3000
const POLL_MS = 200
/** Of a process that is not done with it by then, but dead. */
const LEFT_MS = 3_600_000

/** The locks of this process, by token: it may have loaded this file more than once. */
const held = (globalThis[Symbol.for('residual-lab.locks')] ??= new Set())

/**
 * Who this process is, for whoever finds later what it began: it counts as at work until `letGo`, or until it ends.
 */
export function ownerNow() {
  const token = `${process.pid}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`
  held.add(token)
  return { pid: process.pid, born: birthOf(process.pid), host: hostname(), token }
}

/** What an owner began is done. */
export const letGo = ({ token }) => void held.delete(token)

/** Whether an owner is still at work; null where it is another machine's, of which nothing is known. */
export const isOwnerAlive = (owner) => (owner.host === hostname() ? isAlive(owner) : null)

/**
 * Runs `work` while holding the lock folder, and waits for another holder to end.
 * @param staleMs after which a lock is dead that has no owner on this machine: a foreign one, or a damaged one
 */
export async function withLock(folder, work, { signal, onWait, staleMs = 120_000 } = {}) {
  makeFolder(dirname(folder))
  let told = false
  // Before the lock is there: whoever of this process finds it must not take it for a dead one's.
  const owner = ownerNow()
  const { token } = owner
  try {
    while (!(await tryLock(folder, owner))) {
      if (signal?.aborted) throw abortError()
      if (await breakIfDead(folder, token, staleMs)) continue
      if (!told) {
        told = true
        onWait?.((await readOwner(folder)) ?? null)
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  } catch (error) {
    letGo(owner)
    throw error
  }
  await removeLeftovers(folder)
  const touch = setInterval(() => {
    const now = new Date()
    utimes(folder, now, now).catch(() => {})
  }, TOUCH_MS)
  touch.unref()
  try {
    return await work()
  } finally {
    clearInterval(touch)
    await release(folder, token).catch(() => {})
    letGo(owner)
  }
}

/**
 * Away by its name first: a lock removed file by file is for a moment an empty folder, which another’s takes the
 * place of, and then goes with it. Where it cannot be removed, whoever comes next finds it dead; what was done is done.
 */
async function release(folder, token) {
  if ((await readOwner(folder))?.token !== token) return
  const aside = `${folder}.${token}`
  await rename(folder, aside)
  await rm(aside, { recursive: true, force: true })
}

/** Made and signed aside, then put in place by its name: at no time is there a lock whose owner is not known. */
async function tryLock(folder, owner) {
  if (existsSync(folder)) return false
  const aside = `${folder}.${owner.token}`
  try {
    await mkdir(aside)
    await writeFile(join(aside, 'owner.json'), JSON.stringify(owner))
    await rename(aside, folder)
    return true
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => {})
    // It may have been released since.
    if (existsSync(folder) || error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false
    throw error
  }
}

/** What killed processes left when they were about to make or to break a lock. */
async function removeLeftovers(folder) {
  const [parent, prefix] = [dirname(folder), `${basename(folder)}.`]
  for (const name of await readdir(parent).catch(() => [])) {
    if (!name.startsWith(prefix) || !/^(stale-)?\d+-[a-z0-9]+-[a-z0-9]+$/.test(name.slice(prefix.length)))
      continue
    const left = join(parent, name)
    const age = Date.now() - ((await stat(left).catch(() => null))?.mtimeMs ?? Date.now())
    if (age > LEFT_MS) await rm(left, { recursive: true, force: true }).catch(() => {})
  }
}

async function readOwner(folder) {
  try {
    return JSON.parse(await readFile(join(folder, 'owner.json'), 'utf8'))
  } catch {
    return null
  }
}

async function breakIfDead(folder, token, staleMs) {
  const owner = await readOwner(folder)
  let age
  try {
    age = Date.now() - (await stat(folder)).mtimeMs
  } catch {
    return true // released meanwhile
  }
  const isHere = owner?.host === hostname()
  if (isHere ? isAlive(owner) : age < staleMs) return false
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

/** Process numbers are given again: one that was born at another time is another process. */
function isAlive({ pid, born, token }) {
  if (pid === process.pid && born === birthOf(pid)) return held.has(token)
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error.code !== 'EPERM') return false
  }
  const now = birthOf(pid)
  return !born || !now || born === now
}

/** When a process began, since the machine's start, where the system tells (Linux); null elsewhere. */
function birthOf(pid) {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may hold anything; the 22nd is the time.
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return null
  }
}

function abortError() {
  const error = new Error('Cancelled.')
  error.name = 'AbortError'
  return error
}
