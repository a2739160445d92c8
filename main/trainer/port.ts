/**
 * How the trainer talks to whoever started it: Electron's utility process has a port of its own, a forked
 * child Node's channel.
 */
export interface HostPort {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
}

interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
}

export function hostPort(): HostPort {
  const port = (process as NodeJS.Process & { parentPort?: ParentPort }).parentPort
  if (port) {
    return {
      send: (message) => port.postMessage(message),
      onMessage: (listener) => port.on('message', (event) => listener(event.data)),
    }
  }
  if (!process.send) throw new Error('The trainer is started by the workbench, not by hand. Run `npm start`.')
  // Ctrl+C reaches every process of a terminal's job; what becomes of this one, the host decides.
  process.on('SIGINT', () => {})
  // The host is gone: nobody waits for results.
  process.on('disconnect', () => process.exit(0))
  return {
    // A host that has just gone is told by 'disconnect'; the write that met its closed pipe adds nothing.
    send: (message) => void (process.connected && process.send!(message, undefined, undefined, () => {})),
    onMessage: (listener) => process.on('message', listener),
  }
}
