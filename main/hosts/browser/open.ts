import { spawn } from 'node:child_process'

/** Asks the desktop to open an address. False if it has no way to. */
export function openBrowser(url: string, platform: NodeJS.Platform = process.platform): Promise<boolean> {
  const [command, ...args] =
    platform === 'darwin'
      ? ['open', url]
      : platform === 'win32'
        ? // `start` takes its first quoted argument for a window title.
          ['cmd', '/c', 'start', '""', url]
        : ['xdg-open', url]
  return new Promise((resolve) => {
    const child = spawn(command!, args, { stdio: 'ignore', detached: true })
    child.on('error', () => resolve(false))
    // Some openers stay as long as the browser they started.
    const timer = setTimeout(() => resolve(true), 2000)
    child.once('exit', (code) => {
      clearTimeout(timer)
      resolve(code === 0)
    })
    child.unref()
  })
}
