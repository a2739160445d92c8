import { BrowserWindow, app, nativeTheme, screen, type Rectangle } from 'electron'
import * as path from 'node:path'
import { ORIGIN } from './protocol'
import type { WindowState } from './session'

const DEFAULT_SIZE = { width: 1360, height: 860 }
/** So much of a title bar must be on a screen to take hold of it. */
const REACH = 50

/** A workbench's window, where it was last. Nothing is loaded in it yet. */
export function makeWindow(state: WindowState): BrowserWindow {
  const window = new BrowserWindow({
    ...DEFAULT_SIZE,
    ...(state.bounds && onScreen(state.bounds, screen.getDisplayMatching(state.bounds).workArea)),
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
  if (state.maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  return window
}

/** Shows the page. */
export function loadPage(window: BrowserWindow): void {
  void window.loadURL(`${ORIGIN}/`)
}

/**
 * The place of a window whose screen may have gone since: at its old size as far as there is room, and in the middle
 * where nobody could take hold of it.
 */
export function onScreen(bounds: Rectangle, area: Rectangle): Partial<Rectangle> {
  const size = { width: Math.min(bounds.width, area.width), height: Math.min(bounds.height, area.height) }
  const isReachable =
    bounds.x < area.x + area.width - REACH &&
    bounds.x + bounds.width > area.x + REACH &&
    bounds.y >= area.y - 10 &&
    bounds.y < area.y + area.height - REACH
  return isReachable ? { x: bounds.x, y: bounds.y, ...size } : size
}

export const stateOf = (window: BrowserWindow, workspace: number): WindowState => ({
  workspace,
  bounds: window.getNormalBounds(),
  maximized: window.isMaximized(),
})
