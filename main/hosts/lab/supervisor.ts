import type { ErrorDetail, Notice, Place, Response, WithoutGpu } from '../../../shared/protocol/protocol'
import {
  DEFAULT_HOST_SETTINGS,
  isWebGpu,
  trainerSettings,
  type TrainerSettings,
} from '../../../shared/protocol/host-settings'
import type { TensorFlowLibrary } from '../../runtime'
import { WORKBENCH_WORDS, type DeathWords } from './death'
import { createDeviceInUse, joined, type DeviceInUse } from './device-in-use'
import type { StandIn } from './next-device'
import { answer, createJobs, type Job, type JobRequest } from './supervisor-jobs'
import { createRest, type RestOptions } from './supervisor-rest'
import { beginLife, type FromTrainer, type SpawnTrainer, type TrainerLife } from './trainer-life'

export type { SpawnTrainer, TrainerProcess } from './trainer-life'
export type TrainerNotice = Extract<Notice, { type: 'trainer' }>

export interface SupervisorOptions {
  spawn: SpawnTrainer
  /** Told whenever the state changes. */
  onNotice: (notice: TrainerNotice) => void
  /** A life shorter than this counts as quick; after `quickDeaths` of them in a row the next device computes. */
  quickMs?: number
  quickDeaths?: number
  /** How long the trainer may take to be ready. TensorFlow's library is large, and disks can be slow. */
  startMs?: number
  /** What is said after a death; left out: the workbench's. */
  words?: DeathWords
  /** Says what is wrong with the library that a trainer died of, in sentences; must end, and not throw. */
  explain?: () => Promise<string>
  rest?: RestOptions
  /** What the first process is started with. */
  settings?: TrainerSettings
  /** Lets other processes of this machine go first. */
  isBackground?: boolean
}

export type Supervisor = ReturnType<typeof createSupervisor>

/**
 * Owns the trainer's process: starts it, shares it between front ends, and starts it again when it dies.
 * Requests that were running then are answered as interrupted; requests that come while it starts wait.
 */
