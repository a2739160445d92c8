/**
 * The trainer as a page that nobody sees: in Electron only Chromium's own WebGPU reaches a GPU. As in the process, the
 * main thread has the queue, and never computes; one worker measures and trains, one computes theories.
 */
import type { Configuration, QueuedJob, WorkerMessage } from '../messages'
import { createQueue, type FromHost } from '../queue'
import { BEGIN, type JobsStart, type PageEnd, type TheoryStart } from './wire'

addEventListener('message', (event: MessageEvent<unknown>) => {
  // From this page's own preload script, which has the ports from the host.
  if (event.source === window && event.data === BEGIN) begin(event.ports)
})

function begin([host, forJobs, forTheory]: readonly MessagePort[]): void {
  const receive = createQueue({
    send: (message) => host.postMessage(message),
    start: (configuration, heard) => startWorkers(configuration, heard),
    bytes: () => null,
  })
  host.onmessage = ({ data }: MessageEvent<FromHost>) => receive(data)

  function startWorkers(
    { settings }: Configuration,
    heard: (message: WorkerMessage) => void,
  ): (job: QueuedJob) => void {
    const queue = new MessageChannel()
    const theories = new MessageChannel()
    const theory: TheoryStart = { host: forTheory, theories: theories.port2 }
    startWorker('theory', theory, [forTheory, theories.port2])
    const jobs: JobsStart = { settings, queue: queue.port2, host: forJobs, theories: theories.port1 }
    startWorker('jobs', jobs, [queue.port2, forJobs, theories.port1])
    queue.port1.onmessage = ({ data }: MessageEvent<WorkerMessage>) => heard(data)
    return (job) => queue.port1.postMessage(job)
  }

  function startWorker(name: 'jobs' | 'theory', start: JobsStart | TheoryStart, ports: MessagePort[]): void {
    // eslint-disable-next-line residual-lab/error-listener -- a page's worker, which tells errors as a page does
    const worker = new Worker(`/trainer-${name}.js`, { type: 'module', name })
    // What escapes a job's own handling leaves the worker in an unknown state: the host opens a new page.
    worker.addEventListener('error', ({ message }) =>
      host.postMessage({
        kind: 'page-end',
        how: message || 'a worker could not be started',
      } satisfies PageEnd),
    )
    worker.postMessage(start, ports)
  }
}
