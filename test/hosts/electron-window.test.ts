import { EventEmitter } from 'node:events'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'

// Electron in the roles that the host gives it: windows, pages and dialogs that do what a test says.
const electron = vi.hoisted(() => ({
  isPackaged: false,
  switches: new Set<string>(),
  windows: [] as FakeWindow[],
  answers: [] as number[],
  asked: [] as { message: string; buttons: string[]; signal: AbortSignal }[],
  handlers: {} as Record<string, (...args: never[]) => unknown>,
  scheme: null as unknown,
  quit: vi.fn(),
}))

class FakeWindow extends EventEmitter {
  webContents = Object.assign(new EventEmitter(), {
    reload: vi.fn(),
    forcefullyCrashRenderer: vi.fn(() =>
      this.webContents.emit('render-process-gone', {}, { reason: 'killed' }),
    ),
  })
  maximize = vi.fn()
  loadURL = vi.fn(async () => {})
  constructor(readonly options: { webPreferences: Record<string, unknown> }) {
    super()
    electron.windows.push(this)
  }
  isDestroyed = () => false
}

vi.mock('electron', async () => {
  const { EventEmitter } = await import('node:events')
  const app = Object.assign(new EventEmitter(), {
    quit: electron.quit,
    commandLine: { hasSwitch: (name: string) => electron.switches.has(name) },
  })
  Object.defineProperty(app, 'isPackaged', { get: () => electron.isPackaged })
  const keep = (name: string) => (handler: (...args: never[]) => unknown) =>
    (electron.handlers[name] = handler)
  return {
    app,
    // Not the class itself, which is not there yet when this is asked for.
    BrowserWindow: function (options: FakeWindow['options']) {
      return new FakeWindow(options)
    },
    nativeTheme: { shouldUseDarkColors: false },
    screen: {},
    dialog: {
      showMessageBox: async (_window: unknown, question: (typeof electron.asked)[number]) => {
        electron.asked.push(question)
        const answer = electron.answers.shift()
        if (answer !== undefined) return { response: answer }
        return new Promise((resolve) =>
          question.signal.addEventListener('abort', () => resolve({ response: 1 })),
        )
      },
    },
    protocol: {
      registerSchemesAsPrivileged: (schemes: unknown) => (electron.scheme = schemes),
      handle: (_scheme: string, handler: (...args: never[]) => unknown) => (electron.handlers.app = handler),
    },
    session: {
      defaultSession: {
        setPermissionRequestHandler: keep('request'),
        setPermissionCheckHandler: keep('check'),
        setDevicePermissionHandler: keep('device'),
      },
    },
  }
})