export function createSupervisor(options: SupervisorOptions) {
  const {
    spawn,
    onNotice,
    quickMs = 10_000,
    quickDeaths = 3,
    startMs = 120_000,
    words = WORKBENCH_WORDS,
    explain = () => Promise.resolve(''),
    isBackground = false,
  } = options
  let settings = options.settings ?? trainerSettings(DEFAULT_HOST_SETTINGS)
  /** The process was started with other settings; it is replaced when it has nothing to do. */
  let isOutdated = false
  const inUse = createDeviceInUse(settings.device)
  /** The library to work with from the end of what runs now. */
  let next: TensorFlowLibrary | null = null
  let trainer: TrainerLife | null = null
  let shortLives = 0
  let restartTimer: NodeJS.Timeout | undefined
  let closed = false
  /** Started again in silence: for the front ends it is as ready as before. */
  let recycled = false
  const rest = createRest(options.rest ?? {}, { ask: () => trainer?.send({ kind: 'memory' }), recycle })
  const jobs = createJobs({ tell: (message) => trainer?.send(message), busy: rest.busy, idle })
  let notice = trainerNotice('starting', 'Starting.')

  function tell(state: TrainerNotice['state'], message: string, rest: Partial<TrainerNotice> = {}) {
    notice = { ...trainerNotice(state, message), ...rest }
    onNotice(notice)
  }

  /** @param isPooled TensorFlow may use its pool of memory */
  function launch(isPooled = true) {
    if (closed) return
    isOutdated = false
    const own = { ...settings, device: inUse.choice }
    const configuration = { kind: 'configure', library: inUse.library, settings: own, isPooled, isBackground }
    trainer = beginLife(spawn, configuration, { startMs, quickMs }, { heard, died })
  }

  function died(how: string, wasQuick: boolean) {
    trainer = null
    rest.busy()
    recycled = false
    jobs.interruptAll(`The process that computes has ended (${how}). ${words.hint(how.includes('SIGKILL'))}`)
    // Whoever heard of it may have closed the laboratory.
    if (closed) return
    shortLives = wasQuick ? shortLives + 1 : 0
    if (shortLives >= quickDeaths) return cannotLive(how)
    tell('restarting', `The process that computes has ended (${how}); it is being started again.`)
    // The first time at once, then with growing pauses, so that a machine in trouble gets some rest.
    restartTimer = setTimeout(launch, shortLives > 1 ? 500 * shortLives : 0)
  }

  function cannotLive(how: string) {
    const often = shortLives > 1 ? ` ${shortLives} times in a row` : ''
    const what = `ended${often} as soon as it was started (${how}).`
    if (!inUse.isLast) return void goOnAfter(what)
    const message = `The process that computes ${what} ${words.givenUp}`
    tell('failed', message)
    jobs.refuseWaiting({ message, reason: 'failed' })
  }

  /** The next device computes: slow is better than nothing. */
  async function goOnAfter(what: string) {
    const { library, next, name, choice } = inUse
    const asked = settings
    const cause = `${name} ${what}`
    const isOfLibrary = !isWebGpu(choice)
    tell('restarting', isOfLibrary ? `${cause} Its files are being checked.` : cause)
    const why = isOfLibrary ? await explain() : ''
    // Another may have been chosen meanwhile.
    if (closed || inUse.library !== library) return
    shortLives = 0
    if (next === null) inUse.giveUpLibrary(joined(cause, why))
    else if (settings === asked) inUse.replace(next, joined(cause, why, words.nextDevice))
    tell('starting', inUse.library ? 'Another device is being made ready.' : inUse.beginning)
    launch()
  }

  /** The next device computes, in a new process; what ran on a GPU that was lost is interrupted. */
  function goOnWithoutGpu({ isLost, why }: WithoutGpu) {
    inUse.replace(inUse.next ?? 'auto', why)
    jobs.interruptAll(
      `${why} Run it again, or go on with it where it can be: another device computes from now on. ` +
        'In the settings WebGPU can be chosen anew.',
    )
    if (closed) return
    recycled = false
    tell(isLost ? 'restarting' : 'starting', `${why} Another device is being made ready.`)
    replace()
  }

  /** Quietly: nothing runs, and what comes meanwhile waits. */
  function recycle() {
    recycled = true
    replace()
  }

  /** Quietly, too: no job has begun, and all wait for the process without a pool. */
  function goOnWithoutPool() {
    jobs.putBack()
    recycled = true
    replace(false)
  }

  /**
   * Starts the trainer with this library (null: without one), in place of a running one.
   * @param note why it is no better one @param instead what computes in place of what the settings ask for, if known
   */
  function start(library: TensorFlowLibrary | null, note = '', instead: StandIn | null = null) {
    const old = trainer
    trainer = null
    clearTimeout(restartTimer)
    rest.busy()
    recycled = false
    next = null
    inUse.begin(library, note, instead)
    shortLives = 0
    if (old) {
      old.end()
      jobs.interruptAll('TensorFlow’s library was changed while this was running. Run it again.')
    }
    tell('starting', inUse.beginning)
    launch()
  }

  /** Nothing runs, so that nothing is lost; what comes meanwhile waits. */
  function renew() {
    recycled = false
    tell('starting', 'The process that computes starts again with the new settings.')
    replace()
  }

  function replace(isPooled = true) {
    const old = trainer
    rest.busy()
    launch(isPooled)
    old?.end()
  }

  function heard(message: FromTrainer) {
    if (message.kind === 'without-gpu') return goOnWithoutGpu(message)
    if (message.kind === 'beyond-pool') return goOnWithoutPool()
    if (message.kind === 'memory') return rest.heard(message, !jobs.isRunning)
    if (message.kind === 'notice') {
      if (message.type !== 'trainer' || message.state !== 'ready') return
      trainer?.ready()
      const { device } = message
      inUse.found(device)
      if (!recycled)
        tell('ready', joined(message.message, inUse.notes(device)), { device: device && inUse.noted(device) })
      recycled = false
      rest.ready()
      jobs.passWaiting()
      return
    }
    if (message.kind !== 'event' || !('device' in message.event)) return jobs.hear(message)
    jobs.hear({ ...message, event: { ...message.event, device: inUse.noted(message.event.device) } })
  }

  /** Nothing runs any more. */
  function idle() {
    if (next) start(next)
    else if (isOutdated) renew()
    else rest.idle()
  }

  return {
    get notice(): TrainerNotice {
      return notice
    },

    /** What it computes on, and why it is no better one. */
    get inUse(): Pick<DeviceInUse, 'library' | 'libraryNote' | 'failedLibrary' | 'standIn'> {
      return inUse
    },

    /** Whether something runs, or waits to. */
    get isBusy(): boolean {
      return jobs.isBusy
    },

    /** Whether it has this job, running or waiting. */
    has: jobs.has,

    /** Says what is done before the trainer can be started (installing its library). */
    preparing(message: string, progress: number | null) {
      if (!trainer) tell('starting', message, { progress })
    },

    start,

    /** Starts the trainer with this library as soon as nothing runs. */
    startAfterRun(library: TensorFlowLibrary) {
      if (trainer && jobs.isRunning) next = library
      else start(library)
    },

    /**
     * What the process that computes is started with from now on. One that has nothing to do starts again at once, one
     * that runs something when that has ended.
     * @param isDeviceChosen a person has just chosen the device: what it has failed of before is tried again
     * @returns when it does; null: it need not, or is not started yet
     */
    configure(changed: TrainerSettings, isDeviceChosen = false): 'now' | 'after the run' | null {
      const isSame = (Object.keys(changed) as (keyof TrainerSettings)[]).every(
        (k) => changed[k] === settings[k],
      )
      const { standIn, failedLibrary } = inUse
      const hasFallen = standIn !== null || failedLibrary !== null || notice.state === 'failed'
      if (isSame && !(isDeviceChosen && hasFallen)) return null
      settings = changed
      inUse.ask(changed.device)
      if (isDeviceChosen) next ??= failedLibrary
      if (!trainer && notice.state !== 'failed') return null
      isOutdated = true
      if (jobs.isRunning) return 'after the run'
      idle()
      return 'now'
    },

    request(
      owner: object,
      request: JobRequest,
      send: (response: Response) => void,
      place: Place | null = null,
    ) {
      const job: Job = { owner, request, place, send }
      // What was got ready meanwhile has nobody left to do it.
      if (closed) return answer(job, CLOSED)
      if (notice.state === 'ready' && !recycled) return jobs.pass(job)
      const { body } = request
      if (body.type === 'control' && body.action === 'stop' && jobs.stopWaiting(owner, body.job)) {
        return send({ kind: 'reply', id: request.id, value: null })
      }
      jobs.wait(job)
      if (notice.state !== 'failed') return
      // Someone asks again, so it is worth one more try; the next quick death ends it.
      shortLives = quickDeaths - 1
      tell('restarting', 'The process that computes is being started again.')
      launch()
    },

    /** A front end has gone: nobody wants its results. */
    disconnect: jobs.disconnect,

    close() {
      closed = true
      clearTimeout(restartTimer)
      rest.busy()
      const old = trainer
      trainer = null
      jobs.interruptAll(CLOSED.message)
      jobs.refuseWaiting(CLOSED)
      old?.end()
    },
  }
}

const CLOSED: ErrorDetail = { message: 'The laboratory was closed.', reason: 'interrupted' }

function trainerNotice(state: TrainerNotice['state'], message: string): TrainerNotice {
  return { kind: 'notice', type: 'trainer', state, device: null, message, progress: null }
}
