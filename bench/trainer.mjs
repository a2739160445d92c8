/** The lab's trainer as a process, asked as its hosts ask it, with the time of all that it answers. */
import { execFile, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const built = (name) => join(root, 'out', 'main', name)

/** The library that this machine's lab computes with. */
export async function libraryInUse() {
  const { stdout } = await promisify(execFile)(process.execPath, [
    built('cli.cjs'),
    'runtime',
    'status',
    '--json',
  ])
  return JSON.parse(stdout).library
}

/** A trainer that is ready. @param library as `libraryInUse` gives it */
export async function startTrainer(library) {
  const child = fork(built('trainer.cjs'), [], {
    serialization: 'advanced',
    stdio: ['ignore', 2, 'ignore', 'ipc'],
  })
  let hear = () => {}
  let fail = () => {}
  child.on('message', (message) => hear(message))
  child.on('error', (error) => fail(error))
  child.on('exit', (code, signal) => fail(new Error(`The trainer ended (${signal ?? code}).`)))
  const answered = (until) =>
    new Promise((resolve, reject) => {
      fail = reject
      hear = (message) => {
        if (message.kind === 'error') reject(new Error(message.error.message))
        if (until(message)) resolve(message)
      }
    })
  const settings = { device: 'auto', threads: null, memory: null }
  const ready = answered((message) => message.kind === 'notice' && message.state === 'ready')
  child.send({ kind: 'configure', library, settings })
  const { device } = await ready
  let requests = 0

  return {
    device,
    /** Milliseconds from the request to each event, and to the reply. */
    async ask(body) {
      const begun = performance.now()
      const events = []
      const reply = answered((message) => {
        const time = performance.now() - begun
        if (message.kind === 'event') events.push({ time, event: message.event })
        return message.kind === 'reply'
      })
      child.send({ kind: 'request', id: String(++requests), body, place: null })
      const { value } = await reply
      return { value, events, whole: performance.now() - begun }
    },
    /** The most memory that the process has held, in bytes. */
    peakBytes() {
      const text = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      return 1024 * Number(/VmHWM:\s+(\d+)/.exec(text)[1])
    },
    stop() {
      fail = () => {}
      child.kill('SIGKILL')
    },
  }
}
