import { InputError } from '../../../shared/base/errors'
import {
  isJob,
  parseRequest,
  type LabEvent,
  type Message,
  type Notice,
  type Replies,
  type Request,
  type RequestBody,
  type RequestType,
  type SavedSettings,
} from '../../../shared/protocol/protocol'
import { homepage, version } from '../../../package.json'
import type { HostSettings } from '../../../shared/protocol/host-settings'
import { RuntimeError, explainRuntime, type RuntimeOptions } from '../../runtime'
import type { SpawnTrainer, TrainerNotice } from './supervisor'
import type { JobRequest } from './supervisor-jobs'
import { openLog } from '../../files/log'
import { openRunLibrary } from '../../runs/library'
import { createRecorder } from '../../runs/recorder'
import { aboutAnswers } from './about-answers'
import { openBlockLibrary } from './block-library'
import { createDataSets } from './data-sets'
import { createDataWork } from './data-work'
import { closeToOthers, serialised } from '../../files/data-folder'
import type { Answers, Asker, Connection, FrontEnd } from './front-end'
import { createTensorFlowLibrary, sentencesOf } from './tensorflow-library'
import { createWaiting, messageBytes } from './limits'
import { machineFacts } from './machine'
import { createNewerVersion, releaseAddress } from './newer-version'
import { openRecentFiles } from './recent-files'
import { createLabQueue } from './queue'
import { createQueueJobs } from './queue-jobs'
import { createLabRuns } from './runs'
import { openSettings } from './settings'
import { createTrainers } from './trainers'
import { createTurns } from './turns'
import { windowAnswers } from './window-answers'
import { createWorkspaces } from './workspaces'

/** What a host brings to the laboratory. */
export interface LabOptions {
  host: 'electron' | 'browser'
  spawn: SpawnTrainer
  /** Where the autosaved workspace is kept. */
  folder: string
  runtime?: RuntimeOptions
  /** Gets TensorFlow's library unasked where none was ever installed; left out: where `npm start` has begun this. */
  fetchesLibrary?: boolean
  /** What people must know of how the host was started; shown until they have read it. */
  warning?: string | null
  /** The list of recent files has changed. @param added the file that it begins with now, where one was added */
  onRecent?: (added: string | null) => void
  /** Shows a folder in the system's file manager, where the host can. */
  showFolder?: (folder: string) => Promise<void>
  /** What is asked for a newer version; left out: what package.json names, if anything. */
  releases?: string | null
  /** What works with samples; left out: a thread of this process. */
  dataWork?: ReturnType<typeof createDataWork>
  /** Where the bundle of the host's thread lies; left out: beside the host's. */
  threadFolder?: string
  /** Also told what the front ends are told about the trainer. */
  onTrainer?: (notice: TrainerNotice) => void
}

export type Lab = ReturnType<typeof createLab>

