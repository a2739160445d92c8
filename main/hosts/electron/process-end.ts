import { app, type Details, type Event, type UtilityProcess } from 'electron'

/** The code of a crash is known within some 50 ms. */
const LATE_MS = 500

/**
 * Calls back once with the code that a utility process ended with. About every tenth that a signal ends is told as
 * having exited with 0, when its connection closes before its code is known (electron/electron#42283): the code follows
 * by the process's name, as the application's 'child-process-gone'.
 */
export function onProcessEnd(child: UtilityProcess, serviceName: string, listener: (code: number) => void) {
  child.once('exit', (code) => {
    if (code !== 0) return listener(code)
    const end = (code: number) => {
      clearTimeout(timer)
      app.removeListener('child-process-gone', gone)
      listener(code)
    }
    const gone = (_: Event, { type, name, exitCode }: Details) => {
      if (type === 'Utility' && name === serviceName) end(exitCode)
    }
    const timer = setTimeout(end, LATE_MS, 0)
    app.on('child-process-gone', gone)
  })
}
