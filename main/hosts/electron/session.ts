import * as path from 'node:path'
import type { Rectangle } from 'electron'
import { readDocument } from '../../../shared/base/document'
import { readTextFile } from '../../files/read'
import { replaceFile } from '../../files/write'
import { makePrivateFolder } from '../../files/data-folder'

const VERSION = 1
const MOST_BYTES = 2 ** 18
/** Windows open at once: each is a process with charts of its own. */
const MOST_WINDOWS = 8
/** Whoever has lived so long did not crash at once. Milliseconds. */
const SETTLED_MS = 60_000
/** Ends in a row, each soon after its start, that are no accident. */
const MOST_QUICK_ENDS = 3

/** Where a window was last, and which workspace it showed. */
export interface WindowState {
  workspace: number
  /** Null: never shown yet. */
  bounds: Rectangle | null
  maximized: boolean
}

interface SessionDocument {
  windows: WindowState[]
  /** Closed while others stayed, the last of them at the end: they can be opened again. */
  closed: WindowState[]
  /** Chromium's zoom level, one for all windows. */
  zoom: number
  /** Null: the program has ended as it should. */
  running: { quickEnds: number; settled: boolean } | null
}

export type Session = ReturnType<typeof openSession>

/**
 * The windows of this program, remembered from one start to the next. While it runs the file says so: one that still
 * does at the next start was ended by a crash.
 */
export function openSession(folder: string) {
  const file = path.join(folder, 'windows.json')
  const document = read(file)
  const { running } = document
  const quickEnds = running === null ? 0 : running.settled ? 0 : running.quickEnds + 1
  const isCrashLoop = quickEnds >= MOST_QUICK_ENDS
  const before = running === null ? 'ended' : isCrashLoop ? 'crash loop' : 'crashed'
  const windows = document.windows.length
    ? document.windows
    : [{ workspace: 1, bounds: null, maximized: false }]
  document.windows = []
  document.running = { quickEnds: isCrashLoop ? 0 : quickEnds, settled: false }
  const settling = setTimeout(() => {
    document.running = { quickEnds: 0, settled: true }
    save()
  }, SETTLED_MS)
  settling.unref()

  let writing: Promise<void> | null = null
  let isChanged = false

  /** The last state is written, however many there were meanwhile. Without a file the next start is the first one. */
  function save(): Promise<void> {
    isChanged = true
    return (writing ??= write())
  }

  async function write() {
    while (isChanged) {
      isChanged = false
      const text = `${JSON.stringify({ version: VERSION, ...document }, null, 1)}\n`
      try {
        makePrivateFolder(folder)
        await replaceFile(file, text)
      } catch {
        // Said above.
      }
    }
    writing = null
  }

  const isOpen = (workspace: number) => document.windows.some((one) => one.workspace === workspace)
  const others = (all: WindowState[], workspace: number) => all.filter((one) => one.workspace !== workspace)

  return {
    /** How the program ended the last time. */
    before: before as 'ended' | 'crashed' | 'crash loop',
    /** What was open then, at least one. */
    windows: windows as readonly WindowState[],
    /** What was closed before it. */
    closed: [...document.closed] as readonly WindowState[],
    get zoom() {
      return document.zoom
    },

    /** A window is open, or stands elsewhere, or has the focus: the last of them comes back on top. */
    shows(state: WindowState) {
      document.windows = [...others(document.windows, state.workspace), state]
      document.closed = others(document.closed, state.workspace)
      void save()
    },

    /** A window has been closed, and the program goes on. */
    closes(workspace: number) {
      const state = document.windows.find((one) => one.workspace === workspace)
      if (!state) return
      document.windows = others(document.windows, workspace)
      document.closed = [...document.closed, state].slice(-MOST_WINDOWS)
      void save()
    },

    /** A window that could not be opened after all. */
    fails(workspace: number) {
      document.windows = others(document.windows, workspace)
      void save()
    },

    zooms(level: number) {
      if (level === document.zoom) return
      document.zoom = level
      void save()
    },

    /** The number of a new window's workspace, if need be that of the oldest closed one; null: there are enough. */
    free(): number | null {
      const numbers = Array.from({ length: MOST_WINDOWS }, (_, i) => i + 1)
      const unused = numbers.find(
        (n) => !isOpen(n) && !document.closed.some(({ workspace }) => workspace === n),
      )
      return unused ?? document.closed.find(({ workspace }) => !isOpen(workspace))?.workspace ?? null
    },

    /** The window that was closed last. */
    lastClosed: (): WindowState | null => document.closed.at(-1) ?? null,

    /** Forgets all closed windows. */
    forgetClosed() {
      document.closed = []
      void save()
    },

    /** Resolves when all of it is on the disk. */
    written: async (): Promise<void> => {
      await writing
    },

    /** The program ends as it should. Resolves when that is written. */
    async end(): Promise<void> {
      clearTimeout(settling)
      document.running = null
      await save()
    },
  }
}

/** What is damaged, or not ours, is as if it were not there. */
function read(file: string): SessionDocument {
  const nothing: SessionDocument = { windows: [], closed: [], zoom: 0, running: null }
  try {
    const found = readDocument(readTextFile(file, MOST_BYTES), file, '') as Record<string, unknown>
    if (found.version !== VERSION) return nothing
    const { zoom, running } = found as { zoom: unknown; running: SessionDocument['running'] }
    const isRunning = Number.isSafeInteger(running?.quickEnds) && typeof running?.settled === 'boolean'
    const taken = new Set<number>()
    const states = (value: unknown) =>
      (Array.isArray(value) ? value : []).filter(isState).filter(({ workspace }) => {
        if (taken.has(workspace)) return false
        return taken.add(workspace)
      })
    return {
      windows: states(found.windows),
      closed: states(found.closed),
      zoom: typeof zoom === 'number' && Math.abs(zoom) < 10 ? zoom : 0,
      running: isRunning ? running : null,
    }
  } catch {
    return nothing
  }
}

function isState(value: unknown): value is WindowState {
  const { workspace, bounds, maximized } = (value ?? {}) as Partial<Record<keyof WindowState, unknown>>
  const isNumber =
    Number.isInteger(workspace) && (workspace as number) >= 1 && (workspace as number) <= MOST_WINDOWS
  return isNumber && (bounds === null || isRectangle(bounds)) && typeof maximized === 'boolean'
}

function isRectangle(value: unknown): value is Rectangle {
  const { x, y, width, height } = (value ?? {}) as Record<keyof Rectangle, unknown>
  return [x, y, width, height].every(Number.isInteger)
}
