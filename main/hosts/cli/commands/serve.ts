import { pathToFileURL } from 'node:url'
import { version } from '../../../../package.json'
import { InputError, messageOf } from '../../../../shared/base/errors'
import { openBrowser } from '../../browser/open'
import type { Served } from '../../browser/serve'
import { trainerPrinter } from '../../browser/trainer-printer'
import type { CliCommand } from '../command'

export const serve: CliCommand = {
  name: 'serve',
  description: 'The workbench in the browser, on 127.0.0.1 only.',
  options: [
    ['--port <P>', 'port; a free one if none is given'],
    ['--open', 'open it in the browser'],
    ['--json', 'print one JSON document once it listens'],
  ],
  /** Until it is interrupted. With --json the document is {version, url, port}, on one line. */
  async run({ port, open, json }) {
    const say = (words: string) => void process.stderr.write(`${words}\n`)
    const wanted = typeof port === 'string' ? parsePort(port) : undefined
    // The whole laboratory, which no other command needs.
    const { serve: startServer } = await import('../../browser/serve')
    let served: Served
    try {
      served = await startServer({
        port: wanted,
        onTrainer: trainerPrinter(process.stderr),
        onOpened: (next) => say(`Opened. In another browser it opens, once, at ${next}`),
      })
    } catch (error) {
      say(messageOf(error))
      return 1
    }
    if (json) process.stdout.write(`${JSON.stringify({ version, url: served.url, port: served.port })}\n`)
    say(`Residual Lab is at ${served.url}`)
    say('Only this computer can reach it, and this address opens it once. Stop it with Ctrl+C.')
    if (open && !(await openBrowser(pathToFileURL(await served.openingFile()).href)))
      say('No browser could be started: open the address above yourself.')
    await interrupted()
    await served.close()
    return 0
  },
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65535) return port
  throw new InputError(
    '--port',
    `${JSON.stringify(text)} is not a port`,
    'Give a whole number from 0 to 65535 (0: a free one).',
  )
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    // Not `once`: a second signal must not end the process while the last save is on its way to the disk.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve())
  })
}
