import { InputError } from '../../../shared/base/errors'
import type { GivenFile, ListedData } from '../../../shared/protocol/data'
import type { RequestType } from '../../../shared/protocol/protocol'
import { allData, listedData } from '../../data/all'
import { fetchDataSet } from '../../data/fetch'
import { importOptions } from '../../data/import-options'
import { removeLeftovers } from '../../data/leftovers'
import { openDataStore } from '../../data/store'
import type { InstallProgress, RuntimeOptions } from '../../runtime'
import type { DataWork } from './data-work'
import type { Answers, Connection, FrontEnd } from './front-end'
import { createGivenFiles, type GivenFiles } from './given-files'
import { createSharedWork, progressEvent, type SharedWork } from './shared-work'

interface Options {
  /** The user's data folder. */
  folder: string
  /** Its signal is the end of the laboratory. */
  runtime: RuntimeOptions
  work: DataWork
  frontEndOf: (connection: Connection) => FrontEnd
  /** Tells all front ends that the list is another. */
  onChange: () => void
}

type DataRequest = Extract<RequestType, `data.${string}`>

/** The data sets, for every host: what `data …` does on the command line, by the same functions. */
export function createDataSets({ folder, runtime, work, frontEndOf, onChange }: Options) {
  const store = openDataStore(folder)
  removeLeftovers(store.folder)
  const getting = new Map<string, SharedWork<{ from?: string }, ListedData>>()
  const given = new Map<Connection, GivenFiles>()
  /** Ends reading a file, by who asked for it. */
  const looking = new Map<Connection, AbortController>()
  /** Puts back what was removed, or forgets it, by name. */
  const removed = new Map<string, ReturnType<typeof store.setAside>>()

  const filesOf = (connection: Connection): GivenFiles => {
    const files = given.get(connection) ?? createGivenFiles(store.folder)
    given.set(connection, files)
    return files
  }

  function gettingOf(name: string): SharedWork<{ from?: string }, ListedData> {
    const own =
      getting.get(name) ??
      createSharedWork(
        async ({ from }: { from?: string }, signal, onProgress) => {
          await fetchDataSet(name, store, { ...runtime, from, signal, onProgress })
          onChange()
          return listedData(store, name)
        },
        { stage: 'locating', message: 'Looking for it' },
        runtime.signal,
      )
    getting.set(name, own)
    return own
  }

  const answers: Answers<DataRequest> = {
    'data.list': () => ({
      data: allData(store),
      getting: Object.fromEntries(
        [...getting].flatMap(([name, { progress }]) => (progress ? [[name, progress]] : [])),
      ),
    }),
    'data.figures': ({ data }) => work('figures', { data }),
    'data.samples': ({ type: _, ...question }) => work('samples', question),
    'data.samplesAt': ({ type: _, ...question }) => work('samplesAt', question),
    'data.get': ({ data, file }, { from, tell }) =>
      gettingOf(data).run({ from: file === undefined ? undefined : filesOf(from).pathOf(file) }, tell),
    'data.cancel': ({ data }) => {
      getting.get(data)?.cancel()
      return null
    },
    'data.choose': async ({ kind }, { from }) => {
      const { files } = frontEndOf(from)
      if (!files) throw new Error('In a browser the page opens files by itself.')
      const file = await files.chooseData(kind)
      return file === null ? null : filesOf(from).add(file)
    },
    'data.upload': ({ file, name, content }, { from }): GivenFile =>
      filesOf(from).upload(file, name, Buffer.from(content, 'base64')),
    'data.columns': ({ file, separator, header }, { from }) => {
      const options = importOptions({ separator, header })
      return work('columns', {
        file: filesOf(from).pathOf(file),
        separator: options.separator,
        header: options.header,
      })
    },
    'data.look': async ({ name, file, labels, ...options }, { from, tell }) => {
      const files = filesOf(from)
      const asked = {
        ...importOptions(options),
        name,
        labels: labels === undefined ? undefined : files.pathOf(labels),
        file: files.pathOf(file),
      }
      looking.get(from)?.abort()
      const stop = new AbortController()
      looking.set(from, stop)
      const onProgress = (now: InstallProgress) => tell(progressEvent(now))
      try {
        return await work('look', asked, { signal: stop.signal, onProgress })
      } finally {
        if (looking.get(from) === stop) looking.delete(from)
      }
    },
    'data.forget': ({ look }, { from }) => {
      looking.get(from)?.abort()
      return look === null ? null : work('forget', { look })
    },
    'data.keep': async ({ look }, { from }) => {
      const kept = await work('keep', { look })
      filesOf(from).clear()
      onChange()
      return kept
    },
    'data.remove': ({ data }) => {
      removed.get(data)?.forget()
      removed.set(data, store.setAside(data))
      onChange()
      return null
    },
    'data.restore': ({ data }) => {
      const aside = removed.get(data)
      if (!aside) throw new InputError('data', `"${data}" was not removed here`, 'Import or get it again.')
      aside.restore()
      removed.delete(data)
      onChange()
      return listedData(store, data)
    },
  }

  return {
    answers,
    /** A file that a front end has chosen or handed over. @throws InputError for what it has not */
    pathOf: (connection: Connection, file: string) => filesOf(connection).pathOf(file),
    /** A front end has gone. */
    left(connection: Connection) {
      looking.get(connection)?.abort()
      given.get(connection)?.clear()
      given.delete(connection)
    },
    close() {
      for (const files of given.values()) files.clear()
      for (const aside of removed.values()) aside.forget()
    },
  }
}