/** Answers every request of shared/protocol/, for any host: the trainer's by passing them on, the others here. */
export function createLab(options: LabOptions) {
  const { host, folder, releases = releaseAddress(homepage) } = options
  const { fetchesLibrary = process.env.RESIDUAL_LAB_FETCH === '1' } = options
  closeToOthers(folder)
  const connections = new Set<Connection>()
  const tellAll = (notice: Notice) => connections.forEach((one) => one.send(notice))
  const frontEnds = new WeakMap<Connection, FrontEnd>()
  /** Saves that have not reached the disk. */
  const saves = new Set<Promise<unknown>>()
  const log = openLog(folder)
  log.add(`Residual Lab ${version} begins (${host}).`)
  const inTurn = serialised(folder)
  const frontEndOf = (connection: Connection): FrontEnd => frontEnds.get(connection) ?? {}
  const workspaces = createWorkspaces({ folder, inTurn, frontEndOf, keep, tellOthers })
  const recent = openRecentFiles(folder, inTurn, options.onRecent)
  const blocks = openBlockLibrary(folder, inTurn)
  const settings = openSettings(folder, inTurn)
  const runLibrary = openRunLibrary(folder, inTurn, {
    megabytes: () => settings.settings.runsMegabytes,
    onChange: (changed, gone) => tellAll({ kind: 'notice', type: 'runs', changed, gone }),
  })
  const recorder = createRecorder(runLibrary)
  const stopping = new AbortController()
  const runtime: RuntimeOptions = { ...options.runtime, signal: stopping.signal }
  const trainers = createTrainers({
    spawn: options.spawn,
    settings: settings.settings,
    explain: () => explainRuntime(runtime),
    onNotice(notice) {
      // Progress is told many times a second.
      if (notice.progress === null) log.add(`trainer ${notice.state}: ${notice.message}`)
      options.onTrainer?.(notice)
      tellAll(notice)
    },
    onTrainingNotice({ state, message }) {
      log.add(`trainer of trainings ${state}: ${message}`)
    },
  })
  const turns = createTurns(() => queue.wake(), trainers.competesWithQueue)
  const record = turns.counting(recorder.record)
  const queue = createLabQueue({
    ...{ folder, inTurn, turns, tell: tellAll },
    tools: {
      library: runLibrary,
      keep: recorder.keep,
      job: createQueueJobs(recorder.record, trainers.background),
    },
    log: (line) => log.add(line),
  })
  const dataWork = options.dataWork ?? createDataWork(folder)
  const dataSets = createDataSets({
    folder,
    runtime,
    work: dataWork.work,
    frontEndOf,
    onChange: () => tellAll({ kind: 'notice', type: 'data' }),
  })
  const runs = createLabRuns({
    ...{ folder, library: runLibrary, recorder, record, trainers, frontEndOf, keep },
    pathOf: dataSets.pathOf,
    threadFolder: options.threadFolder,
  })
  const newer = createNewerVersion({
    ...{ address: releases, current: version, signal: stopping.signal, log: (line) => log.add(line) },
    onNewer: (words) => tellAll({ kind: 'notice', type: 'newer', words }),
  })
  const library = createTensorFlowLibrary({ runtime, trainers, log, fetches: fetchesLibrary })

  function start() {
    // Only where the user has asked for it.
    if (settings.settings.versionNotice) void newer.look()
    queue.start()
    return library.start()
  }

  async function changeSettings(changes: Record<string, unknown>, from: Connection): Promise<SavedSettings> {
    const saved: HostSettings = await settings.save(changes)
    tellOthers(from, { kind: 'notice', type: 'settings', settings: saved })
    return { settings: saved, restart: trainers.configure(saved, 'device' in changes) }
  }

  function tellOthers(
    from: Connection,
    notice: Notice,
    isConcerned: (one: Connection) => boolean = () => true,
  ) {
    for (const one of connections) if (one !== from && isConcerned(one)) one.send(notice)
  }

  /** Closing waits for it. */
  function keep<T>(save: Promise<T>): Promise<T> {
    saves.add(save)
    return save.finally(() => saves.delete(save))
  }

  /** Requests that are answered here, without the trainer. */
  const answers: Answers<Exclude<RequestType, JobRequest['body']['type']>> = {
    hello: () => ({
      ...{ host, version, platform: process.platform },
      device: trainers.notice.device,
      warning: options.warning ?? null,
    }),
    'runtime.status': () => library.reply(),
    'settings.load': async () => {
      // First, since it takes a while: what is changed meanwhile must not come back as it was before.
      const machine = await machineFacts(runtime)
      const { settings: now, problem } = settings
      return { settings: now, problem, machine, folder, releases }
    },
    'settings.save': ({ changes }, { from }) => keep(changeSettings(changes, from)),
    'runtime.install': ({ from: file, gpu }, { from, tell }) =>
      library.install({ from: file, gpu }, tell, frontEndOf(from)),
    'runtime.cancel': () => {
      library.cancel()
      return null
    },
    'library.list': () => blocks.list(),
    'library.save': ({ block, replace }) => keep(blocks.save(block, replace)),
    'library.rename': ({ block, name }) => keep(blocks.rename(block, name)),
    'library.remove': ({ block }) => blocks.remove(block),
    ...windowAnswers({ recent, frontEndOf, keep }),
    ...aboutAnswers({
      ...{ host, folder, log, runtime: library.reply, showFolder: options.showFolder },
      trainer: () => trainers.notice,
      askVersion: () => newer.ask(),
    }),
    ...workspaces.answers,
    ...runs.answers,
    ...queue.answers,
    ...dataSets.answers,
  }

  async function answerHere(request: Request, from: Connection, send: (message: Message) => void) {
    const { id, body } = request
    const answer = answers[body.type as keyof typeof answers] as (
      body: RequestBody,
      asked: Asker,
    ) => Promise<Replies[RequestType]>
    const tell = (event: LabEvent) => send({ kind: 'event', id, event })
    try {
      const value = await answer(body, { id, from, tell })
      send({ kind: 'reply', id, value })
    } catch (error) {
      const isInput = error instanceof InputError || (error instanceof RuntimeError && error.badInput)
      const reason = isInput ? 'input' : 'failed'
      if (!isInput) log.add(`${body.type} failed: ${sentencesOf(error)}`)
      send({ kind: 'error', id, error: { message: sentencesOf(error), reason } })
    }
    // A front end that says hello has heard nothing yet.
    if (body.type !== 'hello') return
    send(trainers.notice)
    if (newer.found) send({ kind: 'notice', type: 'newer', words: newer.found })
  }

  return {
    /** Starts the trainer, after getting its library if that is missing. */
    start,

    recent,

    /** The workspace with this number holds a copy of another; what it held is kept beside it. */
    startWorkspace: (number: number, other: number) => workspaces.numbered(number).startWith(other),

    /** Lets a workspace begin anew. @returns the file in which the old one is kept; null: there was none */
    setWorkspaceAside: (number: number) => workspaces.numbered(number).setAside(),

    connect(sendMessage: (message: Message) => void, frontEnd: FrontEnd = {}): Connection {
      let open = true
      const send = (message: Message) => {
        if (open) sendMessage(message)
      }
      const waiting = createWaiting()
      const connection: Connection = {
        send,
        receive(message) {
          let request: Request
          let answered: () => void
          try {
            answered = waiting.admit(messageBytes(message))
          } catch (error) {
            return refuse(message, error, send)
          }
          const answer = (response: Message) => {
            if (response.kind === 'reply' || response.kind === 'error') answered()
            send(response)
          }
          try {
            request = parseRequest(message)
          } catch (error) {
            answered()
            return refuse(message, error, send)
          }
          const { body } = request
          if (body.type === 'control' && body.action === 'stop')
            runs.stop(({ id, from }) => id === body.job && from === connection)
          if (isForTrainer(request))
            record(
              request,
              answer,
              (one, place, hear) => trainers.request(connection, one, hear, place),
              () => open,
              connection,
            )
          else void answerHere(request, connection, answer)
        },
        close() {
          open = false
          connections.delete(connection)
          dataSets.left(connection)
          runs.stop(({ from }) => from === connection)
          trainers.disconnect(connection)
          turns.left(connection)
        },
      }
      connections.add(connection)
      frontEnds.set(connection, frontEnd)
      return connection
    },

    /** Resolves when the last save is on the disk. */
    async close() {
      stopping.abort()
      runs.stop(() => true)
      turns.close()
      const queued = queue.close()
      trainers.close()
      dataSets.close()
      dataWork.close()
      log.add('Residual Lab ends.')
      await Promise.allSettled(saves)
      await queued
      await recorder.close()
    },
  }
}

/** Requests that the trainer answers: jobs, and what is said to a running one. */
function isForTrainer(request: Request): request is JobRequest {
  return request.body.type === 'control' || isJob(request.body)
}

/** Something that is no request: whoever sent it hears why, if it left an id to answer to. */
function refuse(message: unknown, error: unknown, send: (message: Message) => void) {
  const id = (message as { id?: unknown } | null | undefined)?.id
  if (typeof id !== 'string' || id.length > 64) return
  send({ kind: 'error', id, error: { message: sentencesOf(error), reason: 'failed' } })
}
