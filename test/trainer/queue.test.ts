import { expect, test } from 'vitest'
import type { QueuedJob, WorkerMessage } from '../../main/trainer/messages'
import { createQueue, type GpuWatch } from '../../main/trainer/queue'
import type { DeviceStatus, Message, TrainerRequest } from '../../shared/protocol/protocol'
import { defaultExperiment } from '../../shared/settings/table'

const device: DeviceStatus = {
  ...{
    backend: 'tensorflow',
    name: 'GPU A',
    version: '2.21.0',
    description: 'GPU A, TensorFlow',
    note: null,
  },
}
const USE = { busy: 0.5, bytes: 10, total: 20 }

const request = (id: string): TrainerRequest => ({
  ...{ kind: 'request', id, place: null },
  body: { type: 'signal', experiment: { ...defaultExperiment() } },
})

/** A queue in play: what it tells the host, the jobs that it hands out, and the watches that are begun and ended. */
function queueWith(hasWatch = true) {
  const told: Message[] = []
  const jobs: QueuedJob[] = []
  const watches: { isPaused: () => boolean; isEnded: boolean }[] = []
  let heard: (message: WorkerMessage) => void = () => {}
  const watchGpu = (_: DeviceStatus, isPaused: () => boolean): GpuWatch => {
    const own = { isPaused, isEnded: false }
    watches.push(own)
    return {
      last: USE,
      end() {
        own.isEnded = true
        return { ...USE, readings: watches.length }
      },
    }
  }
  const receive = createQueue({
    send: (message) => told.push(message as Message),
    start(_, hear) {
      heard = hear
      return (job) => jobs.push(job)
    },
    bytes: () => 7,
    ...(hasWatch && { watchGpu }),
  })
  receive({ kind: 'configure', library: null, settings: {} as never, isPooled: false, isBackground: false })
  const progress = (id: string) =>
    heard({
      ...{ type: 'event', id },
      event: {
        type: 'progress',
        message: '',
        done: 1,
        total: 2,
        rate: null,
        unit: 'blocks',
        secondsLeft: null,
      },
    })
  const reply = (id: string) =>
    heard({ type: 'reply', id, value: { finished: true, seconds: 1, series: [] } as never })
  return { told, jobs, watches, receive, hear: (message: WorkerMessage) => heard(message), progress, reply }
}

const eventsOf = (told: Message[]) => told.flatMap((one) => (one.kind === 'event' ? [one.event] : []))
const repliesOf = (told: Message[]) => told.flatMap((one) => (one.kind === 'reply' ? [one.value] : []))

test('a job is watched from its start, or from when it is known what computes, to its end', () => {
  const { told, watches, receive, hear, progress, reply } = queueWith()
  receive(request('a'))
  receive(request('b'))
  progress('a')
  expect(watches).toHaveLength(0)
  hear({ type: 'ready', device })
  expect(watches).toHaveLength(1)
  progress('a')
  reply('a')
  expect(watches.map(({ isEnded }) => isEnded)).toEqual([true, false])
  reply('b')
  expect(watches.map(({ isEnded }) => isEnded)).toEqual([true, true])
  const own = eventsOf(told).filter((event) => 'bytes' in event)
  expect(own).toMatchObject([{ bytes: 7 }, { bytes: 7, gpu: USE }])
  expect(own[0]).not.toHaveProperty('gpu')
  expect(repliesOf(told)).toMatchObject([{ gpu: { ...USE, readings: 1 } }, { gpu: { ...USE, readings: 2 } }])
})

test('a watch knows of a pause, and ends where a job fails', () => {
  const { watches, receive, hear } = queueWith()
  hear({ type: 'ready', device })
  receive(request('a'))
  expect(watches[0].isPaused()).toBe(false)
  receive({ kind: 'request', id: 'c', place: null, body: { type: 'control', job: 'a', action: 'pause' } })
  expect(watches[0].isPaused()).toBe(true)
  hear({ type: 'error', id: 'a', error: { message: 'no', reason: 'failed' } })
  expect(watches[0].isEnded).toBe(true)
})

test('where nobody watches nothing is said', () => {
  const { told, receive, hear, progress, reply } = queueWith(false)
  hear({ type: 'ready', device })
  receive(request('a'))
  progress('a')
  reply('a')
  expect(eventsOf(told)[0]).not.toHaveProperty('gpu')
  expect(repliesOf(told)[0]).not.toHaveProperty('gpu')
})

test('after a job that the pool of memory is too small for, nothing begins: the host is told', () => {
  const { told, jobs, receive, hear } = queueWith()
  receive(request('a'))
  receive(request('b'))
  told.length = 0
  hear({ type: 'beyond-pool', id: 'a' })
  expect(told).toEqual([{ kind: 'beyond-pool' }])
  expect(jobs.map(({ id }) => id)).toEqual(['a'])
})
