import type { RuntimeReply } from '../../../shared/protocol/protocol'
import type { Log } from '../../files/log'
import { aboutLines, diagnosticsText } from './diagnostics'
import type { Answers } from './front-end'
import { licenceText } from './licences'
import type { TrainerNotice } from './supervisor'
import { createWebGpuAsked } from './webgpu-status'

/** Entries of the log in the diagnostics. */
const LOG_LINES = 60

interface Options {
  host: 'electron' | 'browser'
  /** The user's data folder. */
  folder: string
  log: Pick<Log, 'tail'>
  trainer: () => TrainerNotice
  runtime: () => Promise<RuntimeReply>
  /** Asks for a newer version. @returns a sentence */
  askVersion: () => Promise<{ words: string }>
  /** Missing where the host cannot. */
  showFolder?: (folder: string) => Promise<void>
}

/** What the program says of itself, and of the machine that it is on. */
export function aboutAnswers({
  host,
  folder,
  log,
  trainer,
  runtime,
  askVersion,
  showFolder,
}: Options): Answers<'diagnostics' | 'about.text' | 'folder.show' | 'version.ask'> {
  const askedWebGpu = createWebGpuAsked()
  return {
    diagnostics: async () => {
      const found = await runtime()
      const { device, state, message } = trainer()
      const text = diagnosticsText({
        ...{ host, folder, device, trainer: `${state}: ${message}` },
        ...{ runtime: found, webGpu: askedWebGpu(), log: log.tail(LOG_LINES) },
      })
      return { text, folder, about: aboutLines(found) }
    },
    'about.text': ({ which }) => licenceText(which),
    'folder.show': async () => {
      if (!showFolder) throw new Error('A browser shows no folders. Copy its path instead.')
      await showFolder(folder)
      return null
    },
    'version.ask': () => askVersion(),
  }
}
