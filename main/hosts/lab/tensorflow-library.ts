import { messageOf } from '../../../shared/base/errors'
import type { ProgressEvent, RuntimeReply } from '../../../shared/protocol/protocol'
import type { Log } from '../../files/log'
import {
  RuntimeError,
  ensureTensorFlow,
  gpuOffer,
  installOffer,
  installRuntime,
  isInstalled,
  progressText,
  runtimeStatus,
  type InstallProgress,
  type RuntimeOptions,
} from '../../runtime'
import type { FrontEnd } from './front-end'
import { createSharedWork } from './shared-work'
import type { Trainers } from './trainers'

interface Asked {
  from?: 'file'
  gpu?: true
}

interface LibraryOptions {
  /** Its signal is the end of the laboratory. */
  runtime: RuntimeOptions
  trainers: Trainers
  log: Log
  /** Whether a library that was never installed is got unasked. */
  fetches: boolean
}

/** TensorFlow's library, between what is installed and the trainer that works with it. */
export function createTensorFlowLibrary({ runtime, trainers, log, fetches }: LibraryOptions) {
  const installation = createSharedWork(
    (options: Pick<RuntimeOptions, 'force' | 'from' | 'gpu'>, signal, onProgress) =>
      installRuntime({ ...runtime, ...options, signal, onProgress }),
    { stage: 'locating', message: 'Looking for TensorFlow’s library' },
    runtime.signal,
  )

  /**
   * Starts the trainer on TensorFlow's library, which is repaired if need be. Where none was ever installed the plain
   * backend computes, until one is there: whoever has set up a checkout gets it by itself, others are asked first
   * whether hundreds of megabytes are to be fetched.
   */
  async function start(): Promise<void> {
    try {
      if (!isInstalled(runtime)) {
        trainers.start(null, await whyPlain())
        return fetches ? await fetchUnasked() : undefined
      }
      const showProgress = (progress: InstallProgress) =>
        trainers.preparing(
          progressText(progress),
          progress.total ? (progress.done ?? 0) / progress.total : null,
        )
      const { library, reason, hint } = await ensureTensorFlow(showProgress, runtime)
      trainers.start(library, [reason, hint].filter(Boolean).join(' '))
    } catch (error) {
      // Cancelled because the laboratory is being closed: there is nothing left to start.
      if (!runtime.signal?.aborted) trainers.start(null, sentencesOf(error))
    }
  }

  /** A page follows it as it does one that it has asked for. */
  async function fetchUnasked() {
    try {
      trainers.startAfterRun(await installation.run({}, () => {}))
    } catch (error) {
      log.add(sentencesOf(error))
    }
  }

  async function whyPlain(): Promise<string> {
    const [offer, status] = await Promise.all([installOffer(runtime), runtimeStatus(runtime)])
    // The plain backend's own note says what gets it.
    return offer.problem ?? status.problem ?? ''
  }

  async function reply(): Promise<RuntimeReply> {
    const { library, problem, hint, cacheFolder } = await runtimeStatus(runtime)
    const shown = library && {
      path: library.path,
      version: library.version,
      source: library.source,
      device: library.device,
    }
    const [offer, gpu] = await Promise.all([installOffer(runtime), gpuOffer(runtime)])
    return { library: shown, problem, hint, cacheFolder, offer, gpu, installing: installation.progress }
  }

  async function chooseWheel({ files }: FrontEnd): Promise<string | null> {
    if (!files) throw new Error('In a browser no file is installed from: the page says how it is done.')
    return files.chooseWheel((await installOffer(runtime)).file)
  }

  return {
    start,
    reply,

    /**
     * @param asked.from `file`: one that the front end's own dialog asks for
     * @param asked.gpu for NVIDIA GPUs, with CUDA
     * @returns null where that dialog was cancelled
     */
    async install(asked: Asked, tell: (event: ProgressEvent) => void, frontEnd: FrontEnd) {
      const file = asked.from && (await chooseWheel(frontEnd))
      if (file === null) return null
      // Of the user's own installation nothing can be repaired.
      const force = trainers.failedLibrary?.source === 'user'
      const isFirst = installation.progress === null
      const library = await installation.run({ force: force && !asked.gpu, from: file, gpu: asked.gpu }, tell)
      // Whoever has only waited finds it started.
      if (isFirst) trainers.startAfterRun(library)
      return reply()
    },

    /** What was installed before stays as it is. */
    cancel: () => installation.cancel(),
  }
}

/** What went wrong, with how to go on where the error says that apart. */
export const sentencesOf = (error: unknown): string =>
  error instanceof RuntimeError ? error.sentences : messageOf(error)
