import { afterAll, beforeAll, expect, test } from 'vitest'
import { dataFolder, removeDataFolder, type BenchHost } from './bench'
import { byId } from './checks'
import { electronHost, type ElectronBench } from './electron-host'

// What Electron itself says of the window, and what a page that has been taken over can still do: nothing but post
// messages. docs/security.md names these tests.

const data = dataFolder()
let host: BenchHost<ElectronBench>
let bench: ElectronBench

beforeAll(async () => {
  host = await electronHost()
  if (host.missing) return
  bench = await host.open({ data })
  await byId(bench.page, 'device').waitFor()
}, 120_000)
afterAll(async () => {
  await bench?.close()
  await host?.close()
  removeDataFolder(data)
})

const check = (name: string, work: () => Promise<void>) =>
  test(name, { timeout: 120_000 }, async ({ skip }) => {
    if (host.missing) return skip(host.missing)
    await work()
  })

check('Electron’s own preferences of the window', async () => {
  const preferences = await bench.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]!.webContents
    return (contents as unknown as { getLastWebPreferences(): object }).getLastWebPreferences()
  })
  expect(preferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
  })
  const unset = ['nodeIntegrationInWorker', 'enableBlinkFeatures', 'disableBlinkFeatures']
  expect(unset.filter((name) => (preferences as Record<string, unknown>)[name])).toEqual([])
})

check('a page that was taken over makes no code of text, frames nothing and loads nothing', async () => {
  const refused: string[] = []
  await bench.page.exposeFunction('refusedBy', (directive: string) => refused.push(directive))
  const found = await bench.page.evaluate(async () => {
    addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
      void (globalThis as unknown as { refusedBy(directive: string): void }).refusedBy(effectiveDirective)
    })
    const attempt = (work: () => unknown) => {
      try {
        return String(work())
      } catch (error) {
        return (error as Error).name
      }
    }
    const add = (tag: string, attributes: Record<string, string>) =>
      new Promise<string>((resolve) => {
        const element = document.createElement(tag)
        element.addEventListener('load', () => resolve('loaded'))
        element.addEventListener('error', () => resolve('refused'))
        for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
        document.body.append(element)
        setTimeout(() => resolve('nothing'), 1500)
      })
    const image = await add('img', { src: 'https://example.org/x.png' })
    const style = await add('link', { rel: 'stylesheet', href: 'https://example.org/x.css' })
    const frame = document.createElement('iframe')
    frame.src = 'https://example.org/'
    document.body.append(frame)
    const webview = document.createElement('webview')
    document.body.append(webview)
    const seen = {
      eval: attempt(() => (0, eval)('1 + 1')),
      function: attempt(() => new Function('return 1')()),
      image,
      style,
      file: await fetch('file:///etc/hostname').then(
        () => 'read',
        () => 'refused',
      ),
      sibling: await fetch('app://residual-lab/../main/index.cjs').then(
        ({ ok }) => (ok ? 'read' : 'refused'),
        () => 'refused',
      ),
      webview: 'getWebContentsId' in webview,
    }
    await new Promise((resolve) => setTimeout(resolve, 300))
    frame.remove()
    webview.remove()
    return seen
  })
  expect(found).toEqual({
    ...{ eval: 'EvalError', function: 'EvalError', image: 'refused', style: 'refused' },
    ...{ file: 'refused', sibling: 'refused', webview: false },
  })
  expect(refused).toEqual(expect.arrayContaining(['img-src', 'style-src-elem', 'frame-src', 'connect-src']))
})

check('the one way to the main process hands the page messages, not Electron', async () => {
  const found = await bench.page.evaluate(async () => {
    const bridge = (window as unknown as { residualLab: Record<string, (given: unknown) => unknown> })
      .residualLab
    const names = ['ipcRenderer', 'electron', 'require', 'module', 'Buffer', '__dirname']
    const heard = new Promise<unknown[]>((resolve) =>
      bridge.subscribe!((...given: unknown[]) => {
        if ((given[0] as { id?: string }).id === 'probe') resolve(given)
      }),
    )
    bridge.post!({
      kind: 'request',
      id: 'probe',
      body: { type: 'shell.openExternal', url: 'file:///bin/sh' },
    })
    return {
      bridge: Object.keys(bridge),
      others: names.filter((name) => name in globalThis),
      isFixed: !Reflect.set(bridge, 'post', null),
      heard: await heard,
    }
  })
  expect(found).toEqual({
    ...{ bridge: ['post', 'subscribe'], others: [], isFixed: true },
    heard: [
      {
        kind: 'error',
        id: 'probe',
        error: expect.objectContaining({ message: expect.stringMatching(/^Unknown message/) }),
      },
    ],
  })
})
