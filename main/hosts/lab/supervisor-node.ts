import { fork } from 'node:child_process'
import * as path from 'node:path'
import { passOnWithoutNotices } from '../../trainer/backend/notices'
import { causeKeeper } from './death'
import type { SpawnTrainer } from './supervisor'

/** Beside this bundle. */
const TRAINER = path.join(__dirname, 'trainer.cjs')
const GRACE_MS = 2000
/** For the last words of one that has ended. */
const WORDS_MS = 500

/** The trainer as a child of a plain Node process: the browser host and the command line. */
export function nodeTrainer(modulePath = TRAINER): SpawnTrainer {
  return () => {
    // Standard output belongs to the command's result: whatever TensorFlow prints goes to standard error.
    // Structured clones keep typed arrays and non-finite numbers.
    const child = fork(modulePath, [], { serialization: 'advanced', stdio: ['ignore', 2, 'pipe', 'ipc'] })
    const cause = causeKeeper()
    let onEnd: ((how: string) => void) | null = null
    const end = (how: string) => {
      onEnd?.(cause.told(how))
      onEnd = null
    }
    child.on('error', (error) => end(error.message))
    child.on('exit', (code, signal) => {
      const how = signal ? `signal ${signal}` : `exit code ${code}`
      // What it said last may still be on its way; a program of its own that lives on could keep the pipe open.
      child.on('close', () => end(how))
      setTimeout(() => end(how), WORDS_MS).unref()
    })
    passOnWithoutNotices(child.stderr!, {
      write(text: string) {
        cause.hear(text)
        return process.stderr.write(text)
      },
    })
    return {
      send(message) {
        // A child that has just died is reported by 'exit'; the write that met its closed pipe adds nothing.
        if (child.connected) child.send(message as object, () => {})
      },
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => void (onEnd = listener),
      kill() {
        // It ends by itself when its channel closes; in the middle of a long computation it may not notice.
        if (child.connected) child.disconnect()
        const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
        child.once('exit', () => clearTimeout(timer))
      },
    }
  }
}
