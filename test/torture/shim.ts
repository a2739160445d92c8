import * as fs from 'node:fs'
import * as promises from 'node:fs/promises'
import { createRequire, syncBuiltinESMExports } from 'node:module'

// Makes one call of the file system fail, whichever it is: the n-th of all that change or read something.

export type Fault = 'ENOSPC' | 'EIO' | 'EMFILE' | 'kill' | 'short'

const SYNC = [
  ...[
    'openSync',
    'readSync',
    'writeSync',
    'fsyncSync',
    'fstatSync',
    'statSync',
    'readFileSync',
    'writeFileSync',
  ],
  ...['mkdirSync', 'readdirSync', 'linkSync', 'renameSync', 'rmSync', 'copyFileSync'],
]
/** Not utimes, by which a lock's owner shows every few seconds that it lives: how often depends on the clock alone. */
const PROMISES = [
  ...[
    'open',
    'stat',
    'realpath',
    'readFile',
    'writeFile',
    'mkdir',
    'readdir',
    'rename',
    'rm',
    'chown',
    'copyFile',
    'lstat',
    'mkdtemp',
  ],
]
const HANDLE = ['writeFile', 'sync']

type Call = (...args: unknown[]) => unknown
type Calls = Record<string, Call>

/**
 * Lets the n-th call (from 1) fail from now on; returns how many calls there were, and puts everything back.
 * `kill` ends this process there; `short` writes half of what is to be written first.
 */
export function failCall(n: number, fault: Fault): () => number {
  const require = createRequire(import.meta.url)
  const [sync, asynchronous] = [require('node:fs') as Calls, require('node:fs/promises') as Calls]
  let count = 0

  const wrap = (call: Call, name: string): Call =>
    function (this: unknown, ...args: unknown[]) {
      if (++count !== n) return call.apply(this, args)
      if (fault === 'kill') {
        process.kill(process.pid, 'SIGKILL')
        // The signal is on its way: nothing more is done.
        for (;;);
      }
      const code = fault === 'short' ? 'ENOSPC' : fault
      const error = Object.assign(new Error(`${code}: injected at call ${n}, ${name}`), {
        code,
        syscall: name,
      })
      const isAsynchronous = !name.endsWith('Sync')
      if (fault === 'short' && name === 'handle.writeFile') {
        const half = String(args[0]).slice(0, String(args[0]).length / 2)
        return (call.apply(this, [half]) as Promise<void>).then(() => Promise.reject(error))
      }
      if (isAsynchronous) return Promise.reject(error)
      throw error
    }

  const pick = (from: Calls, names: string[]) => Object.fromEntries(names.map((name) => [name, from[name]]))
  const old = { sync: pick(sync, SYNC), asynchronous: pick(asynchronous, PROMISES) }
  for (const name of SYNC) sync[name] = wrap(old.sync[name], name)
  for (const name of PROMISES) asynchronous[name] = wrap(old.asynchronous[name], name)
  const open = asynchronous.open
  asynchronous.open = async (...args) => {
    const handle = (await open(...args)) as Calls
    for (const name of HANDLE) handle[name] = wrap(handle[name].bind(handle), `handle.${name}`)
    return handle
  }
  syncBuiltinESMExports()
  return () => {
    Object.assign(sync, old.sync)
    Object.assign(asynchronous, old.asynchronous)
    syncBuiltinESMExports()
    return count
  }
}

/** Only for the types: what is wrapped exists. */
export const KNOWN: boolean = SYNC.every((name) => name in fs) && PROMISES.every((name) => name in promises)
