import { version } from '../../package.json'
import { InputError } from '../../shared/errors'
import { serve, type ServeOptions, type Served } from './serve'
import { openBrowser } from './serve-browser'

export interface ServeCommand {
  /** As typed. */
  port?: string
  open?: boolean
  /** One JSON document on standard output once the server listens: {version, url, port}. */
  json?: boolean
}

/** The command `serve`: until it is interrupted. Resolves to the exit code. */
export async function serveCommand({ port, open, json }: ServeCommand): Promise<number> {
  const number = port === undefined ? 0 : portNumber(port)
  const say = (words: string) => void process.stderr.write(`${words}\n`)
  let served: Served
  try {
    served = await serve({ port: number, onTrainer: trainerPrinter(process.stderr) })
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    return 1
  }
  if (json) process.stdout.write(`${JSON.stringify({ version, url: served.url, port: served.port })}\n`)
  say(`Residual Lab is at ${served.url}`)
  say('Only this computer can reach it. Stop it with Ctrl+C.')
  if (open && !(await openBrowser(served.url)))
    say('No browser could be started: open the address above yourself.')
  await interrupted()
  await served.close()
  return 0
}

function portNumber(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InputError(
    '--port',
    `${JSON.stringify(text)} is not a port`,
    'Give a whole number from 1 to 65535, or 0 for any free one.',
  )
}

/** Says what the trainer is about; how far an installation is only in a terminal, where one line can be rewritten. */
function trainerPrinter(stream: NodeJS.WriteStream): NonNullable<ServeOptions['onTrainer']> {
  let step = ''
  return ({ state, message }) => {
    if (stream.isTTY) return void stream.write(`\r\x1b[2K${message}${state === 'starting' ? '' : '\n'}`)
    const [now = ''] = message.split(':')
    if (now !== step) stream.write(`${message}\n`)
    step = now
  }
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
}
