import { spawn, type ChildProcess } from 'node:child_process'

export interface Display {
  /** For DISPLAY; undefined where windows need none. */
  name: string | undefined
  close(): void
}

/** A screen to show windows on: the one that is there, else a virtual one. Rejects if there can be none. */
export async function openDisplay(): Promise<Display> {
  if (process.platform !== 'linux' || process.env.DISPLAY) return { name: process.env.DISPLAY, close() {} }
  // Xvfb chooses a free number and writes it to the descriptor it is given. Without -noreset it begins anew when the
  // last program has left, and refuses whoever comes meanwhile.
  const screen = ['-screen', '0', '1600x1000x24', '-nolisten', 'tcp', '-noreset']
  const server = spawn('Xvfb', ['-displayfd', '3', ...screen], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  return { name: `:${await displayNumber(server)}`, close: () => void server.kill() }
}

function displayNumber(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let number = ''
    server.stdio[3]!.on('data', (data) => {
      number += data
      if (number.endsWith('\n')) resolve(number.trim())
    })
    const hint = 'install Xvfb (on Debian the package xvfb), or set DISPLAY'
    server.once('error', (error) => reject(new Error(`no display: ${error.message}; ${hint}`)))
    server.once('exit', (code) => reject(new Error(`no display: Xvfb ended with exit code ${code}; ${hint}`)))
  })
}
