import { BrowserWindow, app, nativeTheme, screen, type Rectangle } from 'electron'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { ORIGIN } from './protocol'
import { rescue } from './rescue'
import { askBeforeLeaving } from './work'

interface WindowState {
  bounds: Rectangle
  maximized: boolean
}

const DEFAULT_SIZE = { width: 1360, height: 860 }

/** Opens the workbench's window where it was last. */
export function openWindow(folder: string): BrowserWindow {
  const file = path.join(folder, 'window.json')
  const state = readState(file)
  const window = new BrowserWindow({
    ...DEFAULT_SIZE,
    ...state?.bounds,
    minWidth: 720,
    minHeight: 480,
    title: 'Residual Lab',
    // Shown with its first picture, and in the page's colours (renderer/app.css) wherever that is not there
    // yet, so that nothing flashes.
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#101317' : '#f4f5f7',
    webPreferences: {
      preload: path.join(__dirname, '..', 'preload', 'index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  })
  if (state?.maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () => {
    writeState(file, { bounds: window.getNormalBounds(), maximized: window.isMaximized() })
  })
  rescue(window)
  askBeforeLeaving(window)
  void window.loadURL(`${ORIGIN}/`)
  return window
}

/** What was saved, if it still lies on a screen. */
function readState(file: string): WindowState | null {
  try {
    const { bounds, maximized } = JSON.parse(fs.readFileSync(file, 'utf8')) as WindowState
    const numbers = [bounds.x, bounds.y, bounds.width, bounds.height]
    if (!numbers.every(Number.isInteger)) return null
    const { workArea } = screen.getDisplayMatching(bounds)
    const visible =
      bounds.x < workArea.x + workArea.width - 50 &&
      bounds.x + bounds.width > workArea.x + 50 &&
      bounds.y >= workArea.y - 10 &&
      bounds.y < workArea.y + workArea.height - 50
    return visible ? { bounds, maximized: maximized === true } : null
  } catch {
    // None yet, or not ours: the default size will do.
    return null
  }
}

function writeState(file: string, state: WindowState) {
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, JSON.stringify(state))
  } catch {
    // Not worth a word: the window opens at its default size next time.
  }
}
