import { EventEmitter } from 'node:events'
import { beforeEach, expect, test, vi } from 'vitest'

const ipcMain = vi.hoisted(() => ({ listen: null as unknown as (event: object, message: unknown) => void }))
vi.mock('electron', () => ({
  ipcMain: { on: (_channel: string, listener: typeof ipcMain.listen) => (ipcMain.listen = listener) },
  protocol: {},
}))

import { setupGate } from '../../main/hosts/electron/gate'
import type { Lab } from '../../main/hosts/lab/lab'

/** What reached the laboratory. */
let received: unknown[] = []
const close = vi.fn()
const lab = {
  connect: () => ({ receive: (message: unknown) => received.push(message), send: () => {}, close }),
} as unknown as Lab

beforeEach(() => {
  received = []
  close.mockClear()
  setupGate(
    lab,
    () => ({}),
    () => {},
  )
})

const contents = () => Object.assign(new EventEmitter(), { isDestroyed: () => false, send: vi.fn() })
const frame = (url: string, parent: object | null = null) => ({ url, parent })

test.each([
  ['another page', frame('https://example.org/')],
  ['a page whose name begins like ours', frame('app://residual-lab.example.org/')],
  ['a file', frame('file:///index.html')],
  ['an empty page', frame('about:blank')],
  ['a frame inside our page', frame('app://residual-lab/', {})],
  ['a frame that has gone', null],
])('%s is not heard', (_name, senderFrame) => {
  ipcMain.listen({ sender: contents(), senderFrame }, { kind: 'request' })
  expect(received).toEqual([])
})

test('the top frame of our page is heard, and stops what it had running when it goes', () => {
  const sender = contents()
  ipcMain.listen({ sender, senderFrame: frame('app://residual-lab/') }, { kind: 'request', id: '1' })
  expect(received).toEqual([{ kind: 'request', id: '1' }])
  sender.emit('render-process-gone')
  expect(close).toHaveBeenCalledOnce()
})
