import { BrowserWindow, MessageChannelMain, app, type MessagePortMain } from 'electron'
import * as path from 'node:path'
import type { Message, MemoryReport, TrainerRequest } from '../../../shared/protocol/protocol'
import type { Ask, PageEnd } from '../../trainer/page/wire'
import type { SpawnTrainer } from '../lab/supervisor'
import { createPageFiles } from './page-files'
import { PORTS } from './ports-channel'
import { ORIGIN } from './protocol'

/**
 * The trainer as a page in a window that nobody sees: Chromium's own WebGPU, which is the only one within Electron. It
 * has what a page has, three ports to this process, and no other way out.
 */
export const pageTrainer: SpawnTrainer = () => {
  const window = new BrowserWindow({
    show: false,
    webPreferences: {
      preload: path.join(__dirname, '..', 'preload', 'trainer.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      // Nobody sees it, and it is at work all the same.
      backgroundThrottling: false,
      devTools: !app.isPackaged,
    },
  })
  const { webContents } = window
  const files = createPageFiles(() => bytesOf(webContents.getOSProcessId()))
  const channel = new MessageChannelMain()
  const host = channel.port1
  const forWorkers = [new MessageChannelMain(), new MessageChannelMain()]
  for (const { port1 } of forWorkers) answerAt(port1, files.answer)
  let listener: (message: unknown) => void = () => {}
  let onEnd: ((how: string) => void) | null = null

  function end(how: string) {
    const told = onEnd
    onEnd = null
    files.close()
    if (!window.isDestroyed()) window.destroy()
    told?.(how)
  }

  host.on('message', ({ data }) => {
    const message = data as Message | MemoryReport | PageEnd
    if (message.kind === 'page-end') return end(`Error: ${message.how}`)
    if (message.kind === 'reply' || message.kind === 'error') files.ended(message.id)
    const isReport = message.kind === 'memory'
    listener(isReport ? { ...message, bytes: bytesOf(webContents.getOSProcessId()) } : message)
  })
  host.start()
  window.on('closed', () => end('its window was closed'))
  webContents.on('render-process-gone', (_event, { reason, exitCode }) =>
    end(`${reason}, exit code ${exitCode}`),
  )
  webContents.on('did-fail-load', (_event, _code, why) => end(`its page could not be loaded: ${why}`))
  webContents.once('did-finish-load', () => {
    const ports = [channel.port2, ...forWorkers.map(({ port2 }) => port2)]
    webContents.postMessage(PORTS, null, ports)
  })
  // What goes wrong is told by 'did-fail-load'.
  window.loadURL(`${ORIGIN}/trainer.html`).catch(() => {})

  return {
    send(message) {
      const { kind, id, place } = message as TrainerRequest
      if (kind === 'request' && place) files.admit(id, place)
      host.postMessage(message)
    },
    onMessage: (told) => void (listener = told),
    onExit: (told) => void (onEnd = told),
    kill: () => end('it was ended'),
  }
}

function answerAt(port: MessagePortMain, answer: (ask: Ask) => Promise<unknown>) {
  port.on('message', async ({ data }) => port.postMessage(await answer(data as Ask)))
  port.start()
}

/** What a process of the program holds. */
function bytesOf(pid: number): number {
  const own = app.getAppMetrics().find((one) => one.pid === pid)
  return 1024 * (own?.memory.workingSetSize ?? 0)
}
