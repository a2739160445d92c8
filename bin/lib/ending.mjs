// What is to be done when this process ends, however it ends (but for SIGKILL): so that no program that it has started
// goes on, and nothing half made is left.

const CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

/** Of the process: it may have loaded this file more than once. */
const { tasks, listen } = (globalThis[Symbol.for('residual-lab.ending')] ??= create())

function create() {
  /** The last one first: who was started in a folder ends before the folder goes. */
  const tasks = []
  process.on('exit', () => {
    while (tasks.length) {
      try {
        tasks.pop()()
      } catch {
        // The others are to be done all the same.
      }
    }
  })
  // By itself a signal ends a process without a word to it. Whoever else listens for it decides instead.
  const listeners = Object.entries(CODES).map(([signal, code]) => [
    signal,
    () => process.listenerCount(signal) === 1 && process.exit(code),
  ])
  const listen = (doListen) => {
    // Electron ends well by signals, and its process then exits.
    if (process.versions.electron) return
    // Before all others, who are counted: one that listens once is no more when its turn is over.
    for (const [signal, end] of listeners) process[doListen ? 'prependListener' : 'off'](signal, end)
  }
  return { tasks, listen }
}

/**
 * Does `task`, which must be synchronous, when this process ends.
 * @returns what to call once that is not needed any more
 */
export function atEnd(task) {
  if (tasks.length === 0) listen(true)
  const own = () => task()
  tasks.push(own)
  return () => {
    const at = tasks.indexOf(own)
    if (at < 0) return
    tasks.splice(at, 1)
    if (tasks.length === 0) listen(false)
  }
}
