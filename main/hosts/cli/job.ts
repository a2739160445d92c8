import type { Experiment } from '../../../shared/settings/experiment'
import type { DeviceStatus, ErrorDetail, LabEvent, Response } from '../../../shared/protocol/protocol'
import type { JobBody, JobReply, JobType, Kept } from '../../../shared/protocol/jobs'
import { isTrainingKind } from '../../../shared/runs/run'
import { trainerSettings, type HostSettings } from '../../../shared/protocol/host-settings'
import { damageOfRuntime, ensureTensorFlow, explainRuntime, progressPrinter } from '../../runtime'
import { limitMemory, readMemoryOf } from '../../trainer/engine/machine-memory'
import { checkMemory } from '../../trainer/engine/memory'
import { NODE_MEMORY } from '../../trainer/node-memory'
import { dataFolder } from '../../files/data-folder'
import { createRecorder, type Recorder } from '../../runs/recorder'
import { withChosenDevice } from '../lab/chosen-device'
import { TERMINAL_WORDS } from '../lab/death'
import { readSettings } from '../lab/settings'
import { createSupervisor, type Supervisor } from '../lab/supervisor'
import { nodeTrainer } from '../lab/supervisor-node'
import { keptRun, openLibrary, type Keep } from './keep'

/** As messages carry it. */
export const asDocument = (experiment: Experiment) => experiment as unknown as Record<string, unknown>

type Body<T extends JobType> = Omit<JobBody<T>, 'type'>

/** Input that the trainer refuses, in its words: exit code 2, as where the command itself refuses it. */
export class RefusedInput extends Error {
  override readonly name = 'RefusedInput'
}

/** Ctrl+C: what was to be measured is not. */
export class Stopped extends Error {
  override readonly name = 'Stopped'

  constructor() {
    super('Stopped.')
  }
}

const GIB = 2 ** 30

export interface JobOptions {
  /** Told every event of the job. */
  follow?: (event: LabEvent) => void
  /** Ctrl+C ends the job with what it has found by then, which is returned: `finished` is false. */
  isPartWanted?: boolean
}

/** What a job gave. `run`: the id that the result is kept under; null: it is not kept. */
interface Answered<T extends JobType> {
  device: DeviceStatus
  result: JobReply<T>
  run: string | null
}

/**
 * One job, which computes as the settings of this machine say; progress goes to standard error. Where its result is
 * kept, Ctrl+C keeps what was found by then.
 * @param needed bytes of memory, as far as they are known before TensorFlow is loaded; asked for once it is known how
 *   much there is, which decides how deep networks are trained
 * @throws InputError, RefusedInput, Stopped
 */
export type RunJob = <T extends JobType>(
  type: T,
  settings: Body<T>,
  needed?: () => number,
  keep?: Keep,
  options?: JobOptions,
) => Promise<Answered<T>>

/** One job in a trainer process of its own. */
export const runJob: RunJob = (...job) => withTrainer((run) => run(...job))

/** Jobs that one trainer process does, which ends with them. */
export async function withTrainer<T>(work: (job: RunJob) => Promise<T>): Promise<T> {
  const trainer = openTrainer()
  try {
    return await work(trainer.run)
  } finally {
    trainer.close()
  }
}

/** A trainer process starts with the first job, and anew with the next one after one that failed or was stopped. */
function openTrainer(): { run: RunJob; close(): void } {
  let machine: HostSettings | null = null
  let started: StartedTrainer | null = null
  let onFailure = (_message: string) => {}
  const tellOnce = onceTeller()
  let requests = 0

  async function start(settings: HostSettings, signal: AbortSignal) {
    const trainer = await startTrainer(settings, {
      signal,
      tellOnce,
      onFailure: (message) => onFailure(message),
    })
    if (signal.aborted) throw new Stopped()
    started = trainer
    return started
  }

  function close() {
    const { supervisor } = started ?? {}
    started = null
    supervisor?.close()
  }

  const run: RunJob = async <T extends JobType>(
    type: T,
    settings: Body<T>,
    needed = () => 0,
    keep: Keep = { keep: false },
    { follow = () => {}, isPartWanted = false }: JobOptions = {},
  ) => {
    machine ??= machineSettings()
    const ofMachine = machine
    checkMemory(needed())
    return new Promise<Answered<T>>((resolve, reject) => {
      let device: DeviceStatus | null = null
      const end = (settle: () => void) => {
        process.off('SIGINT', stop)
        settle()
      }
      const fail = (settle: () => void) => {
        // First: closing answers the job, too, with less to say.
        end(settle)
        close()
      }
      onFailure = (message) => fail(() => reject(new Error(message)))
      const onEvent = (event: LabEvent) => {
        follow(event)
        if ('device' in event) {
          device = event.device
          if (device.note) tellOnce(device.note)
        }
        if (event.type === 'checkpoint' && event.problem !== null) tellOnce(event.problem)
        if (event.type === 'progress') showProgress(event)
      }
      const body = { type, ...settings, ...keep } as JobBody
      const needsLibrary = keep.keep || body.resume !== undefined || body.trained !== undefined
      const recorder = needsLibrary ? createRecorder(openLibrary()) : null
      const record = recorder?.record ?? passOn
      const interrupted = new AbortController()
      const id = String(++requests)
      let isAsked = false
      let isStopping = false
      const stop = () => {
        interrupted.abort()
        clearProgress()
        const isLost = !isAsked || !(keep.keep || isPartWanted)
        if (isLost || isStopping) return fail(() => reject(new Stopped()))
        isStopping = true
        process.stderr.write('Stopping; once more ends at once.\n')
        const control = { type: 'control', job: id, action: 'stop' } as const
        const request = { kind: 'request', id: String(++requests), body: control } as const
        started?.supervisor.request(started.supervisor, request, () => {})
      }
      process.on('SIGINT', stop)
      const ready = started ? Promise.resolve(started) : start(ofMachine, interrupted.signal)
      ready
        .then(({ supervisor, hasLibrary }) => {
          const hear = (response: Response) => {
            if (response.kind === 'event') return onEvent(response.event)
            clearProgress()
            if (response.kind === 'error')
              return fail(() => void withDamage(response.error, hasLibrary).then(errorOf).then(reject))
            const run = keptRun(response.value as Kept)
            if (isStopping && run) process.stderr.write(`${keptWords(type)} is kept as ${run}.\n`)
            if (isStopping && !isPartWanted) return fail(() => reject(new Stopped()))
            end(() => {
              const answered = { device: device!, result: response.value as JobReply<T>, run }
              void (recorder?.close() ?? Promise.resolve()).then(() => resolve(answered))
            })
          }
          record({ kind: 'request', id, body }, hear, (request, at, answer) => {
            isAsked = true
            supervisor.request(supervisor, request, answer, at)
          })
        })
        .catch(reject)
    })
  }

  return { run, close }
}

