import { utilityProcess } from 'electron'
import * as path from 'node:path'
import type { RunCheck } from '../../runtime'
import { causeKeeper } from '../lab/death'
import type { SpawnTrainer } from '../lab/supervisor'
import { onProcessEnd } from './process-end'

const TRAINER = 'Residual Lab trainer'
const LIBRARY_CHECK = 'Residual Lab library check'

/** The trainer as a utility process: in Electron's main process TensorFlow's library meets another LLVM and crashes. */
export const electronTrainer: SpawnTrainer = () => {
  const child = utilityProcess.fork(path.join(__dirname, 'trainer.cjs'), [], {
    serviceName: TRAINER,
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  const cause = causeKeeper()
  child.stderr?.on('data', (text) => {
    cause.hear(String(text))
    process.stderr.write(text)
  })
  child.stderr?.on('error', () => {})
  // V8 gave up (out of memory, as a rule). 'exit' follows and says so; without a listener this would take the
  // application down too.
  child.on('error', () => {})
  return {
    send: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => onProcessEnd(child, TRAINER, (code) => listener(cause.told(exitText(code)))),
    kill: () => void child.kill(),
  }
}

/** Electron tells a signal as an exit code: its number, or on some platforms 128 and its number. */
function exitText(code: number): string {
  const names: Record<number, string> = { 6: 'SIGABRT', 9: 'SIGKILL', 11: 'SIGSEGV', 15: 'SIGTERM' }
  const name = process.platform === 'win32' ? undefined : (names[code] ?? names[code - 128])
  return name ? `signal ${name}` : `exit code ${code}`
}

/** Runs the runtime installer's check of a library in a utility process: there is no plain Node in an application. */
export const electronCheck: RunCheck = (modulePath, args, env, signal) =>
  new Promise((resolve) => {
    const child = utilityProcess.fork(modulePath, args, {
      serviceName: LIBRARY_CHECK,
      stdio: 'pipe',
      env: env as Record<string, string>,
    })
    const stop = () => void child.kill()
    signal?.addEventListener('abort', stop, { once: true })
    let output = ''
    child.on('error', (type, location) => (output += `Error: ${type} at ${location}\n`))
    child.stdout?.on('data', (data) => (output += data))
    child.stdout?.on('error', () => {})
    child.stderr?.on('data', (data) => (output += data))
    child.stderr?.on('error', () => {})
    onProcessEnd(child, LIBRARY_CHECK, (code) => {
      signal?.removeEventListener('abort', stop)
      resolve({ code, output })
    })
  })
