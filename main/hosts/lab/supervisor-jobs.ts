import { messageOf } from '../../../shared/base/errors'
import {
  unstarted,
  type ErrorDetail,
  type JobType,
  type Place,
  type Request,
  type Response,
} from '../../../shared/protocol/protocol'

export type JobRequest = Request & { body: Extract<Request['body'], { type: JobType | 'control' }> }

export interface Job {
  owner: object
  request: JobRequest
  /** Of a training that is kept: it is heard to its end, whoever has gone meanwhile. */
  place: Place | null
  send: (response: Response) => void
}

interface Actions {
  /** To the trainer that is there, if any. May throw. */
  tell(message: unknown): void
  /** A job is about to be passed on. */
  busy(): void
  /** The last that ran has ended. */
  idle(): void
}

/** The requests of all front ends to one trainer: those that it works on, and those that wait until it is ready. */
export function createJobs({ tell, busy, idle }: Actions) {
  /**
   * What the trainer works on, by the id it knows the request by: ids of two front ends may be equal, these
   * are not.
   */
  const running = new Map<string, Job>()
  let waiting: Job[] = []
  let lastId = 0

  /** Hands a request to the trainer, under an id of its own. */
  function pass(job: Job) {
    const id = String(++lastId)
    const { body } = job.request
    if (body.type !== 'control') {
      busy()
      running.set(id, job)
      try {
        tell({ kind: 'request', id, body, place: job.place })
      } catch (error) {
        ended(id)
        const reason = messageOf(error)
        answer(job, { message: `This request cannot be passed on (${reason}).`, reason: 'failed' })
      }
      return
    }
    const target = idOf(job.owner, body.job)
    // The job may have ended while the message was on its way: then there is nothing to do, and nothing is wrong.
    if (!target) return job.send({ kind: 'reply', id: job.request.id, value: null })
    running.set(id, job)
    tell({ kind: 'request', id, body: { ...body, job: target }, place: null })
  }

  function ended(id: string) {
    running.delete(id)
    if (running.size === 0) idle()
  }

  function idOf(owner: object, clientId: string): string | undefined {
    for (const [id, job] of running) {
      if (job.owner === owner && job.request.id === clientId && job.request.body.type !== 'control') return id
    }
    return undefined
  }

  /** Stopping a job that waits for the trainer is done here: it never started. @returns whether it waited */
  function stopWaiting(owner: object, clientId: string): boolean {
    const job = waiting.find((w) => w.owner === owner && w.request.id === clientId)
    if (!job) return false
    waiting = waiting.filter((w) => w !== job)
    const { type } = job.request.body
    if (type !== 'control') job.send({ kind: 'reply', id: clientId, value: unstarted(type) })
    return true
  }

  return {
    /** Whether the trainer works on any. */
    get isRunning(): boolean {
      return running.size > 0
    },

    /** Whether something runs, or waits to. */
    get isBusy(): boolean {
      return running.size > 0 || waiting.length > 0
    },

    /** Whether this job runs or waits. */
    has: (owner: object, clientId: string): boolean =>
      idOf(owner, clientId) !== undefined ||
      waiting.some((job) => job.owner === owner && job.request.id === clientId),

    pass,

    wait: (job: Job) => void waiting.push(job),

    /** The trainer is ready. */
    passWaiting: () => waiting.splice(0).forEach(pass),

    /** What the trainer has said to one of its ids. */
    hear(response: Response) {
      const job = running.get(response.id)
      // What a front end that has gone asked for: nobody waits for it.
      if (!job) return
      if (response.kind !== 'event') ended(response.id)
      job.send({ ...response, id: job.request.id })
    },

    /** What the trainer was given waits again, before all else: none of it has begun. */
    putBack() {
      const given = [...running.values()]
      running.clear()
      const isControl = (job: Job) => job.request.body.type === 'control'
      waiting.unshift(...given.filter((job) => !isControl(job)))
      for (const job of given.filter(isControl)) {
        const { id, body } = job.request
        if (body.type === 'control' && body.action === 'stop') stopWaiting(job.owner, body.job)
        job.send({ kind: 'reply', id, value: null })
      }
    },

    interruptAll(message: string) {
      const jobs = [...running.values()]
      running.clear()
      jobs.forEach((job) => answer(job, { message, reason: 'interrupted' }))
    },

    refuseWaiting: (error: ErrorDetail) => waiting.splice(0).forEach((job) => answer(job, error)),

    stopWaiting,

    /** A front end has gone: nobody wants its results. */
    disconnect(owner: object) {
      waiting = waiting.filter((job) => job.owner !== owner)
      for (const [id, job] of running) {
        if (job.owner !== owner) continue
        if (!job.place) ended(id)
        if (job.request.body.type === 'control') continue
        const body = { type: 'control', job: id, action: 'stop' }
        tell({ kind: 'request', id: String(++lastId), body, place: null })
      }
    },
  }
}

export function answer({ request, send }: Job, error: ErrorDetail) {
  send({ kind: 'error', id: request.id, error })
}
