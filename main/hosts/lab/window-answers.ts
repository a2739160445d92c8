import type { Answers, Connection, FrontEnd } from './front-end'
import type { RecentFiles } from './recent-files'

type WindowRequest =
  | 'file.save'
  | 'file.open'
  | 'recent.list'
  | 'recent.open'
  | 'recent.remember'
  | 'recent.remove'
  | 'window.new'
  | 'window.work'

interface Options {
  recent: RecentFiles
  frontEndOf: (connection: Connection) => FrontEnd
  /** Closing the laboratory waits for what is kept. */
  keep: <T>(save: Promise<T>) => Promise<T>
}

/** What is asked of a front end's window: files by its dialogs, and what it shows around the page. */
export const windowAnswers = ({ recent, frontEndOf, keep }: Options): Answers<WindowRequest> => ({
  'file.save': async (body, { from }) => {
    const { files = noDialogs() } = frontEndOf(from)
    const path = await files.save(body, body.over === undefined ? null : recent.find(body.over))
    return path === null ? { path } : { path, id: recent.name(path) }
  },
  'file.open': async (_body, { from }) => {
    const { files = noDialogs() } = frontEndOf(from)
    const file = await files.open()
    if (file) recent.name(file.path)
    return file
  },
  'recent.list': () => recent.list(),
  'recent.open': ({ file }) => recent.open(file),
  'recent.remember': ({ file, kind }) => keep(recent.remember(file, kind)),
  'recent.remove': ({ file }) => keep(recent.remove(file)),
  'window.new': async (_body, { from }) => {
    const { openWindow = noWindows } = frontEndOf(from)
    await openWindow()
    return null
  },
  'window.work': ({ fraction, ended }, { from }) => {
    frontEndOf(from).onWork?.(fraction, ended)
    return null
  },
})

function noDialogs(): never {
  throw new Error('In a browser the page opens and saves files by itself.')
}

function noWindows(): never {
  throw new Error('In a browser, open the page in another tab.')
}
