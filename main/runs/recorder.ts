import { version } from '../../package.json'
import { InputError, messageOf } from '../../shared/base/errors'
import { isJob, prepareJob, type JobBody, type Kept, type Watched } from '../../shared/protocol/jobs'
import type { DeviceStatus, ErrorDetail, Place, Request, Response } from '../../shared/protocol/protocol'
import { runCommand } from '../../shared/runs/command'
import type { XlaChoice } from '../../shared/runs/computed'
import { fieldsOf } from '../../shared/runs/curves'
import { isTrainingKind, type RunKind } from '../../shared/runs/run'
import type { Experiment } from '../../shared/settings/experiment'
import type { RunSweep } from '../../shared/sweep/run-sweep'
import { environmentOf } from './environment'
import type { NewRun, RunLibrary } from './library'

/** A result that was put together without a job. */
export interface MadeRun {
  kind: RunKind
  experiment: Experiment
  /** What a job's event at its start is for others. */
  started: unknown
  result: unknown
  seconds: number
  /** Null: its id. */
  name: string | null
  /** The sweep that it is a point of; left out: of none. */
  sweep?: RunSweep
}

type Answer = (response: Response) => void
type Pass<R extends Request> = (request: R, place: Place | null, answer: Answer) => void

export type Recorder = ReturnType<typeof createRecorder>

/**
 * Turns jobs into runs, between whoever asks for them and the trainer: what the job told at its start and what it
 * replied are kept, and the reply names the run. A result that cannot be kept is answered all the same.
 * @param library null: nothing is kept
 */