import { app } from 'electron'
import { setupProtocol, setupScheme } from '../../main/hosts/electron/protocol'
import { sandboxWarning, setupSecurity } from '../../main/hosts/electron/security'
import { openWindow } from '../../main/hosts/electron/window'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-window-'))
const open = () => openWindow(folder) as unknown as FakeWindow
/** Lets what was asked be answered. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

beforeEach(() => {
  Object.assign(electron, { isPackaged: false, windows: [], answers: [], asked: [] })
  electron.switches.clear()
  electron.quit.mockClear()
  vi.useRealTimers()
})

describe('a window', () => {
  test('shuts its page in: sandbox, isolated context, no Node, no webview', () => {
    const { webPreferences } = open().options
    expect(webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
    })
    const weakening = [
      'webSecurity',
      'allowRunningInsecureContent',
      'experimentalFeatures',
      'enableBlinkFeatures',
    ]
    expect(Object.keys(webPreferences).filter((name) => weakening.includes(name))).toEqual([])
    expect(webPreferences).not.toHaveProperty('nodeIntegrationInWorker')
    expect(webPreferences).not.toHaveProperty('nodeIntegrationInSubFrames')
  })

  test('shows its own page', () => {
    expect(open().loadURL).toHaveBeenCalledExactlyOnceWith('app://residual-lab/')
  })

  test('has developer tools in a checkout and none in a package', () => {
    expect(open().options.webPreferences.devTools).toBe(true)
    electron.isPackaged = true
    expect(open().options.webPreferences.devTools).toBe(false)
  })
})

describe('a window that does not answer', () => {
  test('is loaded again if the user says so', async () => {
    const window = open()
    electron.answers = [0]
    window.emit('unresponsive')
    await settle()
    expect(electron.asked[0]).toMatchObject({
      message: 'The window does not answer.',
      buttons: ['Load again', 'Wait'],
    })
    expect(window.webContents.forcefullyCrashRenderer).toHaveBeenCalledOnce()
    expect(window.webContents.reload).toHaveBeenCalledOnce()
    // Its end is of our making: nothing more is asked.
    expect(electron.asked).toHaveLength(1)
  })

  test('is left alone if the user waits, or if it answers meanwhile', async () => {
    const window = open()
    electron.answers = [1]
    window.emit('unresponsive')
    await settle()
    window.emit('unresponsive')
    await settle()
    expect(electron.asked[1]!.signal.aborted).toBe(false)
    window.emit('responsive')
    await settle()
    expect(electron.asked[1]!.signal.aborted).toBe(true)
    expect(window.webContents.forcefullyCrashRenderer).not.toHaveBeenCalled()
    expect(window.webContents.reload).not.toHaveBeenCalled()
  })
})

describe('a page that has ended', () => {
  const end = (window: FakeWindow, reason: string) =>
    window.webContents.emit('render-process-gone', {}, { reason })

  test('comes back by itself after a crash, and asks if it crashes again at once', async () => {
    const window = open()
    end(window, 'crashed')
    await settle()
    expect(window.webContents.reload).toHaveBeenCalledOnce()
    electron.answers = [0]
    end(window, 'crashed')
    await settle()
    expect(electron.asked[0]!.message).toBe('The window’s page has ended (crashed).')
    expect(electron.asked[0]!.buttons).toEqual(['Load again', 'Quit'])
    expect(window.webContents.reload).toHaveBeenCalledTimes(2)
  })

  test.each(['killed', 'oom', 'launch-failed'])('%s: it asks', async (reason) => {
    const window = open()
    electron.answers = [0]
    end(window, reason)
    await settle()
    expect(electron.asked[0]!.message).toContain(`(${reason})`)
    expect(window.webContents.reload).toHaveBeenCalledOnce()
    expect(electron.quit).not.toHaveBeenCalled()
  })

  test('the program ends if the user says so', async () => {
    const window = open()
    electron.answers = [1]
    end(window, 'killed')
    await settle()
    expect(electron.quit).toHaveBeenCalledOnce()
    expect(window.webContents.reload).not.toHaveBeenCalled()
  })

  test('one that ends in peace is no matter', async () => {
    end(open(), 'clean-exit')
    await settle()
    expect(electron.asked).toEqual([])
  })
})

describe('the sandbox', () => {
  test('is spoken of only where it is off', () => {
    expect(sandboxWarning({})).toBeNull()
    expect(sandboxWarning({ ELECTRON_DISABLE_SANDBOX: '1' })).toContain('sandbox is off')
    electron.switches.add('no-sandbox')
    expect(sandboxWarning({})).toContain('Chromium’s sandbox is off (--no-sandbox)')
  })
})

describe('what pages may do', () => {
  /** A page as Electron announces it. */
  function page() {
    let answer: (() => { action: string }) | undefined
    const contents = Object.assign(new EventEmitter(), {
      setWindowOpenHandler: (handler: () => { action: string }) => (answer = handler),
    })
    app.emit('web-contents-created', {}, contents as never)
    const isPrevented = (event: string, ...given: unknown[]) => {
      const preventDefault = vi.fn()
      contents.emit(event, { preventDefault }, ...given)
      return preventDefault.mock.calls.length > 0
    }
    return { opens: () => answer!().action, isPrevented }
  }

  test('stay where they are, open no window and take in no other page', () => {
    setupSecurity()
    const { opens, isPrevented } = page()
    expect(opens()).toBe('deny')
    expect(isPrevented('will-attach-webview')).toBe(true)
    const elsewhere = [
      ...['https://example.org/', 'file:///etc/passwd', 'app://residual-lab.example.org/', 'app://other/'],
      ...['javascript:alert(1)', 'data:text/html,x', 'app://residual-lab@example.org/', 'app:residual-lab/'],
    ]
    for (const event of ['will-navigate', 'will-redirect']) {
      for (const url of elsewhere) expect([url, isPrevented(event, url)]).toEqual([url, true])
      expect(isPrevented(event, 'app://residual-lab/index.html')).toBe(false)
    }
  })

  test('have one permission: to write text to the clipboard', () => {
    setupSecurity()
    const { request, check, device } = electron.handlers as Record<string, (...args: unknown[]) => unknown>
    const asked = (permission: string) => {
      const answer = vi.fn()
      request!(null, permission, answer)
      return answer.mock.calls[0]![0]
    }
    const refused = [
      ...[
        'media',
        'geolocation',
        'notifications',
        'midi',
        'pointerLock',
        'fullscreen',
        'openExternal',
        'hid',
      ],
      ...['clipboard-read', 'display-capture', 'serial', 'usb', 'fileSystem', 'unknown', 'idle-detection'],
    ]
    for (const permission of refused)
      expect([asked(permission), check!(null, permission)]).toEqual([false, false])
    expect(asked('clipboard-sanitized-write')).toBe(true)
    expect(device!()).toBe(false)
  })
})

describe('app://', () => {
  const ask = async (url: string) => (await electron.handlers.app!({ url } as never)) as Response

  test('is a secure standard scheme that gets around no content security policy', () => {
    setupScheme()
    expect(electron.scheme).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ])
  })

  test('holds the page’s files alone, each with a strict policy', async () => {
    setupProtocol()
    for (const url of [
      'app://residual-lab/../main/index.cjs',
      'app://residual-lab/..%2fmain%2findex.cjs',
      'app://residual-lab/%2e%2e/package.json',
      'app://other/index.html',
    ]) {
      const answer = await ask(url)
      expect([url, answer.status]).toEqual([url, 404])
      const policy = answer.headers.get('content-security-policy')!
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
      expect(policy).toContain("connect-src 'none'")
      expect(policy).toContain("require-trusted-types-for 'script'")
      expect(policy).not.toMatch(/unsafe|\*|https?:/)
    }
  })
})
