import { spawn } from 'node:child_process'
import { atEnd } from './ending.mjs'

// A program with all that it starts: npm and pip have children, and whoever ends them alone leaves those at work.

const GRACE_MS = 2000
const hasGroups = process.platform !== 'win32'

/** Starts a program, which ends with this process at the latest. */
export function spawnGroup(program, args, options) {
  const child = spawn(program, args, { ...options, detached: hasGroups })
  const forget = atEnd(() => kill(child, 'SIGKILL'))
  child.on('error', forget)
  // Its children may live on, and keep its output open.
  child.on('close', forget)
  return child
}

/** Ends a program of `spawnGroup` and its children: politely, and two seconds later in any case. */
export function endGroup(child) {
  kill(child, 'SIGTERM')
  const timer = setTimeout(() => kill(child, 'SIGKILL'), GRACE_MS)
  child.once('close', () => clearTimeout(timer))
}

/** At once. */
export const killGroup = (child) => kill(child, 'SIGKILL')

function kill(child, signal) {
  try {
    if (hasGroups) process.kill(-child.pid, signal)
    else child.kill(signal)
  } catch {
    // It has ended.
  }
}