export function createRecorder(library: RunLibrary) {
  /** Jobs whose folders are still to be got ready. */
  let beginning: Promise<unknown> | null = null
  /** Runs that are being written. */
  const writing = new Set<Promise<unknown>>()

  function written<T>(work: Promise<T>): Promise<T> {
    writing.add(work)
    return work.finally(() => writing.delete(work))
  }

  /** Measurements that a newer one has superseded, by whoever asked for them: what they still find is no run. */
  const superseded = new WeakMap<object, Set<string>>()

  /**
   * @param isWanted whether whoever asked is still there
   * @param from whoever asks: ids of requests are its own
   */
  function record<R extends Request>(
    request: R,
    answer: Answer,
    pass: Pass<R>,
    isWanted = () => true,
    from: object = superseded,
  ): void {
    const { body, id } = request
    if (!superseded.has(from)) superseded.set(from, new Set())
    const unwanted = superseded.get(from)!
    if (!isJob(body)) {
      if (body.type === 'control' && body.keep === false) unwanted.add(body.job)
      // What is said to a job must not come before it.
      if (beginning) void beginning.then(() => pass(request, null, answer))
      else pass(request, null, answer)
      return
    }
    if (body.resume !== undefined) {
      const ready = resume(request, body, body.resume, answer, pass, isWanted)
      const all = Promise.allSettled([beginning, ready]).then(() => {
        if (beginning === all) beginning = null
      })
      beginning = all
      return
    }
    let place: Place | null = null
    try {
      if (body.trained !== undefined)
        place = { folder: library.trained(body.trained), resume: true, isReadOnly: true }
    } catch (error) {
      return answer(refusal(request, error))
    }
    if (body.keep) keep(request, body, place, answer, pass, () => !unwanted.delete(id))
    else pass(request, place, answer)
  }

  /** @param place of the networks that it looks at; null: its own @param isToBeKept asked once, at the end */
  function keep<R extends Request>(
    request: R,
    body: JobBody,
    place: Place | null,
    answer: Answer,
    pass: Pass<R>,
    isToBeKept: () => boolean,
  ): void {
    let run: NewRun
    try {
      run = newRun(body)
    } catch {
      // The trainer refuses it, in its own words.
      return pass(request, place, answer)
    }
    if (place || !isTrainingKind(run.kind)) return pass(request, place, measured(run, answer, isToBeKept))
    try {
      const { id, folder } = library.begin(run)
      pass(
        request,
        { folder, resume: false },
        trained(id, run, answer, () => library.discard(id)),
      )
    } catch (error) {
      if (error instanceof InputError) return answer(refusal(request, error))
      // It is trained all the same, without checkpoints; perhaps there is room at its end.
      pass(request, null, measured(run, answer, isToBeKept))
    }
  }

  async function resume<R extends Request>(
    request: R,
    body: JobBody,
    id: string,
    answer: Answer,
    pass: Pass<R>,
    isWanted: () => boolean,
  ): Promise<void> {
    try {
      const { folder, experiment, request: asked } = await library.resume(id)
      const run = {
        ...newRun({ ...body, ...asked, experiment: asDocument(experiment) } as JobBody),
        experiment,
      }
      if (!isWanted()) return void (await library.interrupt(id))
      const again = { ...request, body: { ...body, ...asked, experiment: asDocument(experiment) } }
      // What it had learned before stays, whatever becomes of this.
      pass(
        again,
        { folder, resume: true },
        trained(id, run, answer, () => library.interrupt(id)),
      )
    } catch (error) {
      answer(refusal(request, error))
    }
  }

  /** Answers for a job that is kept at its end. */
  function measured(run: NewRun, answer: Answer, isToBeKept: () => boolean): Answer {
    return listening(run, answer, {
      ended: async (outcome, started) =>
        isToBeKept() && started !== null ? library.keep(run, outcome) : null,
      failed: () => Promise.resolve(),
    })
  }

  /** Answers for a job that has a folder. @param unstarted what becomes of the folder of one that never started */
  function trained(id: string, run: NewRun, answer: Answer, unstarted: () => Promise<unknown>): Answer {
    const hear: Answer = (response) => {
      // How far it is, should its process die: no more depends on it.
      if (
        response.kind === 'event' &&
        response.event.type === 'checkpoint' &&
        response.event.problem === null
      )
        void written(library.progress(id, response.event.step)).catch(() => {})
      answer(response)
    }
    return listening(run, hear, {
      ended: async (outcome, started) => {
        if (started !== null) return library.end(id, outcome)
        await unstarted()
        return null
      },
      failed: async (started) => void (await (started === null ? unstarted() : library.interrupt(id))),
    })
  }

  interface Endings {
    ended(outcome: Parameters<RunLibrary['keep']>[1], started: unknown): Promise<Kept['run']>
    failed(started: unknown): Promise<void>
  }

  function listening(run: NewRun, answer: Answer, { ended, failed }: Endings): Answer {
    let started: { device?: DeviceStatus } | null = null
    return (response) => {
      if (response.kind === 'event') {
        if ('device' in response.event) started = response.event
        return answer(response)
      }
      if (response.kind === 'error')
        return void written(failed(started).catch(() => {})).then(() => answer(response))
      const reply = response.value as Watched & { seconds: number; finished: boolean; xla?: XlaChoice | null }
      const { seconds, gpu, xla, ...result } = reply
      const { kind, experiment, created, command } = run
      const device = started?.device ?? null
      const computed = { device, xla, gpu, seconds }
      const environment = environmentOf({ kind, experiment, start: created, command, ...computed })
      const state = result.finished ? 'finished' : 'stopped'
      void written(ended({ state, started, result, seconds, environment }, started)).then(
        (entry) =>
          answer({ ...response, value: { ...response.value, run: entry ?? null } as typeof response.value }),
        (error) => {
          const kept: Kept = { run: null, runProblem: messageOf(error) }
          answer({ ...response, value: { ...response.value, ...kept } as typeof response.value })
        },
      )
    }
  }

  return {
    record,

    /** Keeps what was put together elsewhere. @throws InputError; Error that names cause and hint */
    keep(made: MadeRun) {
      const { kind, experiment, started, result, seconds, name, sweep } = made
      const created = new Date(Date.now() - seconds * 1000).toISOString()
      const command = runCommand(kind, experiment, fieldsOf(started))
      const run: NewRun = { kind, name, experiment, request: {}, command, version, created, sweep }
      const environment = environmentOf({
        kind,
        experiment,
        device: deviceIn(started),
        start: created,
        seconds,
        command,
      })
      const state = fieldsOf(result).finished === false ? 'stopped' : 'finished'
      return written(library.keep(run, { state, started, result, seconds, environment }))
    },

    /** Resolves when everything is on the disk. */
    async close(): Promise<void> {
      while (writing.size) await Promise.allSettled(writing)
      await library.close()
    },
  }
}

/** A job's request as a run. @throws InputError where it cannot be run */
function newRun(body: JobBody): NewRun {
  const { type, keep: _keep, name = null, resume: _resume, sweep, ...rest } = body
  const { experiment } = prepareJob(body)
  const { experiment: _given, ...request } = rest
  return {
    kind: type,
    name,
    experiment,
    request,
    command: runCommand(type, experiment, request),
    version,
    created: new Date().toISOString(),
    sweep,
  }
}

function deviceIn(started: unknown): DeviceStatus | null {
  const { device } = (started ?? {}) as { device?: DeviceStatus }
  return device ?? null
}

const asDocument = (experiment: Experiment) => experiment as unknown as Record<string, unknown>

function refusal({ id }: Request, error: unknown): Response {
  const reason: ErrorDetail['reason'] = error instanceof InputError ? 'input' : 'failed'
  return { kind: 'error', id, error: { message: messageOf(error), reason } }
}
