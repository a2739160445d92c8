import { EventEmitter } from 'node:events'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

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
  syncAnswer: 1,
}))

const PLACE = { x: 0, y: 0, width: 1360, height: 860 }

class FakeWindow extends EventEmitter {
  webContents = Object.assign(new EventEmitter(), {
    reload: vi.fn(),
    getZoomLevel: () => 0,
    setZoomLevel: vi.fn(),
    forcefullyCrashRenderer: vi.fn(() =>
      this.webContents.emit('render-process-gone', {}, { reason: 'killed' }),
    ),
  })
  maximize = vi.fn()
  loadURL = vi.fn(async () => {})
  constructor(readonly options: { webPreferences: Record<string, unknown> } & Partial<typeof PLACE>) {
    super()
    electron.windows.push(this)
  }
  isDestroyed = () => false
  isMaximized = () => false
  getNormalBounds = () => ({ ...PLACE, ...this.options })
  destroy = vi.fn(() => this.emit('closed'))
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
    BrowserWindow: Object.assign(
      function (options: FakeWindow['options']) {
        return new FakeWindow(options)
      },
      // None that computes.
      { getAllWindows: () => [] },
    ),
    nativeTheme: { shouldUseDarkColors: false },
    screen: { getDisplayMatching: () => ({ workArea: { x: 0, y: 0, width: 1600, height: 1000 } }) },
    dialog: {
      showMessageBoxSync: () => electron.syncAnswer,
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
import { openSession, type Session, type WindowState } from '../../main/hosts/electron/session'
import { onScreen } from '../../main/hosts/electron/window'
import { createWindows } from '../../main/hosts/electron/windows'

let folder: string
/** Of the last start; until the next, all that it writes has reached the disk. */
let last: Session | undefined
/** What the pages were told. */
let said: string[] = []
let started: [number, number][] = []
/** Told that the last window has gone. */
const onLast = vi.fn()
const setAside = vi.fn(async (number: number): Promise<string | null> => `/kept-${number}`)

/** The program starts, as it would after whatever has been written in the folder. */
async function start() {
  await last?.written()
  return startNow()
}

async function startNow() {
  const session = (last = openSession(folder))
  const windows = createWindows({
    session,
    startWorkspace: async (...numbers) => void started.push(numbers),
    setWorkspaceAside: setAside,
    say: (_window, text) => void said.push(text),
    onLast,
    onChange: () => {},
  })
  electron.windows = []
  await windows.restore()
  return { session, windows }
}

/** A first start. */
function open(): FakeWindow {
  void startNow()
  return electron.windows[0]!
}
/** What is on the disk. */
const written = () =>
  JSON.parse(fs.readFileSync(path.join(folder, 'windows.json'), 'utf8')) as {
    windows: WindowState[]
    closed: WindowState[]
    running: unknown
  }
const numbers = (states: readonly WindowState[]) => states.map(({ workspace }) => workspace)
/** Lets what was asked be answered. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

beforeEach(() => {
  Object.assign(electron, { isPackaged: false, windows: [], answers: [], asked: [] })
  electron.switches.clear()
  electron.quit.mockClear()
  vi.useRealTimers()
  app.removeAllListeners('before-quit')
  ;[said, started] = [[], []]
  setAside.mockClear()
  onLast.mockClear()
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-window-'))
})
afterEach(async () => {
  vi.useRealTimers()
  await last?.written()
  last = undefined
  fs.rmSync(folder, { recursive: true, force: true })
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

test('what computes ends with the last window, and with no other', async () => {
  const { windows } = await start()
  await windows.openNew(null)
  const [first, second] = electron.windows
  first.destroy()
  expect(onLast).not.toHaveBeenCalled()
  second.destroy()
  expect(onLast).toHaveBeenCalledOnce()
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

  test('begins afresh where it ends again and again, and says where the old workspace is', async () => {
    const window = open()
    electron.answers = [0]
    for (let i = 0; i < 3; i++) {
      end(window, 'crashed')
      await settle()
    }
    expect(setAside).toHaveBeenCalledExactlyOnceWith(1)
    expect(electron.asked).toHaveLength(1)
    expect(window.webContents.reload).toHaveBeenCalledTimes(3)
    expect(said).toEqual([
      'This window’s page had crashed. It shows what it had saved last.',
      'This window’s page ended several times in a row, and begins afresh. What it showed is kept as /kept-1: open ' +
        'that to have it back.',
    ])
  })

  test('among others, it closes alone', async () => {
    const { windows } = await start()
    await windows.openNew(windows.current())
    const second = electron.windows[1]!
    electron.answers = [1]
    end(second, 'killed')
    await settle()
    expect(electron.asked[0]!.buttons).toEqual(['Load again', 'Close this window'])
    expect(second.destroy).toHaveBeenCalledOnce()
    expect(electron.quit).not.toHaveBeenCalled()
  })

  test('one that ends in peace is no matter', async () => {
    end(open(), 'clean-exit')
    await settle()
    expect(electron.asked).toEqual([])
  })
})

describe('several windows', () => {
  test('a new one begins with a copy, beside the one that it came from', async () => {
    const { session, windows } = await start()
    await windows.openNew(windows.current())
    expect(started).toEqual([[2, 1]])
    expect(electron.windows[1]!.options).toMatchObject({ x: 28, y: 28, width: 1360, height: 860 })
    await session.end()
    expect(numbers(written().windows)).toEqual([1, 2])
  })

  test('there are not more than anyone can use, and then it is said', async () => {
    const { windows } = await start()
    for (let i = 2; i <= 8; i++) await windows.openNew(windows.current())
    await expect(windows.openNew(null)).rejects.toThrow('No more windows can be open at once.')
    expect(electron.windows).toHaveLength(8)
  })

  test('one that cannot be given a workspace is not opened, and its number is free again', async () => {
    const { session, windows } = await start()
    started = Object.freeze([]) as never
    await expect(windows.openNew(null)).rejects.toThrow('not extensible')
    expect(electron.windows).toHaveLength(1)
    await session.end()
    expect(numbers(written().windows)).toEqual([1])
    expect(windows.canReopen()).toBe(false)
  })

  test('one that is closed while others stay can be opened again, with its workspace', async () => {
    const { session, windows } = await start()
    await windows.openNew(windows.current())
    electron.windows[1]!.emit('closed')
    expect(windows.canReopen()).toBe(true)
    // Its workspace is its own until then.
    await windows.openNew(windows.current())
    expect(started.at(-1)).toEqual([3, 1])
    windows.reopen()
    expect(windows.canReopen()).toBe(false)
    await session.end()
    expect(numbers(written().windows)).toEqual([1, 3, 2])
  })

  test('all that were open at the end come back, the last one too', async () => {
    const first = await start()
    await first.windows.openNew(first.windows.current())
    app.emit('before-quit', {} as never)
    electron.windows.forEach((window) => window.emit('closed'))
    await first.session.end()
    const second = await start()
    expect(electron.windows).toHaveLength(2)
    expect(said).toEqual([])
    await second.session.end()

    // Closed one after the other: the last is what the program ends with.
    const third = await start()
    electron.windows[0]!.emit('closed')
    electron.windows[1]!.emit('closed')
    await third.session.end()
    await start()
    expect(electron.windows).toHaveLength(1)
  })

  test('an end that is called off leaves what it has closed to be opened again', async () => {
    const { windows } = await start()
    await windows.openNew(windows.current())
    const [one, two] = electron.windows
    electron.syncAnswer = 0
    app.emit('before-quit', {} as never)
    one!.emit('closed')
    const event = { preventDefault: vi.fn() }
    two!.webContents.emit('will-prevent-unload', event)
    expect(event.preventDefault).not.toHaveBeenCalled()
    expect(windows.canReopen()).toBe(true)
  })
})

describe('after a crash', () => {
  test('every window comes back, and says so', async () => {
    const { windows } = await start()
    await windows.openNew(windows.current())
    await start()
    expect(electron.windows).toHaveLength(2)
    expect(said).toEqual(
      Array(2).fill('Residual Lab had ended unexpectedly. This window shows what it had saved last.'),
    )
  })

  test('three soon after each other: a fresh window, and where the old workspaces are', async () => {
    const { windows } = await start()
    await windows.openNew(windows.current())
    await start()
    await start()
    said = []
    await start()
    expect(electron.windows).toHaveLength(1)
    expect(setAside.mock.calls).toEqual([[1], [2]])
    expect(said).toEqual([
      'Residual Lab ended several times in a row soon after its start, and begins afresh. What you had is kept as ' +
        '/kept-1 and /kept-2: open that to have it back.',
    ])
    // From here on it counts anew.
    said = []
    await start()
    expect(said).toEqual(['Residual Lab had ended unexpectedly. This window shows what it had saved last.'])
  })

  test('crashes long after the start are none of a row', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    for (let i = 0; i < 5; i++) {
      await start()
      await vi.advanceTimersByTimeAsync(61_000)
    }
    expect(setAside).not.toHaveBeenCalled()
  })

  test.each([
    '',
    '{"version": 1, "win',
    '{"version": 2}',
    '[]',
    'null',
    '{"version":1,"windows":[{"workspace":99}]}',
  ])('a damaged list (%j) is no list', async (text) => {
    fs.writeFileSync(path.join(folder, 'windows.json'), text)
    await start()
    expect(electron.windows).toHaveLength(1)
    expect(said).toEqual([])
  })
})

describe('where a window stands', () => {
  const area = { x: 0, y: 0, width: 1600, height: 1000 }
  test('as it was, where it can be reached', () => {
    const bounds = { x: 1500, y: 20, width: 1100, height: 700 }
    expect(onScreen(bounds, area)).toEqual(bounds)
  })
  test.each([
    { x: 1900, y: 20, width: 1100, height: 700 },
    { x: -1090, y: 20, width: 1100, height: 700 },
    { x: 20, y: -300, width: 1100, height: 700 },
    { x: 20, y: 990, width: 1100, height: 700 },
  ])('in the middle at its size, where its screen has gone: %j', (bounds) => {
    expect(onScreen(bounds, area)).toEqual({ width: 1100, height: 700 })
  })
  test('no larger than its screen', () => {
    expect(onScreen({ x: 0, y: 0, width: 3000, height: 2000 }, area)).toEqual(area)
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
