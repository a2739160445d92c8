import { fork } from 'node:child_process'
import type { Socket } from 'node:net'
import * as path from 'node:path'
import { passOnWithoutNotices } from '../../trainer/backend/notices'
import { causeKeeper } from './death'
import type { SpawnTrainer, TrainerProcess } from './supervisor'

/** Beside this bundle. */
const TRAINER = path.join(__dirname, 'trainer.cjs')
const GRACE_MS = 2000
/** For the last words of one that has ended. */
const WORDS_MS = 500

/** A process that nothing has been asked of. */
let ahead: ReturnType<typeof start> | null = null

/**
 * Starts a trainer now, for the first that is spawned. Where none is, this process ends all the same, and that one with
 * it.
 */
export function startAhead(modulePath = TRAINER): void {
  ahead = start(modulePath)
  ahead.setNeeded(false)
}

/** The trainer as a child of a plain Node process: the browser host and the command line. */
export function nodeTrainer(modulePath = TRAINER): SpawnTrainer {
  return () => takeAhead(modulePath) ?? start(modulePath).trainer
}

/** Null: there is none that lives. */
function takeAhead(modulePath: string): TrainerProcess | null {
  if (ahead?.modulePath !== modulePath) return null
  const taken = ahead
  ahead = null
  if (!taken.isAlive()) return null
  taken.setNeeded(true)
  return taken.trainer
}

function start(modulePath: string) {
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
  const trainer: TrainerProcess = {
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
  return {
    modulePath,
    trainer,

    /** A child that could not be started has no number. */
    isAlive: () => child.pid !== undefined && child.connected,

    /** Whether this process lives on for it. */
    setNeeded(isNeeded: boolean) {
      for (const part of [child, child.channel, child.stderr as Socket | null]) {
        if (isNeeded) part?.ref()
        else part?.unref()
      }
    },
  }
}
