import { parseExperiment } from '../../../shared/experiment/experiment'
import type { ExportReplies } from '../../../shared/protocol/exports'
import type { ImportReplies } from '../../../shared/protocol/imports'
import type { RunFileReplies } from '../../../shared/protocol/run-files'
import type { RunReplies } from '../../../shared/protocol/runs'
import { exportToBytes, exportToFile } from '../../runs/export-file'
import type { RunLibrary } from '../../runs/library'
import type { Recorder } from '../../runs/recorder'
import { stoppedTooSoon, verifyRun } from '../../runs/verify'
import { againFor } from './again'
import { createExports } from './exports'
import type { Answers, Asked, Connection, FrontEnd } from './front-end'
import { createImports } from './imports'
import { inThread } from './in-thread'
import type { RunFileRequest } from './make-run-file'
import { createStoppable } from './stoppable'
import type { JobTaker } from './trainers'

interface Options {
  /** The user's data folder. */
  folder: string
  library: RunLibrary
  recorder: Pick<Recorder, 'keep'>
  /** What becomes of jobs on their way to the trainer. */
  record: Recorder['record']
  trainers: JobTaker
  frontEndOf: (connection: Connection) => FrontEnd
  /** A file that a front end has chosen or handed over. @throws InputError for what it has not */
  pathOf: (connection: Connection, file: string) => string
  /** Closing the laboratory waits for what is kept. */
  keep: <T>(save: Promise<T>) => Promise<T>
  /** Where the bundle of the host's thread lies; left out: beside the host's. */
  threadFolder?: string
}

type RunRequest = keyof RunReplies | keyof RunFileReplies | keyof ImportReplies | keyof ExportReplies

/** The library of runs as front ends ask for it, and the files that runs leave it as and come from. */
export function createLabRuns(options: Options) {
  const { folder, library, recorder, record, trainers, frontEndOf, pathOf, keep, threadFolder } = options
  const { during, stop } = createStoppable()
  const exports = createExports({ ...{ folder, runs: library, frontEndOf, threadFolder }, stoppable: during })
  const imports = createImports({ ...{ folder, runs: library, threadFolder }, stoppable: during })

  // In a thread of its own, so that the host goes on hearing others.
  const runFile = async (request: RunFileRequest) => {
    const bytes = await inThread('runFile', { folder, request }, { folder: threadFolder })
    return { content: Buffer.from(bytes).toString('base64') }
  }

  const answers: Answers<RunRequest> = {
    'runs.list': () => library.list(),
    'runs.open': ({ run }) => library.open(run),
    'runs.change': ({ run, type: _, ...changes }) => keep(library.change(run, changes)),
    'runs.remove': ({ runs }) => keep(library.remove(runs)),
    'runs.restore': ({ runs }) => keep(library.restore(runs)),
    'runs.empty': () => keep(library.empty()),
    'runs.keep': ({ kind, experiment, started, result, seconds, name = null }) =>
      recorder.keep({ kind, experiment: parseExperiment(experiment), started, result, seconds, name }),
    'runs.export': async ({ run }, { from }) => {
      const name = `${run}.zip`
      const { files } = frontEndOf(from)
      if (!files) return { name, content: (await exportToBytes(library, run)).toString('base64') }
      const path = await files.chooseArchive(name)
      if (path === null) return null
      await keep(exportToFile(library, run, path, true))
      return { path }
    },
    'runs.verify': async ({ run }, asked) => {
      const verdict = await during(asked, (signal) =>
        verifyRun(library, run, againFor(asked, signal, record, trainers)),
      )
      if (verdict === null) throw stoppedTooSoon()
      return verdict
    },
    'figure.file': runFile,
    'metrics.file': runFile,
    'report.file': runFile,
    'import.look': ({ file, run, series }, asked) =>
      imports.look({ path: pathOf(asked.from, file), run, series }, asked),
    'import.take': ({ file, run, series }, asked) =>
      keep(imports.take({ path: pathOf(asked.from, file), run, series }, asked)),
    'export.check': ({ type: _, ...settings }, asked) => exports.check(settings, asked),
    'export.run': ({ type: _, ...settings }, asked) => keep(exports.run(settings, asked)),
  }

  return {
    answers,
    /** Ends what these requests have asked threads for; jobs are the trainers' to stop. */
    stop: (isMeant: (asked: Asked) => boolean) => stop(isMeant),
  }
}
