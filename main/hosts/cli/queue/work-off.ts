import { formatDuration } from '../../../../shared/base/format'
import { dataFolder } from '../../../files/data-folder'
import { nextEntry } from '../../../../shared/queue/order'
import type { QueueStore } from '../../../queue/store'
import { createQueueWorker } from '../../../queue/worker'
import { createRecorder } from '../../../runs/recorder'
import { createQueueJobs } from '../../lab/queue-jobs'
import { Stopped, clearProgress, machineSettings, onceTeller, showProgress, startTrainer } from '../job'
import { openLibrary } from '../keep'
import { oneLine } from '../options'

/** Ids of entries that have ended. */
interface WorkedOff {
  done: string[]
  failed: string[]
}

/**
 * Works the queue off in a trainer process of this command, and says on standard error what becomes of each entry.
 * @throws Stopped with what was begun kept; Error where the queue cannot be written
 */
export async function workOffQueue(store: QueueStore): Promise<WorkedOff> {
  const found: WorkedOff = { done: [], failed: [] }
  if (!nextEntry(store.read().queue)) return found
  const interrupted = new AbortController()
  const tellOnce = onceTeller()
  let onStop = () => interrupted.abort()
  const stop = () => onStop()
  process.on('SIGINT', stop)
  const starting = { signal: interrupted.signal, tellOnce, onFailure: tellOnce }
  const { supervisor } = await startTrainer(machineSettings(), starting)
  if (interrupted.signal.aborted) throw new Stopped()
  const library = openLibrary()
  const recorder = createRecorder(library)
  let begun = performance.now()
  const worker = createQueueWorker({
    folder: dataFolder(),
    store,
    tools: { library, keep: recorder.keep, job: createQueueJobs(recorder.record, supervisor) },
    onProgress: (progress) => (progress ? showProgress(progress.event) : (begun = performance.now())),
    onEnded({ id, name, command }, { state, reason, runs = [] }) {
      if (state !== 'done' && state !== 'failed') return
      found[state].push(id)
      const took = formatDuration((performance.now() - begun) / 1000)
      const words = state === 'done' ? [...runs, `in ${took}`].join(' ') : oneLine(reason ?? 'failed')
      clearProgress()
      process.stderr.write(`${id}, ${command} ${name}: ${words}\n`)
    },
    onWait: (pid) =>
      tellOnce(`Another process (${pid ?? 'unknown'}) works the queue off; this one goes on where it ends.`),
    log: (line) => process.stderr.write(`${oneLine(line)}\n`),
  })
  onStop = () => {
    // What was begun is written down with the first, and lost with the second.
    if (interrupted.signal.aborted) return supervisor.close()
    interrupted.abort()
    clearProgress()
    process.stderr.write('Stopping; once more ends at once.\n')
    void worker.close()
  }
  try {
    await worker.workOff()
  } finally {
    process.off('SIGINT', stop)
    await worker.close()
    supervisor.close()
    await recorder.close()
    clearProgress()
  }
  if (interrupted.signal.aborted) throw new Stopped()
  return found
}