/** A trainer process that is asked through its supervisor. */
interface StartedTrainer {
  supervisor: Supervisor
  /** Computes with TensorFlow's library rather than with the plain backend. */
  hasLibrary: boolean
}

interface StartOptions {
  /** Ends getting TensorFlow's library. */
  signal: AbortSignal
  tellOnce: (text: string) => void
  /** The process cannot live. */
  onFailure?: (message: string) => void
}

/** Starts the process that computes, after getting its library where that is missing. */
export async function startTrainer(
  settings: HostSettings,
  { signal, tellOnce, onFailure = () => {} }: StartOptions,
): Promise<StartedTrainer> {
  const { library, reason, hint } = await ensureTensorFlow(progressPrinter(process.stderr), { signal })
  if (!library && !signal.aborted) tellOnce(`${reason} ${hint}`)
  const supervisor = createSupervisor({
    spawn: nodeTrainer(),
    // A command is not a workbench: where the trainer cannot live, the command ends.
    quickDeaths: 1,
    quickMs: Infinity,
    words: TERMINAL_WORDS,
    explain: explainRuntime,
    settings: trainerSettings(settings),
    onNotice(notice) {
      if (notice.state === 'restarting') process.stderr.write(`${notice.message}\n`)
      if (notice.state === 'failed') onFailure(notice.message)
    },
  })
  if (!signal.aborted) supervisor.start(library)
  return { supervisor, hasLibrary: library !== null }
}

/** Says a line on standard error, and none twice. */
export function onceTeller(): (text: string) => void {
  const told = new Set<string>()
  return (text) => {
    if (told.has(text)) return
    told.add(text)
    clearProgress()
    process.stderr.write(`${text}\n`)
  }
}

/** Those of this machine, its limit of memory in force. */
export function machineSettings(): HostSettings {
  const { settings, problem } = readSettings(dataFolder())
  if (problem) process.stderr.write(`${problem}\n`)
  readMemoryOf(NODE_MEMORY)
  limitMemory(settings.memory === null ? null : settings.memory * GIB)
  return withChosenDevice(settings)
}

const keptWords = (type: JobType) => (isTrainingKind(type) ? 'What it has learned' : 'What was measured')

const passOn: Recorder['record'] = (request, answer, pass) => pass(request, null, answer)

/** What a trainer died of may be its library: an altered file crashes when it is used, not when it is loaded. */
async function withDamage(error: ErrorDetail, hasLibrary: boolean): Promise<ErrorDetail> {
  if (error.reason !== 'interrupted' || !hasLibrary || error.message.includes('SIGKILL')) return error
  const damage = await damageOfRuntime()
  return damage ? { ...error, message: `${error.message} ${damage}` } : error
}

const errorOf = ({ message, reason }: ErrorDetail) =>
  reason === 'input' ? new RefusedInput(message) : new Error(message)

export function showProgress({
  message,
  done,
  total,
  rate,
  unit,
  secondsLeft,
}: Extract<LabEvent, { type: 'progress' }>): void {
  if (!process.stderr.isTTY) return
  const left = secondsLeft === null ? '' : `, ${Math.ceil(secondsLeft)} s left`
  const speed = rate === null ? '' : `, ${rate.toPrecision(3)} ${unit}/s`
  process.stderr.write(`\r\x1b[K${message} (${Math.floor((100 * done) / total)} %${speed}${left})`)
}

export function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
}
