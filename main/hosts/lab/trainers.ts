import { isTrainingKind } from '../../../shared/runs/run'
import { trainerSettings, type HostSettings } from '../../../shared/protocol/host-settings'
import type { Response } from '../../../shared/protocol/protocol'
import type { TensorFlowLibrary } from '../../runtime'
import { withChosenDevice } from './chosen-device'
import { createSupervisor, type Supervisor, type SupervisorOptions, type TrainerNotice } from './supervisor'
import type { JobRequest } from './supervisor-jobs'

/** A trainer of trainings that has nothing to do is ended after so long: it takes hundreds of megabytes. */
const IDLE_MS = 60_000

export interface TrainersOptions extends Omit<SupervisorOptions, 'settings' | 'isBackground'> {
  settings: HostSettings
  /** Told of the trainer of trainings, of which front ends know only by what they asked it for. */
  onTrainingNotice?: (notice: TrainerNotice) => void
  idleMs?: number
}

const settingsOf = (settings: HostSettings) => trainerSettings(withChosenDevice(settings))

/** Who is asked for jobs. */
export type JobTaker = Pick<Supervisor, 'request' | 'notice'>

export type Trainers = ReturnType<typeof createTrainers>

/**
 * The trainers of a host: one for everything or, where the settings say so, another one, at low priority, for trainings
 * and for what the queue does, so that measuring never waits for them. The other one is started when it is needed.
 */
export function createTrainers(options: TrainersOptions) {
  const { onTrainingNotice = () => {}, idleMs = IDLE_MS } = options
  let settings = options.settings
  const first = createSupervisor({ ...options, settings: settingsOf(settings) })
  let second: Supervisor | null = null
  let idleTimer: NodeJS.Timeout | undefined
  let isClosed = false

  function trainingSupervisor(): Supervisor {
    if (!second) {
      second = createSupervisor({
        ...options,
        settings: settingsOf(settings),
        onNotice: onTrainingNotice,
        isBackground: true,
      })
      const { library, libraryNote, standIn } = first.inUse
      second.start(library, libraryNote, standIn)
    }
    return second
  }

  function endWhenIdle() {
    clearTimeout(idleTimer)
    idleTimer = setTimeout(() => {
      if (second?.isBusy) return endWhenIdle()
      second?.close()
      second = null
    }, idleMs)
    idleTimer.unref()
  }

  /** @param isBackground whether nobody sits before what asks */
  function takerOf(owner: object, { body }: JobRequest, isBackground: boolean): Supervisor {
    // What is said to a job that has ended may go to either.
    if (body.type === 'control') return second?.has(owner, body.job) ? second : first
    const isSeparate = settings.separateTraining && (isBackground || isTrainingKind(body.type))
    return isSeparate && !isClosed ? trainingSupervisor() : first
  }

  const requestAs =
    (isBackground: boolean): Supervisor['request'] =>
    (owner, request, send, place) => {
      const taker = takerOf(owner, request, isBackground)
      const hear = (response: Response) => {
        if (response.kind !== 'event' && taker === second) endWhenIdle()
        send(response)
      }
      taker.request(owner, request, hear, place)
    }

  return {
    /** Of the trainer that measures. */
    get notice(): TrainerNotice {
      return first.notice
    },
    get failedLibrary(): TensorFlowLibrary | null {
      return first.inUse.failedLibrary
    },
    preparing: first.preparing,

    /** What a person asks for. */
    request: requestAs(false),

    /** What is done for nobody who sits and waits. */
    background: {
      request: requestAs(true),
      get notice(): TrainerNotice {
        return (second ?? first).notice
      },
    } as JobTaker,

    /** Whether a job that a person asks for keeps the queue from its work. */
    competesWithQueue: (type: string): boolean => !settings.separateTraining || isTrainingKind(type),

    start(library: TensorFlowLibrary | null, note = '') {
      first.start(library, note)
      second?.start(library, note)
    },

    /** Starts each trainer with this library as soon as it runs nothing. */
    startAfterRun(library: TensorFlowLibrary) {
      first.startAfterRun(library)
      second?.startAfterRun(library)
    },

    /** As a supervisor's; jobs that run stay where they are. */
    configure(changed: HostSettings, isDeviceChosen = false): 'now' | 'after the run' | null {
      settings = changed
      const trainer = settingsOf(changed)
      const restarts = [first, second].map((one) => one?.configure(trainer, isDeviceChosen) ?? null)
      return restarts.find((restart) => restart === 'after the run') ?? restarts[0] ?? restarts[1]
    },

    disconnect(owner: object) {
      first.disconnect(owner)
      second?.disconnect(owner)
      if (second) endWhenIdle()
    },

    close() {
      isClosed = true
      clearTimeout(idleTimer)
      first.close()
      second?.close()
    },
  }
}
